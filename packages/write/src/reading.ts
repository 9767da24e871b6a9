import { escapeExample } from '@rowferry/coerce'
import type { SourceRow, SourceValue } from '@rowferry/introspect'
import { InvalidText } from '@rowferry/introspect'
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

/** The table's rows, batch by batch, with the number of rows before each batch. */
export async function* readRows(request: RowRequest, reading: Reading): AsyncGenerator<{ batch: readonly SourceRow[]; before: number }> {
  const options: ReadOptions = {
    columns: reading.columns,
    integers: request.table.classedIntegers ? 'bigint' : 'auto',
    ...(request.batchRows === undefined ? {} : { batchRows: request.batchRows }),
    ...(request.signal ? { signal: request.signal } : {}),
  }
  let before = 0
  for await (const batch of request.source.readBatches(request.table.source, options)) {
    if (request.signal?.aborted) throw new WriteError('INTERRUPTED', 'stopped while rows were on their way', { table: request.table.source.name })
    yield { batch, before }
    before += batch.length
    request.onProgress?.(before)
  }
}

/** A row's key as text, or its number in the reading order (from 1) where nothing else names it. */
export function keyOf(reading: Reading, row: SourceRow, ordinal: number): { column: string; value: string | null }[] {
  if (reading.key.length === 0) return [{ column: 'row', value: String(ordinal) }]
  return reading.key.map(({ column, position }) => ({ column, value: keyText(row[position] ?? null) }))
}

/** `id=3`, `a=1, b=x`, `row 17`: short, escaped. */
export function rowName(key: readonly { readonly column: string; readonly value: string | null }[]): string {
  if (key.length === 1 && key[0]!.column === 'row') return `row ${key[0]!.value}`
  return key.map(({ column, value }) => `${column}=${value === null ? 'NULL' : escapeExample(value).replace(/^"(.*)"$/s, '$1')}`).join(', ')
}

function keyText(value: SourceValue): string | null {
  if (value === null) return null
  if (value instanceof InvalidText) return `\\x${Buffer.from(value.bytes).toString('hex')}`
  return value instanceof Uint8Array ? `\\x${Buffer.from(value).toString('hex')}` : String(value)
}
