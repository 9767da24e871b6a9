import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { TableName } from '@rowferry/introspect'
import { formatTableName, sameTable } from '@rowferry/introspect'
import type { Finding, Plan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import type { Session } from '@rowferry/postgres'
import {
  countRows,
  dumpRows,
  keepRows,
  pgDumpVersion,
  quoteIdentifier,
  quoteTable,
  tablesWithRows,
} from '@rowferry/postgres'
import type { CrossingOptions, TargetAddress } from '../options.ts'

/** Keeps what TRUNCATE is about to destroy. */
export interface Backup {
  /** What takes the locks for it: `shared` before others are kept from reading, `own` after. */
  readonly when: 'shared' | 'own'
  /** A note that says what is kept and how it comes back; null where there is nothing to keep. */
  keep(session: Session, plan: Plan): Promise<Finding | null>
  /** The target is as it was: what was kept outside of it goes. */
  discard(): Promise<void>
}

/** Null where none is asked for. */
export function backupFor(
  { backup, backupDir }: Pick<CrossingOptions, 'backup' | 'backupDir'>,
  target: TargetAddress,
  signal: AbortSignal | undefined,
): Backup | null {
  if (backup === 'none') return null
  if (backup === 'schema') return { when: 'own', keep: keepInSchema, async discard() {} }
  let file: string | null = null
  return {
    when: 'shared',
    async keep(session, plan) {
      const tables = await destroyed(session, plan)
      if (tables.length === 0 || target.kind !== 'postgres') return null
      file = resolve(backupDir ?? '.', `rowferry-backup-${stamp()}.dump`)
      await dumpRows(target, await withPartitions(session, tables), file, signal)
      const emptied = `TRUNCATE ${tables.map(quoteTable).join(', ')}`
      return note(
        session,
        tables,
        `in ${file}`,
        `to put them back: psql -c '${emptied.replaceAll("'", String.raw`'\''`)}' and then pg_restore --data-only --single-transaction --dbname=${target.database} ${file}`,
      )
    },
    async discard() {
      if (file !== null) await rm(file, { force: true })
    },
  }
}

async function keepInSchema(session: Session, plan: Plan): Promise<Finding | null> {
  const tables = await destroyed(session, plan)
  if (tables.length === 0) return null
  const schema = `rowferry_backup_${stamp()}`
  const restore = await keepRows(session, tables, schema)
  return note(
    session,
    tables,
    `in schema ${schema} of the target`,
    `to put them back: ${restore.join('; ')}; when nobody needs them any more: DROP SCHEMA ${quoteIdentifier(schema)} CASCADE`,
  )
}

/** Why the rows could not be kept, before anything is begun. */
export async function backupFindings(
  session: Session,
  plan: Plan,
  { backup }: Pick<CrossingOptions, 'backup'>,
): Promise<Finding[]> {
  if (backup === 'none' || !plan.tables.some(({ onExisting }) => onExisting === 'truncate')) return []
  const refuse = (message: string, remedy: string) => [
    finding({ code: 'BACKUP_IMPOSSIBLE', severity: 'refuse', message, remedy }),
  ]
  if (backup === 'pg_dump') {
    if (session.kind === 'pglite') return refuse('pg_dump cannot reach a PGlite', '--backup schema')
    return (await pgDumpVersion()) === null
      ? refuse('there is no program pg_dump here', 'install it, or --backup schema')
      : []
  }
  const [may] = await session.query(
    "select pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') as may",
  )
  if (may?.['may'] === 't') return []
  const { user, database } = session.server
  return refuse(
    `${user} has no CREATE right on database ${database}, which --backup schema needs`,
    `GRANT CREATE ON DATABASE ${quoteIdentifier(database)} TO ${quoteIdentifier(user)}, or --backup pg_dump`,
  )
}

/** Parents first. */
async function destroyed(session: Session, plan: Plan): Promise<TableName[]> {
  const asked = plan.tables.filter(({ onExisting }) => onExisting === 'truncate').map(({ target }) => target)
  if (asked.length === 0) return []
  const allowed = plan.options.allowCascade
    .map((name) => ({ schema: plan.options.schema, name }))
    .filter((name) => !asked.some((other) => sameTable(name, other)))
  return tablesWithRows(session, [...asked, ...allowed])
}

/** pg_dump takes a partitioned table for what it is itself: nothing. */
async function withPartitions(session: Session, tables: readonly TableName[]): Promise<TableName[]> {
  const rows = await session.query(
    `select n.nspname as schema, c.relname as name from unnest($1::text[]) as given(name),
       lateral (select to_regclass(given.name)::oid as oid union select relid from pg_catalog.pg_partition_tree(given.name::regclass)) as part
     join pg_catalog.pg_class c on c.oid = part.oid join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r'`,
    [tables.map(quoteTable)],
  )
  return rows.map(({ schema, name }) => ({ schema: schema!, name: name! }))
}

async function note(session: Session, tables: readonly TableName[], where: string, remedy: string): Promise<Finding> {
  const rows = (await countRows(session, tables)).reduce((sum, count) => sum + count, 0)
  return finding({
    code: 'BACKUP_KEPT',
    severity: 'note',
    count: rows,
    message: `${rows} rows that were in ${tables.map(formatTableName).join(', ')} are kept ${where}`,
    remedy,
  })
}

function stamp(): string {
  const [now = ''] = new Date().toISOString().replaceAll(/[-:]/g, '').replace('T', '_').split('.')
  return `${now}_${randomBytes(2).toString('hex')}`
}
