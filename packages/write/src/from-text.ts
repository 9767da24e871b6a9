import type { Cast } from '@rowferry/coerce'
import { goesThroughText, inputType } from '@rowferry/coerce'
import type { PgType } from '@rowferry/introspect'
import type { TablePlan } from '@rowferry/plan'
import type { Session } from '@rowferry/postgres'
import { PostgresError, quoteTable } from '@rowferry/postgres'
import { writtenCasts } from './reading.ts'
import { isRowRefusal } from './refusal.ts'

/** The casts whose values are sent as text, for the server to make them. */
export function textCasts(table: TablePlan): readonly Cast[] {
  return writtenCasts(table).filter((cast) => goesThroughText(cast.type))
}

/**
 * SQL that makes a value of the type from text, by the type's own input function. Without the modifier: a cast that names one would cut what is
 * too long, while the assignment to the column refuses it. https://www.postgresql.org/docs/current/datatype-bit.html
 */
export function fromText(text: string, type: PgType): string {
  const { schema, name } = inputType(type)
  // The text of money is that of lc_monetary, a number's is not
  const read = schema === 'pg_catalog' && name === 'money' ? `CAST(${text} AS pg_catalog.numeric)` : text
  return `CAST(${read} AS ${quoteTable({ schema, name })})`
}

/**
 * Syntax errors (tsquery, hstore, ltree), names that are too long (ltree) or of what is not there (regclass), what is not supported, and internal
 * errors, which extensions raise freely; rights are no matter of the text.
 */
const inputCodes = /^(?:42(?!501)...|3[DF]000|0A000|XX000)$/

/**
 * What an input function says is about its text, whatever class it gives its error: as 22P02 (invalid text representation). What a trigger
 * says stays as it is; it comes with a context.
 */
export function asTextRefusal(error: unknown): unknown {
  if (!(error instanceof PostgresError) || !inputCodes.test(error.code) || error.where) return error
  const { message, detail, hint } = error
  return new PostgresError('22P02', message, { detail, hint, cause: error })
}

/** What a cast to text says of the value that each text becomes; what the server refuses is not in it. The session must be in a transaction. */
export async function storedTexts(
  session: Session,
  type: PgType,
  texts: readonly string[],
): Promise<Map<string, string>> {
  if (texts.length === 0) return new Map()
  await session.query('SAVEPOINT rowferry_text')
  try {
    const rows = await session.query(
      `SELECT given.text, CAST(${fromText('given.text', type)} AS pg_catalog.text) AS stored FROM pg_catalog.unnest($1::pg_catalog.text[]) AS given(text)`,
      [texts],
    )
    return new Map(rows.map(({ text, stored }) => [text!, stored!]))
  } catch (error) {
    if (!isRowRefusal(asTextRefusal(error))) throw error
    await session.query('ROLLBACK TO SAVEPOINT rowferry_text')
  } finally {
    await session.query('RELEASE SAVEPOINT rowferry_text')
  }
  if (texts.length === 1) return new Map()
  const half = texts.length >> 1
  const first = await storedTexts(session, type, texts.slice(0, half))
  return new Map([...first, ...(await storedTexts(session, type, texts.slice(half)))])
}
