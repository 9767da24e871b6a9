import type { SourceRow, TableName } from '@rowferry/introspect'
import { formatTableName, sameTable } from '@rowferry/introspect'
import type { ReadOptions, Source } from '@rowferry/source'
import { lines } from '../quarantine.ts'
import { readSetAside, rowOf } from './read-row.ts'
import type { Replay } from './replay.ts'

const BATCH_ROWS = 1000

/** The rows of a quarantine, in place of the source's: what they are called and declared as, the source still says. */
export function replaySource(source: Source, replay: Replay): Source {
  return {
    kind: source.kind,
    label: source.label,
    supports: { snapshot: false, aggregates: false, orphans: false, resume: false },
    async readCatalog(options) {
      const catalog = await source.readCatalog(options)
      return {
        ...catalog,
        tables: catalog.tables.map((table) => ({ ...table, rowEstimate: rowsOf(replay, table.name) })),
      }
    },
    readBatches: (table, options) => readRows(replay, table, options),
    fingerprint: () => source.fingerprint(),
    close: () => source.close(),
  }
}

function rowsOf(replay: Replay, table: TableName): number {
  return replay.files.find((file) => sameTable(file.table, table))?.rows ?? 0
}

async function* readRows(replay: Replay, table: TableName, options: ReadOptions): AsyncGenerator<readonly SourceRow[]> {
  const file = replay.files.find((each) => sameTable(each.table, table))
  if (!file) return
  const { columns, integers = 'auto', batchRows = BATCH_ROWS, signal } = options
  let batch: SourceRow[] = []
  let number = 0
  for await (const line of lines(file.path)) {
    const where = `${file.path}, line ${++number}, of ${formatTableName(table)},`
    batch.push(rowOf(readSetAside(line, where), columns, integers, where))
    if (batch.length < batchRows) continue
    signal?.throwIfAborted()
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
