import type { Handle } from './handle.ts'
import { columnOf, quoteName } from './quote.ts'

/**
 * Does each index of a rowid table hold exactly its rows? Compared by count and by sums over (key, rowid), each side read as it lies: several times faster
 * than integrity_check, which looks each row up in each index. True is as good as certain: damage would have to leave every sum as it was. Null for
 * what cannot be told in this way: indexes that are partial or over expressions, tables without a rowid.
 */
export function indexesHoldRows(db: Handle, table: string): boolean | null {
  const rowid = rowidOf(db, table)
  const indexes = rowid === null ? null : indexesOf(db, table)
  if (rowid === null || indexes === null) return null
  const from = `FROM main.${quoteName(table)} AS t`
  db.function(HASH, { deterministic: true, directOnly: true }, hashOf)
  const integers = integersOf(db, from, [...new Set(indexes.flatMap(({ columns }) => columns))])
  return compare(db, from, rowid, indexes, integers) ?? compare(db, from, rowid, indexes, new Set())
}

/** Null where one of `integers` holds something else, or sums past 2^63. */
function compare(
  db: Handle,
  from: string,
  rowid: string,
  indexes: readonly Index[],
  integers: ReadonlySet<string>,
): boolean | null {
  const lists = indexes.map(({ columns }) => sumsOf(columns, rowid, integers))
  const rows = sums(db, lists.flat(), `${from} NOT INDEXED`)
  if (rows === null) return null
  let place = 0
  for (const [at, { name, unique, columns }] of indexes.entries()) {
    const list = lists[at] as string[]
    const own = sums(db, list, `${from} INDEXED BY ${quoteName(name)}`)
    if (own === null) return null
    if (own.some((sum, column) => sum !== rows[place + column])) return false
    place += list.length
    if (unique && repeats(db, `${from} INDEXED BY ${quoteName(name)}`, columns)) return false
  }
  return true
}

interface Index {
  readonly name: string
  readonly unique: boolean
  readonly columns: readonly string[]
}

/** Null where one of them does not hold each row under its columns. */
function indexesOf(db: Handle, table: string): readonly Index[] | null {
  const list = db.pragma(`main.index_list(${quoteName(table)})`) as { name: string; unique: number; partial: number }[]
  const indexes: Index[] = []
  for (const { name, unique, partial } of list) {
    const terms = db.pragma(`main.index_xinfo(${quoteName(name)})`) as { cid: number; name: string; key: number }[]
    const key = terms.filter((term) => term.key === 1)
    if (partial === 1 || key.some(({ cid }) => cid < 0)) return null
    indexes.push({ name, unique: unique === 1, columns: key.map((term) => columnOf(term.name)) })
  }
  return indexes
}

/** A name by which the rowid can be read; null for WITHOUT ROWID, virtual tables, and those whose columns have taken all of its names. */
function rowidOf(db: Handle, table: string): string | null {
  const [entry] = db.pragma(`main.table_list(${quoteName(table)})`) as { type: string; wr: number }[]
  if (entry === undefined || entry.wr === 1 || (entry.type !== 'table' && entry.type !== 'shadow')) return null
  const columns = db.pragma(`main.table_xinfo(${quoteName(table)})`) as { name: string }[]
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()))
  return ['rowid', '_rowid_', 'oid'].find((alias) => !taken.has(alias)) ?? null
}

/** Those of which the first rows hold nothing but integers and NULL. */
function integersOf(db: Handle, from: string, columns: readonly string[]): ReadonlySet<string> {
  if (columns.length === 0) return new Set()
  const classes = columns.map((column) => `typeof(${column})`)
  const rows = db
    .prepare(`SELECT ${classes.join(', ')} ${from} LIMIT 20`)
    .raw()
    .all() as string[][]
  return new Set(columns.filter((_, at) => rows.every((row) => row[at] === 'integer' || row[at] === 'null')))
}

const LOW = 2147483647
/** Odd, below 2^31, in turn for the places in a key. */
const FACTORS = [1103515245, 214013, 1140671485, 22695477, 69069, 134775813, 1664525, 16843009]

/**
 * The count, and the sum of products of rowid and key, both scattered: two rows that have changed their keys show. No factor reaches 2^31, since a product past
 * 2^63 would become a real. Then, of columns of integers, what tells that they hold nothing else: sum() of reals is a real, and text sorts behind all
 * numbers. https://www.sqlite.org/lang_aggfunc.html
 */
function sumsOf(columns: readonly string[], rowid: string, integers: ReadonlySet<string>): string[] {
  if (!columns.every((column) => integers.has(column)))
    return [
      'count(*)',
      `sum(CAST(${columns.reduce((before, column) => `${HASH}(${before}, ${column})`, `t.${rowid}`)} AS INTEGER))`,
    ]
  const key = columns.map((column, at) => {
    const factor = FACTORS[at % FACTORS.length]
    return `(ifnull(${column}, 1431655765) & ${LOW}) * ${factor} + (ifnull(${column}, 0) >> 31 & ${LOW})`
  })
  const scattered = key.length === 1 ? key[0] : key.map((part) => `(${part} & ${LOW})`).join(' + ')
  const id = `(t.${rowid} & ${LOW}) * 1566083941 + (t.${rowid} >> 31 & ${LOW}) & ${LOW}`
  const proof = columns.flatMap((column) => [`sum(${column})`, `max(${column})`])
  return ['count(*)', `sum((${id}) * (${scattered} & ${LOW}) >> 31)`, ...proof]
}

/** Null where something else than integers was summed. */
function sums(db: Handle, list: readonly string[], from: string): readonly unknown[] | null {
  try {
    const found = db
      .prepare(`SELECT ${list.join(', ')} ${from}`)
      .raw()
      .safeIntegers()
      .get() as unknown[]
    return found.every((sum) => sum === null || typeof sum === 'bigint') ? found : null
  } catch (error) {
    if (error instanceof Error && error.message === 'integer overflow') return null
    throw error
  }
}

/** NULLs are distinct. */
function repeats(db: Handle, from: string, columns: readonly string[]): boolean {
  const there = columns.map((column) => `${column} IS NOT NULL`).join(' AND ')
  return (
    db.prepare(`SELECT 1 ${from} WHERE ${there} GROUP BY ${columns.join(', ')} HAVING count(*) > 1 LIMIT 1`).get() !==
    undefined
  )
}

const HASH = 'rowferry_hash'

/** 32 bits of a value, and of the number that came before it: the rowid, or what came of it and the key's first columns. */
function hashOf(before: number, value: unknown): number {
  let hash = Math.imul(before ^ (before / 4294967296), 69069)
  if (typeof value === 'string') hash = mixed(hash, value)
  else if (value instanceof Uint8Array) for (const byte of value) hash = Math.imul(hash ^ byte, 16777619) + 1
  // A number may read like a text
  else hash = mixed(hash + 2, String(value))
  return hash >>> 0
}

function mixed(start: number, text: string): number {
  let hash = start ^ text.length
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 16777619)
  return hash ^ (hash >>> 15)
}
