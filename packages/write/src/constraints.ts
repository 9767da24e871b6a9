import type { TablePlan } from '@rowferry/plan'
import type { Session } from '@rowferry/postgres'
import { quoteIdentifier, quoteTable } from '@rowferry/postgres'

/**
 * Makes keys that may be checked late be checked with each batch, or their violators could not be told any more, and names the foreign
 * keys from the table to itself: they alone may be met by a row of a later batch.
 * https://www.postgresql.org/docs/current/sql-set-constraints.html
 */
export async function readyConstraints(session: Session, table: TablePlan): Promise<ReadonlySet<string>> {
  const found = await session.query(
    `SELECT conname AS name, contype AS type FROM pg_catalog.pg_constraint WHERE conrelid = $1::regclass
       AND (contype IN ('p', 'u', 'x') AND condeferrable OR contype = 'f' AND confrelid = conrelid)`,
    [quoteTable(table.target)],
  )
  const late = found.filter(({ type }) => type !== 'f').map(({ name }) => name!)
  const qualified = late.map((name) => `${quoteIdentifier(table.target.schema)}.${quoteIdentifier(name)}`)
  if (qualified.length > 0) await session.query(`SET CONSTRAINTS ${qualified.join(', ')} IMMEDIATE`)
  return new Set(found.filter(({ type }) => type === 'f').map(({ name }) => name!))
}
