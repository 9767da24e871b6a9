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
  const first = new Set(indexes.map(({ columns }) => columns[0] as string))
  const short = shortOf(db, from, [`t.${rowid}`, ...[...integers].filter((column) => first.has(column))])
  return compare(db, from, rowid, indexes, { integers, short }) ?? compare(db, from, rowid, indexes, nothingKnown)
}

interface Known {
  /** Columns that seem to hold nothing but integers and NULL. */
  readonly integers: ReadonlySet<string>
  /** Terms, the rowid among them, all of whose values seem to lie within a span of 2^31. */
  readonly short: ReadonlySet<string>
}

const nothingKnown: Known = { integers: new Set(), short: new Set() }

/** Null where one of the integers is something else, or they sum past 2^63. */
function compare(db: Handle, from: string, rowid: string, indexes: readonly Index[], known: Known): boolean | null {
  const lists = indexes.map(({ columns }) => sumsOf(columns, rowid, known))
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

/** By the least and the greatest, which the table and an index that begins with the term have at their ends. */
function shortOf(db: Handle, from: string, terms: readonly string[]): ReadonlySet<string> {
  return new Set(
    terms.filter((term) => {
      const [least, most] = db
        .prepare(`SELECT (SELECT min(${term}) ${from}), (SELECT max(${term}) ${from})`)
        .raw()
        .get() as unknown[]
      return typeof least === 'number' && typeof most === 'number' && most - least < LOW
    }),
  )
}

const LOW = 2147483647
/** Odd, below 2^31, in turn for the places in a key. */
const FACTORS = [1103515245, 214013, 1140671485, 22695477, 69069, 134775813, 1664525, 16843009]

/**
 * The count, and the sum of products of rowid and key, both scattered: two rows that have changed their keys show. No factor reaches 2^31, since a product past
 * 2^63 would become a real. Then, of columns of integers, what tells that they hold nothing else: sum() of reals is a real, and text sorts behind all
 * numbers. https://www.sqlite.org/lang_aggfunc.html
 */
function sumsOf(columns: readonly string[], rowid: string, { integers, short }: Known): string[] {
  const id = `t.${rowid}`
  if (!columns.every((column) => integers.has(column)))
    return [
      'count(*)',
      `sum(CAST(${columns.reduce((before, column) => `${HASH}(${before}, ${column})`, id)} AS INTEGER))`,
    ]
  const key = columns.map((column, at) => {
    const factor = FACTORS[at % FACTORS.length] as number
    const present = `ifnull(${column}, 1431655765)`
    // A span of 2^31 comes out as it went in: each value another one
    return short.has(column)
      ? `${present} * ${factor}`
      : `(${present} & ${LOW}) * ${factor} + (ifnull(${column}, 0) >> 31 & ${LOW})`
  })
  const scattered = key.length === 1 ? key[0] : key.map((part) => `(${part} & ${LOW})`).join(' + ')
  const scatteredId = short.has(id) ? `${id} * ${ID}` : `(${id} & ${LOW}) * ${ID} + (${id} >> 31 & ${LOW})`
  const proof = columns.flatMap((column) => [`sum(${column})`, `max(${column})`])
  return ['count(*)', `sum((${scatteredId} & ${LOW}) * (${scattered} & ${LOW}) >> 31)`, ...proof]
}

const ID = 1566083941

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
