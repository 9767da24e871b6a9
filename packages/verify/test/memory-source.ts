import { InvalidText, type SourceRow, type SourceValue } from '@rowferry/introspect'
import type { ColumnAggregate, Source } from '@rowferry/source'
import { plainResidue } from './plain-residue.ts'

export interface MemoryTable {
  readonly columns: readonly string[]
  /** As stored: integers as bigint, reals as number. */
  readonly rows: readonly SourceRow[]
}

export interface MemoryOptions {
  /** What a faulty reader hands out instead of a stored value; the aggregates know better. */
  readonly fault?: (rows: readonly SourceRow[]) => readonly SourceRow[]
  readonly aggregates?: boolean
  /** Sums come beside the reading (true), so that it does not wait for them. */
  readonly beside?: boolean
  readonly batchRows?: number
  readonly encoding?: 'utf-8' | 'utf-16le'
}

/** A source of one table held in memory, whose SQL is a few lines of arithmetic. */
export function memorySource(
  table: MemoryTable,
  { fault, aggregates = true, beside = true, batchRows = 7, encoding = 'utf-8' }: MemoryOptions = {},
): Source {
  return {
    kind: 'memory',
    label: 'memory',
    supports: { snapshot: true, aggregates, realResidues: aggregates, orphans: false, resume: false, beside },
    readCatalog: () => Promise.reject(new Error('a memory source has no catalog')),
    *readBatches(_table, { columns, integers = 'auto' }) {
      const picked = columns.map((column) => table.columns.indexOf(column))
      const hand = (value: SourceValue): SourceValue =>
        typeof value === 'bigint' && integers === 'auto' && Number.isSafeInteger(Number(value)) ? Number(value) : value
      const rows = fault ? fault(table.rows) : table.rows
      for (let at = 0; at < rows.length; at += batchRows) {
        yield rows
          .slice(at, at + batchRows)
          .map((row, i) => picked.map((from) => (from < 0 ? BigInt(at + i + 1) : hand(row[from]!))))
      }
    },
    aggregate: async (_table, columns) => ({
      rows: table.rows.length,
      columns: columns.map((column) =>
        aggregate(
          column,
          table.rows.map((row) => row[table.columns.indexOf(column)]!),
          encoding,
        ),
      ),
    }),
    fingerprint: async () => 'still',
    close: async () => {},
  }
}

function aggregate(column: string, values: readonly SourceValue[], encoding: 'utf-8' | 'utf-16le'): ColumnAggregate {
  const integers = values.filter((value) => typeof value === 'bigint')
  const texts = values.filter((value) => typeof value === 'string' || value instanceof InvalidText)
  const blobs = values.filter((value) => value instanceof Uint8Array)
  const octets = [...texts, ...blobs].reduce(
    (sum, value) =>
      sum +
      (typeof value === 'string'
        ? Buffer.byteLength(value, encoding)
        : value instanceof InvalidText
          ? value.bytes.length
          : value.length),
    0,
  )
  const sorted = integers.toSorted((a, b) => (a < b ? -1 : 1))
  return {
    column,
    nulls: values.filter((value) => value === null).length,
    integers: integers.length,
    reals: values.filter((value) => typeof value === 'number').length,
    texts: texts.length,
    blobs: blobs.length,
    octets: String(octets),
    integerSum: integers.length === 0 ? null : String(integers.reduce((sum, value) => sum + value, 0n)),
    integerMin: integers.length === 0 ? null : String(sorted[0]),
    integerMax: integers.length === 0 ? null : String(sorted.at(-1)),
    realResidue: plainResidue(values.filter((value) => typeof value === 'number')),
  }
}
