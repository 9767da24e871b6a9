/**
 * SQLite's tokens (https://www.sqlite.org/lang_keywords.html, tokenize.c): `word` a bare identifier or keyword,
 * `name` "…", `…` or […], `string` '…', `number` and `blob` literals, `symbol` one other character.
 */
export interface Token {
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'blob' | 'symbol'
  /** Unquoted for names and strings, else as written. */
  readonly value: string
  readonly start: number
  readonly end: number
}

const space = /[ \t\n\f\r\ufeff]+|--[^\n]*|\/\*[^]*?(?:\*\/|$)/y
const tokens: readonly (readonly [Token['kind'], RegExp])[] = [
  ['blob', /[xX]'[0-9a-fA-F]*'/y],
  ['number', /(?:0[xX][0-9a-fA-F_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?)/y],
  ['word', /[A-Za-z_$\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y],
  ['name', /"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]/y],
  ['string', /'(?:[^']|'')*'/y],
  ['symbol', /[^"`['\s]/y],
]

/** The tokens of a statement, without white space and comments. Throws a `SyntaxError` on a quote that is never closed. */
export function tokenize(sql: string): Token[] {
  const found: Token[] = []
  let at = 0
  while (at < sql.length) {
    space.lastIndex = at
    if (space.test(sql)) {
      at = space.lastIndex
      continue
    }
    const token = tokenAt(sql, at)
    found.push(token)
    at = token.end
  }
  return found
}

function tokenAt(sql: string, start: number): Token {
  for (const [kind, pattern] of tokens) {
    pattern.lastIndex = start
    const text = pattern.exec(sql)?.[0]
    if (text !== undefined) return { kind, value: unquote(kind, text), start, end: start + text.length }
  }
  throw new SyntaxError(`Nothing that SQLite knows begins at offset ${start}`)
}

function unquote(kind: Token['kind'], text: string): string {
  if (kind !== 'name' && kind !== 'string') return text
  const inner = text.slice(1, -1)
  const quote = text.charAt(0)
  return quote === '[' ? inner : inner.replaceAll(quote + quote, quote)
}

/** SQLite's own idea of "the same name": A–Z are folded, É and é stay two letters. */
export function foldName(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** The text without the comments and blanks around it: a trailing `-- …` would swallow whatever is written behind. */
export function trimComments(sql: string): string {
  const found = tokenize(sql)
  return sql.slice(found[0]?.start ?? 0, found.at(-1)?.end ?? 0)
}
