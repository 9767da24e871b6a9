import { randomBytes } from 'node:crypto'
import type { TableName } from '@rowferry/introspect'
import { formatTableName } from '@rowferry/introspect'
import type { TablePlan } from '@rowferry/plan'
import type { Session } from '@rowferry/postgres'
import { quoteIdentifier, quoteTable } from '@rowferry/postgres'
import { rowsLost } from './error.ts'

/** Rows go by key into a table that holds others: through a temporary table of the very same columns. */
export interface Staging {
  /** COPY goes here. */
  readonly name: TableName
  /**
   * Moves what was staged on; the number of rows inserted or updated, the rest stayed as they were. Two rows of the source under one
   * key of the target are refused with 23505. Throws `ROWS_LOST` when merged rows do not all arrive.
   */
  moveOn(staged: number): Promise<number>
  /** After the savepoint is gone: makes room for the next batch. */
  empty(): Promise<void>
  /** Drops the stage. Throws `ROWS_LOST` when the target lacks a key that was moved on: a trigger swallowed its row. */
  close(): Promise<void>
}

export function goesByKey(table: TablePlan): boolean {
  return table.onExisting === 'skip' || table.onExisting === 'merge'
}

/**
 * `keys` remembers what went by: the target's own equality (its type, its collation) tells whether two rows of the source would meet under
 * one key, where ON CONFLICT would take the first for one that was there before.
 * https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT
 */
export async function openStaging(session: Session, table: TablePlan): Promise<Staging> {
  const id = randomBytes(6).toString('hex')
  const name = { schema: 'pg_temp', name: `rowferry_rows_${id}` }
  const rows = quoteTable(name)
  const keys = quoteTable({ schema: 'pg_temp', name: `rowferry_keys_${id}` })
  const target = quoteTable(table.target)
  const written = table.casts.map((cast) => cast.target)
  const others = written.filter((column) => !table.targetKey.includes(column)).map(quoteIdentifier)
  const columns = written.map(quoteIdentifier).join(', ')
  const key = table.targetKey.map(quoteIdentifier).join(', ')
  const merges = table.onExisting === 'merge' && others.length > 0
  const action = merges
    ? `DO UPDATE SET ${others.map((column) => `${column} = excluded.${column}`).join(', ')}`
    : 'DO NOTHING'
  // AS SELECT takes domains, modifiers and collations over as they are
  const make = (made: string, list: string) =>
    `CREATE TEMPORARY TABLE ${made} ON COMMIT DROP AS SELECT ${list} FROM ${target} WITH NO DATA`
  await session.query(make(rows, columns))
  await session.query(make(keys, key))
  await session.query(`CREATE UNIQUE INDEX "one row of the source for each key" ON ${keys} (${key})`)
  return {
    name,
    async moveOn(staged) {
      await session.execute(`INSERT INTO ${keys} SELECT ${key} FROM ${rows}`)
      const moved = await session.execute(
        `INSERT INTO ${target} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${columns} FROM ${rows} ON CONFLICT (${key}) ${action}`,
      )
      const count = moved.rows ?? 0
      if (merges && count !== staged) throw rowsLost(formatTableName(table.source), staged, count)
      return count
    },
    async empty() {
      await session.query(`TRUNCATE ${rows}`)
    },
    async close() {
      // EXCEPT compares by the type's own equality, whatever the search_path is
      const [found] = await session.query(
        `SELECT (SELECT count(*) FROM ${keys}) AS moved, count(*) AS absent FROM (SELECT ${key} FROM ${keys} EXCEPT SELECT ${key} FROM ${target}) AS lost`,
      )
      const [moved, absent] = [Number(found?.['moved']), Number(found?.['absent'])]
      if (absent > 0) throw rowsLost(formatTableName(table.source), moved, moved - absent)
      await session.query(`DROP TABLE ${rows}, ${keys}`)
    },
  }
}
