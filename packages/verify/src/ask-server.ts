import type { SourceRow } from '@rowferry/introspect'
import { PostgresError, quoteIdentifier, quoteTable, type Session } from '@rowferry/postgres'
import { agreedValue, type Comparison } from './comparison.ts'
import type { ExpectedType } from './expectation.ts'
import type { Asked, InputType } from './form-input.ts'

const isMoney = ({ schema, name }: InputType): boolean => schema === 'pg_catalog' && name === 'money'

/** SQL for a value as PostgreSQL prints it; what `lc_monetary` would print goes by its number. */
function printed(value: string, type: InputType): string {
  // A cast to text would print an inet with its mask; IS NULL holds for a row of NULLs
  return isMoney(type)
    ? `pg_catalog.trim_scale(cast(${value} as pg_catalog.numeric))::pg_catalog.text`
    : `case when ${value} is distinct from null then pg_catalog.format('%s', ${value}) end`
}

/** What COPY is to read in the column's place; null for the column itself. */
export function readAs(column: string, type: ExpectedType): string | null {
  return type.kind === 'input' ? printed(quoteIdentifier(column), type) : null
}

const keptTexts = 100_000
const keptCharacters = 1 << 23
const askedTexts = 1000
const askedCharacters = 1 << 20

/** Learns how the server prints the texts of these rows. The session must be free, and in a transaction. */
export async function askServer(session: Session, comparison: Comparison, rows: readonly SourceRow[]): Promise<void> {
  for (const [cell, { asked }] of comparison.forms.entries()) {
    if (asked === undefined) continue
    if (asked.known.size > keptTexts || asked.characters > keptCharacters) {
      asked.known.clear()
      asked.characters = 0
    }
    const texts = new Set<string>()
    for (const row of rows) {
      const value = agreedValue(comparison, row, cell)
      const text = value === null ? undefined : asked.textOf(value)
      if (text !== undefined && !asked.known.has(text)) texts.add(text)
    }
    for (const portion of portions(texts)) {
      await ask(session, asked, portion)
      for (const text of portion) asked.characters += text.length
    }
  }
}

function* portions(texts: Iterable<string>): Generator<string[]> {
  let portion: string[] = []
  let characters = 0
  for (const text of texts) {
    portion.push(text)
    characters += text.length
    if (portion.length < askedTexts && characters < askedCharacters) continue
    yield portion
    portion = []
    characters = 0
  }
  if (portion.length > 0) yield portion
}

/** All at once; where the server refuses one, by halves. */
async function ask(session: Session, asked: Asked, texts: readonly string[]): Promise<void> {
  const { type, known } = asked
  const value = isMoney(type) ? 'given.text' : `cast(given.text as ${quoteTable(type)})`
  await session.query('savepoint rowferry_ask')
  try {
    const rows = await session.query(
      `select ${printed(value, type)} as text from pg_catalog.unnest($1::pg_catalog.text[]) with ordinality as given(text, place) order by place`,
      [texts],
    )
    for (const [i, text] of texts.entries()) known.set(text, rows[i]?.['text'] ?? null)
    await session.query('release savepoint rowferry_ask')
  } catch (error) {
    if (!(error instanceof PostgresError) || notTheText.test(error.code)) throw error
    await session.query('rollback to savepoint rowferry_ask; release savepoint rowferry_ask')
    if (texts.length === 1) known.set(texts[0]!, null)
    else {
      const half = texts.length >> 1
      await ask(session, asked, texts.slice(0, half))
      await ask(session, asked, texts.slice(half))
    }
  }
}

/** Connection, transaction, resources, operator, system, and codes that are no SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const notTheText = /^(?:08|25|40|53|57|58)|^(?!.{5}$)/
