import { type Select, SyntaxRefusal } from './syntax.ts'
import { type Token, tokenize } from './tokens.ts'

/** A place in a text that is being read. */
export interface Cursor {
  readonly tokens: readonly Token[]
  position: number
  depth: number
  /** Reads a query where one may stand inside an expression; null where none may. */
  readonly query: ((cursor: Cursor) => Select) | null
}

const refusedWords = new Set(['select', 'exists', 'raise', 'over', 'filter', 'distinct', 'with', 'values'])
const longest = 20_000

export function cursorOn(text: string, query: Cursor['query'] = null): Cursor {
  const cursor: Cursor = { tokens: tokenize(text), position: 0, depth: 0, query }
  if (cursor.tokens.length > longest) throw new SyntaxRefusal('it is too long')
  return cursor
}

export function peek(cursor: Cursor, ahead = 0): Token {
  return cursor.tokens[cursor.position + ahead] ?? { kind: 'end', text: '' }
}

/** What a token is as an operator, keyword or punctuation; `null` for names in quotes, strings and numbers. */
export function keyword(token: Token): string | null {
  return token.kind === 'word' || token.kind === 'symbol' ? token.text.toLowerCase() : null
}

export function isAt(cursor: Cursor, ...words: readonly string[]): boolean {
  return words.every((word, index) => keyword(peek(cursor, index)) === word)
}

export function take(cursor: Cursor, ...words: readonly string[]): boolean {
  if (!isAt(cursor, ...words)) return false
  cursor.position += words.length
  return true
}

export function expectWord(cursor: Cursor, ...words: readonly string[]): void {
  if (!take(cursor, ...words)) throw unexpected(cursor)
}

export function unexpected(cursor: Cursor): SyntaxRefusal {
  const token = peek(cursor)
  const word = keyword(token)
  if (word !== null && refusedWords.has(word)) return new SyntaxRefusal(`${word.toUpperCase()} is not carried over`)
  return new SyntaxRefusal(
    token.kind === 'end' ? 'it ends too early' : `${JSON.stringify(token.text)} is not expected there`,
  )
}

export function parseName(cursor: Cursor): string {
  const token = peek(cursor)
  if (token.kind !== 'word' && token.kind !== 'quoted' && token.kind !== 'string') throw unexpected(cursor)
  cursor.position++
  return token.text
}

/** One or more, between commas. */
export function parseCommas<Item>(cursor: Cursor, one: (cursor: Cursor) => Item): Item[] {
  const list = [one(cursor)]
  while (take(cursor, ',')) list.push(one(cursor))
  return list
}
