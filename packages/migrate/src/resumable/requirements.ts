import type { Finding, Plan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import type { Session } from '@rowferry/postgres'
import { quoteIdentifier } from '@rowferry/postgres'
import { LEDGER_SCHEMA } from './ledger.ts'

/** What stands against committing a load in parts. Nothing where that was not asked for. */
export async function resumableFindings(session: Session, { options }: Plan): Promise<Finding[]> {
  if (!options.resumable) return []
  const refuse = (code: string, message: string, remedy: string): Finding =>
    finding({ code, severity: 'refuse', message, remedy })
  const findings: Finding[] = []
  if (options.onExisting !== 'refuse')
    findings.push(
      refuse(
        'RESUMABLE_NEEDS_EMPTY',
        `--resumable loads into tables that hold no rows, so that it can be undone, and --on-existing ${options.onExisting} was said`,
        'leave one of the two out',
      ),
    )
  if (options.onBadRow === 'quarantine')
    findings.push(
      refuse(
        'RESUMABLE_QUARANTINE',
        'rows cannot be set aside by a load that is committed in parts: their parents and children may be committed already',
        'leave --resumable or --on-bad-row quarantine out; rules that make the rows fit go together with it',
      ),
    )
  if (options.triggers === 'fire')
    findings.push(
      refuse(
        'RESUMABLE_TRIGGERS',
        'what triggers write elsewhere could not be undone with the load',
        '--triggers disable, or without --resumable',
      ),
    )
  if (options.schema === LEDGER_SCHEMA)
    findings.push(
      refuse(
        'LEDGER_SCHEMA_TAKEN',
        `the schema ${LEDGER_SCHEMA} is where the run keeps its ledger`,
        'another --schema',
      ),
    )
  return [...findings, ...(await schemaFindings(session))]
}

/** The ledger is made in a schema of its own, or in one of that name that is there for it and empty. */
async function schemaFindings(session: Session): Promise<Finding[]> {
  const [there] = await session.query(
    `select has_schema_privilege(oid, 'CREATE, USAGE') as may, exists (select from pg_catalog.pg_class where relnamespace = n.oid) as used
       from pg_catalog.pg_namespace n where nspname = $1`,
    [LEDGER_SCHEMA],
  )
  const { user, database } = session.server
  const [schema, role] = [quoteIdentifier(LEDGER_SCHEMA), quoteIdentifier(user)]
  const lacking = (right: string, on: string, grant: string): Finding =>
    finding({
      code: 'RIGHT_MISSING',
      severity: 'refuse',
      message: `${user} has no ${right} right on ${on}, where --resumable keeps its ledger`,
      remedy: grant,
    })
  if (there?.['used'] === 't')
    return [
      finding({
        code: 'LEDGER_SCHEMA_TAKEN',
        severity: 'refuse',
        message: `the target's schema ${LEDGER_SCHEMA} holds something, and the run keeps its ledger there`,
        remedy: `a kept ledger goes with: DROP SCHEMA ${schema} CASCADE; otherwise give that schema another name`,
      }),
    ]
  if (there)
    return there['may'] === 't'
      ? []
      : [lacking('CREATE', `schema ${LEDGER_SCHEMA}`, `GRANT ALL ON SCHEMA ${schema} TO ${role}`)]
  const [may] = await session.query(
    "select pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') as create",
  )
  if (may?.['create'] === 't') return []
  return [
    lacking(
      'CREATE',
      `database ${database}`,
      `GRANT CREATE ON DATABASE ${quoteIdentifier(database)} TO ${role}; or CREATE SCHEMA ${schema} AUTHORIZATION ${role}`,
    ),
  ]
}
