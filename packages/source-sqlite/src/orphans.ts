import type { SourceRow } from '@rowferry/introspect'
import type { OrphanQuery, Orphans } from '@rowferry/source'
import { decoderOf, settleInteger, type Cell, type TextEncoding } from './exact.ts'
import type { Handle } from './handle.ts'
import { columnOf, quoteName } from './quote.ts'

/**
 * Rows without a parent, compared as SQLite's foreign keys do: by the parent column's collation (it stands on the left) and affinity (the plus takes
 * the child's away). https://www.sqlite.org/foreignkeys.html, section 3; https://www.sqlite.org/datatype3.html, section 4.2
 */
export function findOrphans(db: Handle, query: OrphanQuery, encoding: TextEncoding): Orphans {
  const child = query.columns.map((column) => columnOf(column))
  const pairs = query.parentColumns.map((column, at) => `${columnOf(column, 'p')} = +${child[at]}`)
  const from = `FROM main.${quoteName(query.table.name)} AS t WHERE ${[
    ...child.map((column) => `${column} IS NOT NULL`),
    `NOT EXISTS (SELECT 1 FROM main.${quoteName(query.parent.name)} AS p WHERE ${pairs.join(' AND ')})`,
  ].join(' AND ')}`
  const count = Number(db.prepare(`SELECT count(*) ${from}`).pluck().get())
  return { count, rows: count === 0 || query.limit < 1 ? [] : rowsOf(db, query, from, encoding) }
}

function rowsOf(db: Handle, query: OrphanQuery, from: string, encoding: TextEncoding): SourceRow[] {
  const columns = [...query.keyColumns, ...query.columns].map((column) => columnOf(column))
  const bytes = columns.map((column) => `CASE WHEN typeof(${column}) = 'text' THEN CAST(${column} AS BLOB) END`)
  const decode = decoderOf(encoding)
  const found = db
    .prepare(`SELECT ${[...columns, ...bytes].join(', ')} ${from} LIMIT ?`)
    .raw()
    .safeIntegers()
    .all(query.limit) as Cell[][]
  return found.map((row) =>
    columns.map((_, at) =>
      typeof row[at] === 'string' ? decode(row[at + columns.length] as Buffer) : settleInteger(row[at] as Cell, 'auto'),
    ),
  )
}
