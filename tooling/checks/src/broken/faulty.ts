import type { migrate } from '@rowferry/migrate'
import { sqlite } from '@rowferry/source-sqlite'

type Input = Parameters<typeof migrate>[0]
type Adapter = Input['source']['adapter']
type Source = Awaited<ReturnType<Adapter['open']>>
type ReadOptions = Parameters<Source['readBatches']>[1]
type Batch = Awaited<
  ReturnType<
    Source['readBatches'] extends (...given: never) => AsyncIterable<infer B> | Iterable<infer B> ? () => B : never
  >
>
export type Row = Batch[number]

/** What becomes of a table's batch; `columns` as they were asked for. */
export type Fault = (
  table: string,
  rows: readonly Row[],
  columns: readonly string[],
  integers: ReadOptions['integers'],
) => readonly Row[]

/**
 * SQLite, read with a fault. `while`: only then; an encoder that is wrong is the fault of the load alone, a reader that is wrong errs
 * whenever it reads. The source's own sums know nothing of it, as they would not.
 */
export function faulty(fault: Fault, isOn: () => boolean): Adapter {
  return {
    ...sqlite,
    async open(options) {
      const source = await sqlite.open(options as Parameters<typeof sqlite.open>[0])
      return {
        ...source,
        async *readBatches(table: Parameters<Source['readBatches']>[0], asked: ReadOptions) {
          for await (const rows of source.readBatches(table, asked))
            yield isOn() ? fault(table.name, rows, asked.columns, asked.integers) : rows
        },
      }
    },
  }
}
