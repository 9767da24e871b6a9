import type { SourceRow, SourceValue, TableName } from '@rowferry/introspect'
import type { ReadOptions, Source } from '@rowferry/source'

/** A source whose tables are arrays. Rows are given as stored; `rowid` counts from 1. `asked` keeps what was asked of it. */
export interface MemorySource extends Source {
  readonly asked: ReadOptions[]
}

export function memorySource(
  columns: readonly string[],
  rows: Iterable<SourceRow>,
  given: { batchRows?: number; between?: (batch: number) => void } = {},
): MemorySource {
  const asked: ReadOptions[] = []
  return {
    kind: 'memory',
    label: 'rows in memory',
    asked,
    supports: { snapshot: true, aggregates: false, orphans: false, resume: false },
    readCatalog: () => Promise.reject(new Error('not asked for here')),
    fingerprint: () => Promise.resolve('memory'),
    close: () => Promise.resolve(),
    *readBatches(_table: TableName, options: ReadOptions) {
      asked.push(options)
      const size = options.batchRows ?? given.batchRows ?? 700
      const places = options.columns.map((name) => columns.indexOf(name))
      let batch: SourceRow[] = []
      let count = 0
      let batches = 0
      for (const row of rows) {
        count++
        batch.push(places.map((place): SourceValue => (place === -1 ? count : (row[place] ?? null))))
        if (batch.length < size) continue
        given.between?.(batches++)
        yield batch
        batch = []
      }
      given.between?.(batches)
      if (batch.length > 0) yield batch
    },
  }
}
