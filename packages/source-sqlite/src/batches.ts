import type { SourceRow, SourceValue } from '@rowferry/introspect'
import { type SourceCondition, SourceError } from '@rowferry/source'
import type { Statement } from 'better-sqlite3'
import {
  decoderOf,
  isDoubtfulNumber,
  isDoubtfulText,
  settleInteger,
  weigh,
  type Cell,
  type TextEncoding,
} from './exact.ts'
import type { Handle } from './handle.ts'
import { rangesAfter, type Range } from './keyset.ts'
import { mayHoldMoreThan, octetsOf, type Layout } from './layout.ts'
import { columnOf } from './quote.ts'

export interface Reading {
  readonly db: Handle
  readonly layout: Layout
  readonly encoding: TextEncoding
  readonly columns: readonly string[]
  readonly conditions: ReadonlyMap<string, SourceCondition> | undefined
  readonly batchRows: number | undefined
  readonly integers: 'auto' | 'bigint'
  readonly after: SourceRow | undefined
}

/** What stands in the SELECT for a column, or for a condition; a comment at its end reaches to the end of the line. */
function valueOf({ conditions }: Reading, name: string): string {
  const condition = conditions?.get(name)
  if (!condition) return columnOf(name)
  return `((${condition.expression}\n) IS ${condition.orUnknown ? 'NOT FALSE' : 'TRUE'})`
}

const targetOctets = 128 * 1024
const firstBatch = 100
const mostRows = 1024
const fatRow = 64 * 1024
/** SQLITE_MAX_COLUMN as better-sqlite3 is built: also the most that one SELECT can give. */
const mostColumns = 2000

/**
 * A table in the order of its key, each batch one range of its b-tree: `all()` on ranges is nearly twice as fast as stepping. Numbers and texts come
 * as they are; a batch that holds a doubtful cell is read once more, exactly.
 */
export function* keysetBatches(reading: Reading): Generator<SourceRow[], void, undefined> {
  const { layout, columns } = reading
  const hidden = layout.key.map((column) => column.name).filter((name) => !columns.includes(name))
  const names = [...columns, ...hidden]
  const keyAt = layout.key.map((column) => names.indexOf(column.name))
  const fetch = fetcherOf(reading, names)
  const fat = mayHoldMoreThan(reading.db, layout, fatRow)
  const most = reading.batchRows ?? mostRows
  let limit = Math.min(firstBatch, most)
  let ranges = rangesAfter(layout, reading.after)
  for (;;) {
    const [range] = ranges
    if (range === undefined) return
    const allowed = fat ? fetch.fitting(range, limit) : limit
    const { rows, octets } = fetch.rows(range, allowed)
    const last = rows.at(-1)
    if (rows.length < allowed) ranges = ranges.slice(1)
    else if (last !== undefined)
      ranges = rangesAfter(
        layout,
        keyAt.map((at) => last[at] as SourceValue),
      )
    if (last === undefined) continue
    limit = Math.max(1, Math.min(most, limit * 4, Math.round((targetOctets * rows.length) / octets)))
    if (hidden.length > 0) for (const row of rows) row.length = columns.length
    yield rows
  }
}

interface Fetcher {
  rows(range: Range, limit: number): { readonly rows: SourceValue[][]; readonly octets: number }
  /** How many of the next rows fit in a batch, at least one. */
  fitting(range: Range, limit: number): number
}

function fetcherOf(reading: Reading, names: readonly string[]): Fetcher {
  const { db, layout, encoding, integers } = reading
  const expressions = names.map((name) => valueOf(reading, name))
  const statements = new Map<string, Statement>()
  const decode = decoderOf(encoding)
  const prepare = (sql: string, exact: boolean): Statement => {
    const known = statements.get(`${exact} ${sql}`)
    if (known) return known
    const made = db.prepare(sql).raw().safeIntegers(exact)
    statements.set(`${exact} ${sql}`, made)
    return made
  }
  const select = (wanted: readonly string[], range: Range, limit: number, exact: boolean): Cell[][] => {
    let rows: Cell[][] | undefined
    for (let from = 0; from < wanted.length; from += mostColumns) {
      const part = wanted.slice(from, from + mostColumns)
      const found = prepare(`SELECT ${part.join(', ')} ${range.tail}`, exact).all(
        ...range.parameters,
        limit,
      ) as Cell[][]
      if (rows === undefined) rows = found
      else for (const [at, row] of rows.entries()) for (const cell of found[at] ?? []) row.push(cell)
    }
    return rows ?? []
  }
  return {
    rows(range, limit) {
      const rows: SourceValue[][] = select(expressions, range, limit, integers === 'bigint')
      const { octets, numbers, texts } = look(rows as Cell[][], encoding)
      // Doubtful is only what came as a number: with `bigint`, a real
      if (numbers.length > 0 && integers === 'auto') {
        const again = numbers.map((at) => expressions[at] as string)
        replace(rows, numbers, select(again, range, limit, true), (cell) => settleInteger(cell, 'auto'))
      }
      if (texts.length > 0) {
        const bytes = texts.map((at) => `CAST(${expressions[at]} AS BLOB)`)
        replace(rows, texts, select(bytes, range, limit, false), (cell, old) =>
          typeof old === 'string' ? decode(cell as Buffer) : old,
        )
      }
      return { rows, octets }
    },
    fitting(range, limit) {
      const sizes = prepare(`SELECT ${octetsOf(layout.columns)} ${range.tail}`, false).all(
        ...range.parameters,
        limit,
      ) as number[][]
      let octets = 0
      const over = sizes.findIndex(([size]) => (octets += size as number) > targetOctets * 2)
      return over < 0 ? limit : Math.max(1, over)
    },
  }
}

/** One look over all cells: what they weigh, and which columns have to be read again. */
function look(
  rows: readonly (readonly Cell[])[],
  encoding: TextEncoding,
): { readonly octets: number; readonly numbers: readonly number[]; readonly texts: readonly number[] } {
  const width = rows[0]?.length ?? 0
  const bent = encoding !== 'utf-8'
  let octets = rows.length * width * 8
  const numbers: number[] = []
  const texts: number[] = []
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index] as readonly Cell[]
    for (let at = 0; at < width; at += 1) {
      const cell = row[at] as Cell
      if (typeof cell === 'number') {
        if (isDoubtfulNumber(cell) && !numbers.includes(at)) numbers.push(at)
      } else if (typeof cell === 'string') {
        octets += cell.length
        if ((bent || isDoubtfulText(cell)) && !texts.includes(at)) texts.push(at)
      } else if (cell !== null && typeof cell === 'object') octets += cell.length
    }
  }
  return { octets, numbers, texts }
}

/** What was read again takes its place: `found[i]` are the cells of `rows[i]` in these columns. */
function replace(
  rows: readonly SourceValue[][],
  columns: readonly number[],
  found: readonly (readonly Cell[])[],
  settle: (cell: Cell, old: SourceValue) => SourceValue,
): void {
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index] as SourceValue[]
    const cells = found[index] as readonly Cell[]
    for (let at = 0; at < columns.length; at += 1) {
      const column = columns[at] as number
      row[column] = settle(cells[at] as Cell, row[column] as SourceValue)
    }
  }
}

/**
 * A table that has no key to seek by (a virtual one, one whose columns take all names of the rowid) in one uninterrupted scan: values from one
 * statement, the bytes of texts from another beside it, since no row could be found again.
 */
export function* scanBatches(reading: Reading): Generator<SourceRow[], void, undefined> {
  const { db, layout, columns, after, integers } = reading
  const decode = decoderOf(reading.encoding)
  // An index that covers the columns would bring another order
  const from = `FROM ${layout.sql} AS t NOT INDEXED`
  const expressions = columns.length === 0 ? ['NULL'] : columns.map((name) => valueOf(reading, name))
  const values = scan(db, expressions, from)
  const bytes = scan(
    db,
    expressions.map((value) => `CASE WHEN typeof(${value}) = 'text' THEN CAST(${value} AS BLOB) END`),
    from,
  )
  const keys =
    after === undefined
      ? null
      : scan(
          db,
          layout.primaryKey.map((name) => columnOf(name)),
          from,
        )
  const most = reading.batchRows ?? mostRows
  let waiting = after !== undefined
  let batch: SourceValue[][] = []
  let octets = 0
  try {
    for (let next = values.next(); next.done !== true; next = values.next()) {
      const raw = bytes.next().value as (Buffer | null)[]
      if (waiting) {
        waiting = !sameKey((keys?.next().value ?? []) as Cell[], after ?? [])
        continue
      }
      batch.push(
        columns.map((_, at) =>
          typeof next.value[at] === 'string'
            ? decode(raw[at] as Buffer)
            : settleInteger(next.value[at] as Cell, integers),
        ),
      )
      for (const cell of next.value) octets += weigh(cell)
      if (batch.length < most && octets < targetOctets) continue
      yield batch
      batch = []
      octets = 0
    }
    if (waiting)
      throw new SourceError('SOURCE_CHANGED', `No row of ${layout.sql} has the key to go on after`, {
        remedy: 'Read the table from its beginning.',
      })
    if (batch.length > 0) yield batch
  } finally {
    for (const iterator of [values, bytes, keys]) iterator?.return?.()
  }
}

function scan(db: Handle, expressions: readonly string[], from: string): IterableIterator<Cell[]> {
  return db
    .prepare(`SELECT ${expressions.join(', ')} ${from}`)
    .raw()
    .safeIntegers()
    .iterate() as IterableIterator<Cell[]>
}

function sameKey(found: readonly Cell[], wanted: SourceRow): boolean {
  return (
    found.length === wanted.length &&
    found.every((cell, at) => {
      const value = wanted[at]
      if (Buffer.isBuffer(cell)) return value instanceof Uint8Array && cell.equals(value)
      return settleInteger(cell, 'auto') === value || cell === value
    })
  )
}
