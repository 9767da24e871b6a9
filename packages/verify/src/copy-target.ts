import type { Session } from '@rowferry/postgres'
import type { ExpectedTable } from './expectation.ts'

/** `partitioned`: a parent, read with its partitions. `where`: read by a query; a table alone is read more surely in its own order. */
export interface CopyTarget {
  readonly partitioned?: boolean
  readonly where?: string
}

/** COPY takes neither a partitioned table nor a generated column by name, but the same as a query (https://www.postgresql.org/docs/current/sql-copy.html). */
export async function readCopyTarget(session: Session, { target, columns }: ExpectedTable): Promise<CopyTarget> {
  const names = columns.map((column) => column.target)
  const [table] = await session.query(
    `select (c.relkind = 'p')::text as partitioned, exists (
       select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attgenerated <> '' and a.attname = any ($3)
     )::text as generated
     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2`,
    [target.schema, target.name, names],
  )
  if (table?.['partitioned'] === 'true') return { partitioned: true }
  return table?.['generated'] === 'true' ? { where: 'true' } : {}
}
