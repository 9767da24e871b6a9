import type { PgType, Table } from '@rowferry/introspect'
import type { Finding, Matching, PlanOptions } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import type { Session } from '@rowferry/postgres'
import { quoteTable } from '@rowferry/postgres'
import { CrossingError } from './failure.ts'

/** What `--nocase` needs of the target: its citext, or that it knows ICU. What is not there is refused before anything is read. */
export async function nocaseNeeds(
  session: Session | null,
  matching: Matching,
  options: PlanOptions,
): Promise<{ readonly citext?: PgType; readonly findings: Finding[] }> {
  const concerned = matching.matches.some(
    (match) => !match.target && match.columns.some(({ source }) => source.collation?.toUpperCase() === 'NOCASE'),
  )
  if (session === null || options.nocase === 'fold' || !concerned) return { findings: [] }
  if (options.nocase === 'icu') {
    const known = await session.query("select from pg_catalog.pg_collation where collprovider = 'i' limit 1")
    return {
      findings:
        known.length > 0
          ? []
          : [refusal('ICU_MISSING', 'the server was built without ICU', '--nocase fold, or --nocase citext')],
    }
  }
  const [type] = await session.query(`select t.oid::text as oid, n.nspname as schema from pg_catalog.pg_type t
    join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_type'::regclass and d.objid = t.oid and d.deptype = 'e'
    join pg_catalog.pg_extension e on e.oid = d.refobjid and e.extname = 'citext' where t.typname = 'citext'`)
  const [oid, schema] = [type?.['oid'], type?.['schema']]
  if (oid && schema)
    return { citext: { oid: Number(oid), schema, name: 'citext', kind: 'base', typmod: -1 }, findings: [] }
  const remedy = 'CREATE EXTENSION citext in the target first; or --nocase fold'
  return { findings: [refusal('CITEXT_MISSING', 'the target does not have the extension citext', remedy)] }
}

function refusal(code: string, message: string, remedy: string): Finding {
  return finding({ code, severity: 'refuse', message, remedy })
}

/** The collations that created columns name. Not IF NOT EXISTS alone: one of that name could mean something else. */
export function nocaseCollations(created: readonly Table[]): string[] {
  const schemas = created
    .filter((table) => table.columns.some((column) => column.collation !== null))
    .map((table) => table.name.schema)
  return [...new Set(schemas)].map(
    (schema) =>
      `CREATE COLLATION IF NOT EXISTS ${quoteTable({ schema, name: 'nocase' })} (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
  )
}

export async function makeNocase(session: Session, created: readonly Table[], schema: string): Promise<void> {
  const statements = nocaseCollations(created)
  if (statements.length === 0) return
  await session.query(statements.join(';\n'))
  const found = await session.query(
    `select from pg_catalog.pg_collation c join pg_catalog.pg_namespace n on n.oid = c.collnamespace
      where n.nspname = $1 and c.collname = 'nocase' and c.collprovider = 'i' and not c.collisdeterministic`,
    [schema],
  )
  if (found.length > 0) return
  throw new CrossingError('COLLATION_TAKEN', `the target's schema ${schema} has another collation named nocase`, {
    remedy: 'rename that collation; or --nocase fold, or --nocase citext',
  })
}
