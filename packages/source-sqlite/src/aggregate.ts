import type { ColumnAggregate, TableAggregate } from '@rowferry/source'
import type { TextEncoding } from './exact.ts'
import type { Handle } from './handle.ts'
import type { Layout } from './layout.ts'
import { firstRows } from './keyset.ts'
import { columnOf } from './quote.ts'
import { farResidues, realResidue, residueOfSum } from './real-residue.ts'

type Sum = number | bigint | string | Buffer | null

/** At most 2000 results in one SELECT; eleven for a column of mixed classes. */
const columnsAtOnce = 180

/**
 * A column's own account by SQLite's aggregates. Most columns hold one storage class, for which three or four aggregates say everything: what the first
 * rows hold is tried, and the columns for which it did not add up are asked in full.
 */
export function aggregateTable(
  db: Handle,
  layout: Layout,
  columns: readonly string[],
  encoding: TextEncoding,
  first?: number,
): TableAggregate {
  if (first !== undefined) return aggregateTable(db, firstRows(layout, first), columns, encoding)
  const rows = Number(db.prepare(`SELECT count(*) FROM ${layout.sql}`).pluck().get())
  const found = new Map<string, ColumnAggregate>()
  for (let from = 0; from < columns.length; from += columnsAtOnce) {
    const some = columns.slice(from, from + columnsAtOnce)
    for (const account of uniformColumns(db, layout, some, rows)) found.set(account.column, account)
    const rest = some.filter((column) => !found.has(column))
    for (const account of mixedColumns(db, layout, rest)) found.set(account.column, account)
  }
  const accounts = columns.map((column) => found.get(column) as ColumnAggregate)
  // Those of which the sum did not tell
  const far = accounts.filter(({ realResidue: residue }) => residue === null).map(({ column }) => column)
  const residues = new Map(farResidues(db, layout, far).map((residue, at) => [far[at], residue]))
  return {
    rows,
    textEncoding: encoding,
    columns: accounts.map((account) => ({
      ...account,
      realResidue: account.realResidue ?? (residues.get(account.column) as number),
    })),
  }
}

/** `wide`: integers whose sum may pass 2^63. */
type Guess = 'integer' | 'wide' | 'real' | 'text' | 'blob'

function uniformColumns(db: Handle, layout: Layout, columns: readonly string[], rows: number): ColumnAggregate[] {
  const guesses = guessClasses(db, layout, columns)
  const widest = guesses.map((guess): Guess => (guess === 'integer' ? 'wide' : guess))
  return attempt(() => uniformAs(db, layout, columns, rows, guesses)) ?? uniformAs(db, layout, columns, rows, widest)
}

function uniformAs(
  db: Handle,
  layout: Layout,
  columns: readonly string[],
  rows: number,
  guesses: readonly Guess[],
): ColumnAggregate[] {
  const results = columns.map((name, at) => resultsOf(columnOf(name), guesses[at] as Guess))
  const values = select(db, layout, results.flat())
  let place = 0
  return columns.flatMap((column, at) => {
    const guess = guesses[at] as Guess
    const own = values.slice(place, (place += (results[at] as string[]).length))
    const [present, second, third, fourth, least, most] = own as [bigint, ...Sum[]]
    const empty = { ...nothing, column, nulls: rows - Number(present) }
    if (present === 0n) return empty
    const count = Number(present)
    if (guess === 'integer') {
      // sum() gives an integer only when every value was one, or a text that looks like one; text sorts after all numbers, so max() tells
      if (typeof second !== 'bigint' || typeof fourth !== 'bigint') return []
      return {
        ...empty,
        integers: count,
        integerSum: String(second),
        integerMin: String(third),
        integerMax: String(fourth),
      }
    }
    if (second !== present) return []
    if (guess === 'wide') {
      const sum = (third as bigint) * 4294967296n + (fourth as bigint)
      return {
        ...empty,
        integers: count,
        integerSum: String(sum),
        integerMin: String(least),
        integerMax: String(most),
      }
    }
    if (guess === 'real') return { ...empty, reals: count, realResidue: residueOfSum(third) }
    return { ...empty, ...(guess === 'text' ? { texts: count } : { blobs: count }), octets: String(third ?? 0) }
  })
}

function resultsOf(column: string, guess: Guess): string[] {
  const present = `count(${column})`
  if (guess === 'integer') return [present, `sum(${column})`, `min(${column})`, `max(${column})`]
  const ofClass = `count(*) FILTER (WHERE typeof(${column}) = '${guess === 'wide' ? 'integer' : guess}')`
  if (guess === 'real') return [present, ofClass, `sum(${realResidue(column)})`]
  if (guess !== 'wide') return [present, ofClass, `sum(octet_length(${column}))`]
  return [present, ofClass, ...halves(column), `min(${column})`, `max(${column})`]
}

/** sum() refuses to pass 2^63: the upper and the lower half apart cannot. */
function halves(column: string, filter = ''): [string, string] {
  return [`sum(${column} >> 32)${filter}`, `sum(${column} & 4294967295)${filter}`]
}

/** Far enough below 2^63 for eight million of them. */
const wideFrom = 2 ** 40

function guessClasses(db: Handle, layout: Layout, columns: readonly string[]): readonly Guess[] {
  if (columns.length === 0) return []
  const classes = columns.map((name) => {
    const column = columnOf(name)
    const isWide = `typeof(${column}) = 'integer' AND ${column} NOT BETWEEN -${wideFrom} AND ${wideFrom}`
    return `CASE WHEN ${isWide} THEN 'wide' ELSE typeof(${column}) END`
  })
  const sample = db
    .prepare(`SELECT ${classes.join(', ')} FROM ${layout.sql} AS t LIMIT 20`)
    .raw()
    .all() as (Guess | 'null')[][]
  return columns.map((_, at) => {
    const seen = sample.flatMap((row) => (row[at] === 'null' ? [] : [row[at] as Guess]))
    return seen.includes('wide') ? 'wide' : (seen[0] ?? 'text')
  })
}

function mixedColumns(db: Handle, layout: Layout, columns: readonly string[]): ColumnAggregate[] {
  const results = columns.flatMap((name) => {
    const column = columnOf(name)
    const of = (storageClass: string) => `FILTER (WHERE typeof(${column}) = '${storageClass}')`
    return [
      ...['null', 'integer', 'real', 'text', 'blob'].map((storageClass) => `count(*) ${of(storageClass)}`),
      `sum(octet_length(${column})) FILTER (WHERE typeof(${column}) IN ('text', 'blob'))`,
      ...halves(column, ` ${of('integer')}`),
      `min(${column}) ${of('integer')}`,
      `max(${column}) ${of('integer')}`,
      `sum(${realResidue(column)}) ${of('real')}`,
    ]
  })
  const values = select(db, layout, results)
  return columns.map((column, at) => {
    const [nulls, integers, reals, texts, blobs, octets, upper, lower, least, most, residue] = values.slice(
      at * 11,
      at * 11 + 11,
    ) as (bigint | null)[]
    const known = {
      column,
      nulls: Number(nulls),
      integers: Number(integers),
      reals: Number(reals),
      texts: Number(texts),
      blobs: Number(blobs),
    }
    const text = (value: bigint | null | undefined): string | null => (typeof value === 'bigint' ? String(value) : null)
    const sum = typeof upper === 'bigint' && typeof lower === 'bigint' ? upper * 4294967296n + lower : null
    return {
      ...known,
      octets: String(octets ?? 0n),
      integerSum: text(sum),
      integerMin: text(least),
      integerMax: text(most),
      realResidue: residueOfSum(residue),
    }
  })
}

function select(db: Handle, layout: Layout, results: readonly string[]): Sum[] {
  if (results.length === 0) return []
  return db
    .prepare(`SELECT ${results.join(', ')} FROM ${layout.sql} AS t`)
    .raw()
    .safeIntegers()
    .get() as Sum[]
}

function attempt<Result>(run: () => Result): Result | null {
  try {
    return run()
  } catch (error) {
    if (error instanceof Error && error.message === 'integer overflow') return null
    throw error
  }
}

const nothing = {
  integers: 0,
  reals: 0,
  texts: 0,
  blobs: 0,
  octets: '0',
  integerSum: null,
  integerMin: null,
  integerMax: null,
  realResidue: 0,
}
