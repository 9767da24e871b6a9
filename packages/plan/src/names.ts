import { createHash } from 'node:crypto'
import type { TableName } from '@rowferry/introspect'
import type { PlanOptions } from './options.ts'

const MAX_BYTES = 63
const SYSTEM_COLUMNS = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'])

/** What bears the name: a table may be called `ctid`, a column may not. */
export type NameKind = 'table' | 'column' | 'index' | 'constraint'

/** The identity of a table in a Map. */
export function tableId(name: TableName): string {
  return JSON.stringify([name.schema, name.name])
}

/** Camel humps, blanks and signs become single underscores: `OrderDetails` and `Order Details` are `order_details`, `HTTPLog` is `http_log`. */
export function snakeCase(name: string): string {
  return name
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1_$2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1_$2')
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .toLowerCase()
}

export function recase(name: string, style: PlanOptions['case']): string {
  if (style === 'snake') return snakeCase(name)
  return style === 'lower' ? name.toLowerCase() : name
}

/** Two names that differ only in case and punctuation. */
export function nearName(a: string, b: string): boolean {
  const plain = (name: string) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
  return plain(a) !== '' && plain(a) === plain(b)
}

/** Why PostgreSQL would not keep this name, or null. https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS */
export function nameTrouble(name: string, kind: NameKind): { code: string; message: string } | null {
  if (name === '') return { code: 'NAME_EMPTY', message: 'PostgreSQL has no empty names' }
  if (name.includes('\0') || !name.isWellFormed())
    return { code: 'NAME_NOT_TEXT', message: 'PostgreSQL names are text, without NUL characters' }
  const bytes = Buffer.byteLength(name)
  if (bytes > MAX_BYTES)
    return { code: 'NAME_TOO_LONG', message: `it has ${bytes} bytes, and PostgreSQL keeps ${MAX_BYTES} of a name` }
  if (kind === 'column' && SYSTEM_COLUMNS.has(name))
    return { code: 'NAME_RESERVED', message: `${name} is one of PostgreSQL's own system columns` }
  return null
}

/** A name that PostgreSQL keeps as it is: the same where it can be, `_` for an empty one, `ctid_` for `ctid`, and for a long one its beginning with a mark. */
export function keepableName(name: string, kind: NameKind): string {
  const text = name.toWellFormed().replaceAll('\0', '\u{FFFD}')
  if (text === '') return '_'
  if (kind === 'column' && SYSTEM_COLUMNS.has(text)) return `${text}_`
  return Buffer.byteLength(text) > MAX_BYTES ? markedName(text) : text
}

/** The name, cut where need be, with eight hexadecimal digits of the hash of what it stands for: `orders_1a2b3c4d`. `turn` gives another one. */
export function markedName(name: string, standsFor = name, turn = 0): string {
  const hash = createHash('sha256').update(turn === 0 ? standsFor : `${standsFor}\0${turn}`)
  return `${cutName(name, MAX_BYTES - 9)}_${hash.digest('hex').slice(0, 8)}`
}

/** The longest beginning of so many bytes, cut between characters. */
function cutName(name: string, bytes: number): string {
  let kept = ''
  let left = bytes
  for (const character of name) {
    left -= Buffer.byteLength(character)
    if (left < 0) break
    kept += character
  }
  return kept
}

/** Gives out names that PostgreSQL keeps, each once: one that is taken, or too long, gets a mark. */
export function nameAllocator(taken: Iterable<string>): (wanted: string) => string {
  const used = new Set(taken)
  return (wanted) => {
    let name = keepableName(wanted, 'index')
    for (let turn = 0; used.has(name); turn++) name = markedName(keepableName(wanted, 'index'), wanted, turn)
    used.add(name)
    return name
  }
}
