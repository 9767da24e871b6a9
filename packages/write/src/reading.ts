import { setImmediate } from 'node:timers/promises'
import type { Cast, RowEncoder } from '@rowferry/coerce'
import { compileRow, escapeExample } from '@rowferry/coerce'
import type { SourceRow, SourceValue } from '@rowferry/introspect'
import { formatTableName, InvalidText } from '@rowferry/introspect'
import type { TablePlan } from '@rowferry/plan'
import type { ReadOptions, Source } from '@rowferry/source'
import { WriteError } from './error.ts'

/** What is asked of the source for one table: the columns to write, then whatever else names a row. */
export interface Reading {
  readonly columns: readonly string[]
  /** Column names that name a row, with their places in `columns`; empty when only the row's number can. */
  readonly key: readonly { readonly column: string; readonly position: number }[]
}

export interface RowRequest {
  readonly table: TablePlan
  readonly source: Source
  /** Rows in a reading batch. Default: the adapter's own choice. */
  readonly batchRows?: number
  /** Raised: `INTERRUPTED` at the next batch. */
  readonly signal?: AbortSignal
  /** Rows read so far; called once a batch. */
  readonly onProgress?: (rows: number) => void
}

export function readingOf(table: TablePlan): Reading {
  const columns = table.casts.map((cast) => cast.column)
  const names = table.key.length > 0 ? table.key : table.rowIdentifier === null ? [] : [table.rowIdentifier]
  for (const name of names) if (!columns.includes(name)) columns.push(name)
  return { columns, key: names.map((column) => ({ column, position: columns.indexOf(column) })) }
}

/** How integers are read and encoded: as bigint where 1 and 1.0 must stay apart. */
export function integersOf(table: TablePlan): 'auto' | 'bigint' {
  return table.classedIntegers ? 'bigint' : 'auto'
}

/** The columns that are written: those of the source, then those that every row gets one value for. */
export function writtenCasts(table: TablePlan): Cast[] {
  return [...table.casts, ...table.fills.map(({ cast }) => cast)]
}

/** How each of these columns has its value from a row as it was read: out of it, or the same for all. */
export function valuesOf(table: TablePlan, casts: readonly Cast[]): readonly ((row: SourceRow) => SourceValue)[] {
  const { columns } = readingOf(table)
  return casts.map((cast) => {
    const fill = table.fills.find((each) => each.cast === cast)
    if (fill) return () => fill.value
    const place = columns.indexOf(cast.column)
    return (row) => row[place] ?? null
  })
}

/** Encodes a row as the source gives it. */
export function encoderOf(table: TablePlan): RowEncoder {
  const encoder = compileRow(writtenCasts(table), { integers: integersOf(table) })
  if (table.fills.length === 0) return encoder
  const width = table.casts.length
  const values = table.fills.map(({ value }) => value)
  const widened = (row: SourceRow): SourceRow => [...row.slice(0, width), ...values]
  return {
    ...encoder,
    encode: (row, into) => encoder.encode(widened(row), into),
    explain: (row) => encoder.explain(widened(row)),
  }
}

/** How long reading may keep the thread before timers and signals get their turn. */
const PATIENCE_MS = 20

/** The table's rows, batch by batch. */
export async function* readRows(request: RowRequest, reading: Reading): AsyncGenerator<readonly SourceRow[]> {
  const { table, source, batchRows, signal } = request
  const options: ReadOptions = {
    columns: reading.columns,
    integers: integersOf(table),
    ...(batchRows === undefined ? {} : { batchRows }),
    ...(signal ? { signal } : {}),
  }
  let rows = 0
  let pause = performance.now() + PATIENCE_MS
  refuseInterrupted(request)
  try {
    for await (const batch of source.readBatches(table.source, options)) {
      if (performance.now() > pause) {
        await setImmediate()
        pause = performance.now() + PATIENCE_MS
      }
      refuseInterrupted(request)
      yield batch
      rows += batch.length
      request.onProgress?.(rows)
    }
  } catch (error) {
    throw orInterrupted(request, error)
  }
}

export function refuseInterrupted({ signal, table }: RowRequest): void {
  if (signal?.aborted) throw interrupted(table, signal.reason)
}

/** A raised signal also ends the source's reading and the target's session, each with words of its own. */
export function orInterrupted({ signal, table }: RowRequest, error: unknown): unknown {
  return signal?.aborted && !(error instanceof WriteError) ? interrupted(table, error) : error
}

function interrupted(table: TablePlan, cause: unknown): WriteError {
  const name = formatTableName(table.source)
  return new WriteError('INTERRUPTED', `stopped while rows of ${name} were on their way`, { table: name, cause })
}

/** A row's key as text, or its number in the reading order (from 1) where nothing else names it. */
export function keyOf(reading: Reading, row: SourceRow, ordinal: number): { column: string; value: string | null }[] {
  if (reading.key.length === 0) return [{ column: 'row', value: String(ordinal) }]
  return reading.key.map(({ column, position }) => ({ column, value: keyText(row[position] ?? null) }))
}

/** `id=3`, `a=1, b=x`, `row 17`: short, escaped. */
export function rowName(key: readonly { readonly column: string; readonly value: string | null }[]): string {
  if (key.length === 1 && key[0]!.column === 'row') return `row ${key[0]!.value}`
  return key
    .map(
      ({ column, value }) => `${column}=${value === null ? 'NULL' : escapeExample(value).replace(/^"([^]*)"$/, '$1')}`,
    )
    .join(', ')
}

/** As the examiner names rows that were set aside. */
export function keyText(value: SourceValue): string | null {
  if (value === null || typeof value === 'string') return value
  if (typeof value !== 'object') return String(value)
  return `\\x${Buffer.from(value instanceof InvalidText ? value.bytes : value).toString('hex')}`
}
