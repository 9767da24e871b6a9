import type { Cast } from '@rowferry/coerce'
import { goesThroughText } from '@rowferry/coerce'
import type { TablePlan } from '@rowferry/plan'
import type { RowRules, Session } from '@rowferry/postgres'
import { PostgresError, quoteLiteral } from '@rowferry/postgres'
import { asTextRefusal } from '../from-text.ts'
import { isRowRefusal } from '../refusal.ts'
import type { Tuple } from '../isolate.ts'
import { asStored, cellsOf } from './given.ts'
import { writtenCasts } from '../reading.ts'
import { askByHalves, askReadOnly } from './read-only.ts'

/** Since this version the server says of a text whether its type takes it, without an error that ends the question. */
const SOFT_ERRORS = 160_000

/**
 * The texts among these that the column's input does not take, or that do not fit its modifier, each with the server's error.
 * https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-VALIDITY
 */
export async function refusedTexts(
  session: Session,
  cast: Cast,
  rules: RowRules,
  texts: readonly string[],
): Promise<Map<string, PostgresError>> {
  const refused = new Map<string, PostgresError>()
  const soft = await softlyRefused(session, cast, rules, texts)
  for (const [text, error] of soft) refused.set(text, error)
  const column = asStored(cast, rules, 'sent.text')
  await askByHalves(
    texts.filter((text) => !soft.has(text)),
    async (some) => {
      await askReadOnly(session, () =>
        session.query(
          `SELECT pg_catalog.count(made.value) FROM (SELECT ${column} AS value FROM pg_catalog.unnest($1::pg_catalog.text[]) AS sent(text)) AS made`,
          [some],
        ),
      ).catch((error: unknown) => Promise.reject(asTextRefusal(error)))
    },
    isRowRefusal,
    (text, error) => refused.set(text, error),
  )
  return refused
}

/** The quick way, where the server has it; what it cannot say this way is left for the other. */
async function softlyRefused(
  session: Session,
  cast: Cast,
  rules: RowRules,
  texts: readonly string[],
): Promise<Map<string, PostgresError>> {
  const type = rules.columns.find(({ name }) => name === cast.target)?.type
  if (
    session.server.version < SOFT_ERRORS ||
    cast.type.kind === 'domain' ||
    type === undefined ||
    type === 'money' ||
    texts.length === 0
  )
    return new Map()
  const name = quoteLiteral(type)
  try {
    const rows = await askReadOnly(session, () =>
      session.query(
        `SELECT sent.text, told.message, told.detail, told.sql_error_code AS code FROM pg_catalog.unnest($1::pg_catalog.text[]) AS sent(text),
           LATERAL pg_catalog.pg_input_error_info(sent.text, ${name}) AS told WHERE NOT pg_catalog.pg_input_is_valid(sent.text, ${name})`,
        [texts],
      ),
    )
    return new Map(
      rows.map(({ text, message, detail, code }) => [
        text!,
        asTextRefusal(
          new PostgresError(code ?? '22P02', message ?? 'invalid input', { detail: detail ?? null }),
        ) as PostgresError,
      ]),
    )
  } catch (error) {
    // A type whose input knows errors of the hard kind only
    if (error instanceof PostgresError && isRowRefusal(asTextRefusal(error))) return new Map()
    throw error
  }
}

/**
 * The source column whose text the server refuses, which it does not tell; null when it takes each by itself. `cells` is the row as it was
 * encoded for all casts of the table. The session must be in a transaction, and stays in it.
 */
export async function refusedColumn(
  session: Session,
  table: TablePlan,
  rules: RowRules,
  cells: Pick<Tuple, 'start' | 'end'>,
  bytes: Buffer,
): Promise<string | null> {
  const row = cellsOf(cells, bytes)
  for (const [at, cast] of writtenCasts(table).entries()) {
    const cell = row[at]!
    if (cell.readInt32BE(0) < 0 || !goesThroughText(cast.type)) continue
    await session.query('SAVEPOINT rowferry_text')
    try {
      await session.query(`SELECT ${asStored(cast, rules, 'CAST($1 AS pg_catalog.text)')}`, [cell.toString('utf8', 4)])
    } catch (error) {
      if (!(error instanceof PostgresError)) throw error
      await session.query('ROLLBACK TO SAVEPOINT rowferry_text')
      return cast.column
    } finally {
      await session.query('RELEASE SAVEPOINT rowferry_text')
    }
  }
  return null
}
