import type { TableName } from '@rowferry/introspect'
import { quoteColumns, quoteIdentifier, quoteTable } from '../quote.ts'
import { readJson } from '../read-json.ts'
import type { Session } from '../session.ts'

/**
 * Copies the tables' rows into a new schema, in the transaction that is open, and returns the statements that put them back: they empty the tables
 * again and insert in the order given, so name parents first. Columns that the server generates are left out.
 */
export async function keepRows(session: Session, tables: readonly TableName[], schema: string): Promise<string[]> {
  await session.query(`create schema ${quoteIdentifier(schema)}`)
  const restores: string[] = []
  for (const [at, table] of tables.entries()) {
    const [found] = await readJson<{ partitioned: boolean; columns: string[] }>(session, columnsOf, [
      table.schema,
      table.name,
    ])
    // Two tables of one name may come from two schemas
    const copy = {
      schema,
      name: tables.some(({ name }, other) => other < at && name === table.name)
        ? `${at} ${table.name}`.slice(0, 30)
        : table.name,
    }
    const columns = found?.columns ?? []
    const list = columns.length === 0 ? '' : ` (${quoteColumns(columns)})`
    const from = `${found?.partitioned === true ? '' : 'only '}${quoteTable(table)}`
    await session.query(`create table ${quoteTable(copy)} as select ${quoteColumns(columns)} from ${from}`)
    restores.push(
      `INSERT INTO ${quoteTable(table)}${list} OVERRIDING SYSTEM VALUE SELECT ${quoteColumns(columns)} FROM ${quoteTable(copy)}`,
    )
  }
  return [
    'BEGIN',
    `TRUNCATE ${tables.map(quoteTable).join(', ')}`,
    'SET CONSTRAINTS ALL DEFERRED',
    ...restores,
    'COMMIT',
  ]
}

const columnsOf = `
  select c.relkind = 'p' as partitioned,
         coalesce((select json_agg(a.attname order by a.attnum) from pg_catalog.pg_attribute a
           where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''), '[]') as columns
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where n.nspname = $1 and c.relname = $2`
