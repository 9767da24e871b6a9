import { formatType } from '@rowferry/coerce'
import type { TableName } from '@rowferry/introspect'
import type { TablePlan } from '@rowferry/plan'
import type { Session } from '@rowferry/postgres'
import { quoteIdentifier, quoteTable } from '@rowferry/postgres'

/** Rows go by key into a table that holds others: through a temporary table of the same column types. */
export interface Staging {
  /** COPY goes here. */
  readonly name: TableName
  /** Moves what was staged on; the number of rows inserted or updated, the rest stayed as they were. Empties the stage. */
  moveOn(): Promise<number>
}

export function goesByKey(table: TablePlan): boolean {
  return table.onExisting === 'skip' || table.onExisting === 'merge'
}

/** https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT */
export async function openStaging(session: Session, table: TablePlan): Promise<Staging> {
  const name = { schema: 'pg_temp', name: 'rowferry_staging' }
  const columns = table.casts.map((cast) => quoteIdentifier(cast.target)).join(', ')
  const shape = table.casts.map((cast) => `${quoteIdentifier(cast.target)} ${formatType(cast.type)}`).join(', ')
  await session.query(`DROP TABLE IF EXISTS ${quoteTable(name)}`)
  await session.query(`CREATE TEMPORARY TABLE ${quoteIdentifier(name.name)} (${shape}) ON COMMIT DROP`)
  const key = table.targetKey.map(quoteIdentifier).join(', ')
  const others = table.casts.filter((cast) => !table.targetKey.includes(cast.target)).map((cast) => quoteIdentifier(cast.target))
  const update = table.onExisting === 'merge' && others.length > 0
  const action = update ? `DO UPDATE SET ${others.map((column) => `${column} = excluded.${column}`).join(', ')}` : 'DO NOTHING'
  const move = `WITH moved AS (INSERT INTO ${quoteTable(table.target)} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${columns} FROM ${quoteTable(name)} ON CONFLICT (${key}) ${action} RETURNING 1) SELECT count(*)::text AS count FROM moved`
  return {
    name,
    async moveOn() {
      const [row] = await session.query(move)
      await session.query(`TRUNCATE ${quoteTable(name)}`)
      return Number(row?.['count'] ?? 0)
    },
  }
}
