import { cursorOf, splitList, textOf } from './cursor.ts'
import type { Token } from './token.ts'

export interface IndexText {
  /** Each term's expression, without its COLLATE, ASC or DESC. */
  readonly terms: readonly string[]
  /** The partial index's predicate. */
  readonly where: string | null
}

/** Reads a CREATE INDEX that SQLite has accepted; throws a `SyntaxError` on any other text. */
export function parseCreateIndex(sql: string): IndexText {
  const cursor = cursorOf(sql)
  cursor.expect('CREATE')
  cursor.take('UNIQUE')
  cursor.expect('INDEX')
  cursor.take('IF', 'NOT', 'EXISTS')
  cursor.next()
  if (cursor.take('.')) cursor.next()
  cursor.expect('ON')
  cursor.next()
  const terms = splitList(cursor.parentheses()).map((term) => textOf(sql, bareTerm(term)))
  return { terms, where: cursor.take('WHERE') ? textOf(sql, cursor.rest()) : null }
}

function bareTerm(term: readonly Token[]): readonly Token[] {
  let end = term.length
  const word = (index: number): string => {
    const token = term[index]
    return token?.kind === 'word' ? token.value.toUpperCase() : ''
  }
  if (word(end - 1) === 'ASC' || word(end - 1) === 'DESC') end -= 1
  while (end > 2 && word(end - 2) === 'COLLATE') end -= 2
  return term.slice(0, end)
}
