import { randomBytes } from 'node:crypto'
import type { Cast } from '@rowferry/coerce'
import { goesThroughText } from '@rowferry/coerce'
import type { TableName } from '@rowferry/introspect'
import { formatTableName } from '@rowferry/introspect'
import type { TablePlan } from '@rowferry/plan'
import type { Session } from '@rowferry/postgres'
import { quoteIdentifier, quoteTable } from '@rowferry/postgres'
import { rowsLost } from './error.ts'
import { writtenCasts } from './reading.ts'
import { asTextRefusal, fromText, textCasts } from './from-text.ts'

/**
 * Rows on their way through a temporary table: by key into a table that holds others, or as text into columns whose values only the server
 * can make. Its columns are the target's own, and `text` for those.
 */
export interface Staging {
  /** COPY goes here. */
  readonly name: TableName
  /**
   * Moves what was staged on; the number of rows inserted or updated, the rest stayed as they were. Two rows of the source under one
   * key of the target are refused with 23505. Throws `ROWS_LOST` when rows do not all arrive and none may stay behind.
   */
  moveOn(staged: number): Promise<number>
  /** After the savepoint is gone: makes room for the next batch. */
  empty(): Promise<void>
  /** Drops the stage. Throws `ROWS_LOST` when the target lacks a key that was moved on: a trigger swallowed its row. */
  close(): Promise<void>
}

function goesByKey({ onExisting }: TablePlan): boolean {
  return onExisting === 'skip' || onExisting === 'merge'
}

/** Do the table's rows go through a temporary table, which takes the right TEMPORARY on the database? */
export function needsStaging(table: TablePlan): boolean {
  return goesByKey(table) || textCasts(table).length > 0
}

/** The stage that the table's rows need; null when COPY may go straight into the target. */
export async function openStaging(session: Session, table: TablePlan): Promise<Staging | null> {
  if (!needsStaging(table)) return null
  const id = randomBytes(6).toString('hex')
  const name = { schema: 'pg_temp', name: `rowferry_rows_${id}` }
  const rows = quoteTable(name)
  const target = quoteTable(table.target)
  const columns = writtenCasts(table)
    .map((cast) => quoteIdentifier(cast.target))
    .join(', ')
  await session.query(makeTable(rows, writtenCasts(table).map(stagedAs).join(', '), target))
  const keys = goesByKey(table) ? await openKeys(session, table, rows, id) : null
  const insert = `INSERT INTO ${target} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${writtenCasts(table).map(movedAs).join(', ')} FROM ${rows}`
  const move = async (): Promise<number> => {
    await keys?.note()
    return (await session.execute(insert + (keys?.onConflict ?? ''))).rows ?? 0
  }
  return {
    name,
    async moveOn(staged) {
      const count = await move().catch((error: unknown) => Promise.reject(asTextRefusal(error)))
      if ((keys === null || keys.merges) && count !== staged)
        throw rowsLost(formatTableName(table.source), staged, count)
      return count
    },
    async empty() {
      await session.query(`TRUNCATE ${rows}`)
    },
    async close() {
      await keys?.close()
      await session.query(`DROP TABLE ${rows}`)
    },
  }
}

/** AS SELECT takes domains, modifiers and collations over as they are. */
function makeTable(made: string, list: string, target: string): string {
  return `CREATE TEMPORARY TABLE ${made} ON COMMIT DROP AS SELECT ${list} FROM ${target} WITH NO DATA`
}

function stagedAs({ target, type }: Cast): string {
  const column = quoteIdentifier(target)
  return goesThroughText(type) ? `CAST(NULL AS pg_catalog.text) AS ${column}` : column
}

function movedAs({ target, type }: Cast): string {
  const column = quoteIdentifier(target)
  return goesThroughText(type) ? fromText(column, type) : column
}

interface Keys {
  /** What the INSERT ends in. */
  readonly onConflict: string
  /** Rows that are there are replaced, so that every row of the source counts. */
  readonly merges: boolean
  note(): Promise<void>
  close(): Promise<void>
}

/**
 * Remembers the keys that went by: the target's own equality (its type, its collation) tells whether two rows of the source would meet under
 * one key, where ON CONFLICT would take the first for one that was there before.
 * https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT
 */
async function openKeys(session: Session, table: TablePlan, rows: string, id: string): Promise<Keys> {
  const keys = quoteTable({ schema: 'pg_temp', name: `rowferry_keys_${id}` })
  const target = quoteTable(table.target)
  const key = table.targetKey.map(quoteIdentifier).join(', ')
  const values = table.targetKey
    .map((name) => movedAs(writtenCasts(table).find((cast) => cast.target === name)!))
    .join(', ')
  const others = writtenCasts(table)
    .filter((cast) => !table.targetKey.includes(cast.target))
    .map((cast) => quoteIdentifier(cast.target))
  const merges = table.onExisting === 'merge' && others.length > 0
  const action = merges
    ? `DO UPDATE SET ${others.map((column) => `${column} = excluded.${column}`).join(', ')}`
    : 'DO NOTHING'
  await session.query(makeTable(keys, key, target))
  await session.query(`CREATE UNIQUE INDEX "one row of the source for each key" ON ${keys} (${key})`)
  return {
    onConflict: ` ON CONFLICT (${key}) ${action}`,
    merges,
    async note() {
      await session.execute(`INSERT INTO ${keys} SELECT ${values} FROM ${rows}`)
    },
    async close() {
      // EXCEPT compares by the type's own equality, whatever the search_path is
      const [found] = await session.query(
        `SELECT (SELECT count(*) FROM ${keys}) AS moved, count(*) AS absent FROM (SELECT ${key} FROM ${keys} EXCEPT SELECT ${key} FROM ${target}) AS lost`,
      )
      const [moved, absent] = [Number(found?.['moved']), Number(found?.['absent'])]
      if (absent > 0) throw rowsLost(formatTableName(table.source), moved, moved - absent)
      await session.query(`DROP TABLE ${keys}`)
    },
  }
}
