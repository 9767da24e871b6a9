import type { Table } from '@rowferry/introspect'
import type { Matching } from '@rowferry/plan'
import { columnId } from '@rowferry/plan'
import type { Source } from '@rowferry/source'

/** How many values that are not NULL each column holds that goes nowhere, by `columnId`: whether leaving it behind loses anything. */
export async function countStoredValues(
  source: Source,
  matching: Matching,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, number>> {
  const byTable = new Map<Table, string[]>()
  for (const { table, column } of matching.homeless) {
    if (table.rowEstimate === 0) continue
    byTable.set(table, [...(byTable.get(table) ?? []), column.name])
  }
  const stored = new Map<string, number>()
  for (const [table, columns] of byTable) {
    signal?.throwIfAborted()
    const counts = await countIn(source, table, columns, signal)
    for (const [at, column] of columns.entries()) stored.set(columnId(table, column), counts[at]!)
  }
  return stored
}

async function countIn(
  source: Source,
  table: Table,
  columns: readonly string[],
  signal: AbortSignal | undefined,
): Promise<number[]> {
  if (source.supports.aggregates && source.aggregate) {
    const { rows, columns: counted } = await source.aggregate(table.name, columns)
    return columns.map((name) => rows - (counted.find(({ column }) => column === name)?.nulls ?? 0))
  }
  const counts = columns.map(() => 0)
  for await (const batch of source.readBatches(table.name, { columns, ...(signal ? { signal } : {}) }))
    for (const row of batch) for (const [at, value] of row.entries()) if (value !== null) counts[at]!++
  return counts
}
