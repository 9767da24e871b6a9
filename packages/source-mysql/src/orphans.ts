import { type OrphanQuery, type Orphans } from '@rowferry/source'
import type { Lane } from './connection.ts'
import type { Layout } from './layout.ts'
import { quoteName, tableOf } from './quote.ts'

/** Rows whose reference meets no parent, as the server compares the two columns. */
export async function findOrphans(lane: Lane, layout: Layout, query: OrphanQuery): Promise<Orphans> {
  const { columns, parent, parentColumns, keyColumns, limit } = query
  const set = columns.map((name) => `t.${quoteName(name)} IS NOT NULL`)
  const met = columns.map((name, at) => `p.${quoteName(parentColumns[at]!)} = t.${quoteName(name)}`)
  const tail = `FROM ${layout.sql} AS t WHERE ${set.join(' AND ')} AND NOT EXISTS (SELECT 1 FROM ${tableOf(parent)} AS p WHERE ${met.join(' AND ')})`
  const [count] = await lane.rows(`SELECT CAST(COUNT(*) AS CHAR) ${tail}`)
  const forms = [...keyColumns, ...columns].map((name) => layout.forms.get(name)!)
  const order = keyColumns.map((name) => `t.${quoteName(name)}`).join(', ')
  const rows =
    limit === 0
      ? []
      : await lane.rows(
          `SELECT ${forms.map(({ expression }) => expression).join(', ')} ${tail}${order === '' ? '' : ` ORDER BY ${order}`} LIMIT ${limit}`,
        )
  return { count: Number(count![0]), rows: rows.map((row) => row.map((cell, at) => forms[at]!.decode(cell, 'auto'))) }
}
