import { tokenize, type Token } from './token.ts'

/** What the author of a CREATE TABLE wrote beside it. */
export interface TableComments {
  readonly table: string | null
  /** By column name as the definition spells it. */
  readonly columns: ReadonlyMap<string, string>
}

interface Remark {
  readonly text: string
  readonly start: number
  readonly end: number
  /** Nothing but blanks stands before it on its line. */
  readonly opensLine: boolean
  readonly depth: number
  /** The tokens around it, by position. */
  readonly before: Token | undefined
  readonly after: Token | undefined
}

interface Part {
  readonly first: Token
  readonly last: Token
  readonly comma: Token | undefined
  readonly column: string | null
}

/**
 * The comments of a CREATE TABLE that SQLite has accepted, by where they stand:
 *
 * - a column's are those among its own words, those behind it on the line on which it ends (behind its comma, too), and those on lines of
 *   their own directly above it, without a blank line in between;
 * - the table's are those before its opening parenthesis, those on that parenthesis' line when no column begins there, and those on lines of their own
 *   below it that a blank line parts from the first column;
 * - all others (inside of an expression, above a table constraint, at the end) belong to nobody and are left alone.
 *
 * Several are joined with line ends. Throws a `SyntaxError` on a quote that is never closed.
 */
export function parseComments(sql: string): TableComments {
  const tokens = tokenize(sql)
  const open = tokens.findIndex((token) => isSymbol(token, '('))
  const parenthesis = tokens[open]
  if (parenthesis === undefined) return { table: null, columns: new Map() }
  const parts = partsOf(tokens, open)
  const found = { table: [] as string[], columns: new Map<string, string[]>() }
  for (const remark of remarksOf(sql, tokens)) {
    const owner = ownerOf(sql, remark, parenthesis, parts)
    if (owner === null || remark.text === '') continue
    if (owner === TABLE) found.table.push(remark.text)
    else found.columns.set(owner.name, [...(found.columns.get(owner.name) ?? []), remark.text])
  }
  return {
    table: found.table.length === 0 ? null : found.table.join('\n'),
    columns: new Map([...found.columns].map(([name, texts]) => [name, texts.join('\n')])),
  }
}

const TABLE = Symbol('table')
type Owner = { readonly name: string } | typeof TABLE | null

function ownerOf(sql: string, remark: Remark, open: Token, parts: readonly Part[]): Owner {
  if (remark.end <= open.start) return TABLE
  if (remark.depth !== 1) return null
  const named = (part: Part | undefined): Owner =>
    part === undefined || part.column === null ? null : { name: part.column }
  const within = parts.find((part) => part.first.start < remark.start && remark.end < part.last.end)
  if (within) return named(within)
  const next = parts.find((part) => part.first === remark.after)
  if (!remark.opensLine) {
    // A comment in line that leads to a column on its own line is that column's
    if (next && remark.before !== next.last && !lineEnds(sql, remark.end, next.first.start)) return named(next)
    const ended = parts.find((part) => part.last === remark.before || part.comma === remark.before)
    if (ended) return named(ended)
    return remark.before === open ? TABLE : null
  }
  if (next === undefined) return null
  if (!parted(sql, remark, next)) return named(next)
  return next === parts[0] ? TABLE : null
}

const lineEnds = (sql: string, from: number, to: number): boolean => sql.slice(from, to).includes('\n')

/** Is there a blank line somewhere between the remark and the column? Other remarks may stand there. */
function parted(sql: string, remark: Remark, next: Part): boolean {
  return /\n[ \t\r]*\n/.test(sql.slice(remark.end, next.first.start))
}

function partsOf(tokens: readonly Token[], open: number): Part[] {
  const parts: Part[] = []
  let depth = 0
  let first = open + 1
  for (let at = open; at < tokens.length; at++) {
    const token = tokens[at] as Token
    if (isSymbol(token, '(')) depth++
    if (isSymbol(token, ')')) depth--
    const comma = depth === 1 && isSymbol(token, ',')
    if (!comma && depth > 0) continue
    const [begin, last] = [tokens[first], tokens[at - 1]]
    if (begin && last && first < at)
      parts.push({
        first: begin,
        last,
        comma: comma ? token : undefined,
        column: begin.kind === 'word' && constraintWords.has(begin.value.toUpperCase()) ? null : begin.value,
      })
    if (depth === 0) break
    first = at + 1
  }
  return parts
}

const constraintWords = new Set(['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN'])
const isSymbol = (token: Token | undefined, symbol: string): boolean =>
  token?.kind === 'symbol' && token.value === symbol

const comment = /--[^\n]*|\/\*[^]*?(?:\*\/|$)/g

/** Comments stand only between tokens: what looks like one inside of a string or a quoted name is none. */
function remarksOf(sql: string, tokens: readonly Token[]): Remark[] {
  const remarks: Remark[] = []
  let depth = 0
  for (let at = 0; at < tokens.length; at++) {
    const before = tokens[at] as Token
    if (isSymbol(before, '(')) depth++
    if (isSymbol(before, ')')) depth--
    const after = tokens[at + 1]
    const gap = sql.slice(before.end, after?.start ?? sql.length)
    for (const { 0: written, index } of gap.matchAll(comment)) {
      const start = before.end + index
      const lineStart = sql.lastIndexOf('\n', start - 1) + 1
      remarks.push({
        text: clean(written),
        start,
        end: start + written.length,
        opensLine: sql.slice(lineStart, start).trim() === '',
        depth,
        before,
        after,
      })
    }
  }
  return remarks
}

/** The words alone: without dashes, slashes, the stars that lead each line of a block, and blanks around; a ruler says nothing. */
function clean(written: string): string {
  const inner = written.startsWith('--')
    ? written.replace(/^-+/, '')
    : written.replace(/^\/\*+/, '').replace(/\*+\/$/, '')
  const text = inner
    .split('\n')
    .map((line, at) => (at === 0 ? line : line.replace(/^\s*\*(?=\s|$)/, '')).trim())
    .join('\n')
    .trim()
  return /[\p{L}\p{N}]/u.test(text) ? text : ''
}
