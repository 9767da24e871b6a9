import { countRows } from '@rowferry/postgres'
import { readColumns } from './comparison.ts'
import type { Findings, VerifyTableOptions } from './verify-table.ts'

/** Only counts: proves that nothing is missing or over in number, and nothing about what is in it. */
export async function countTable({ expected, source, session, signal }: VerifyTableOptions): Promise<Findings> {
  const columns = [...readColumns(expected).map((column) => column.source), ...expected.key].slice(0, 1)
  let sourceRows = 0
  if (source.supports.aggregates && source.aggregate !== undefined)
    sourceRows = (await source.aggregate(expected.source, columns)).rows
  else
    for await (const batch of source.readBatches(expected.source, {
      columns,
      ...(signal === undefined ? {} : { signal }),
    }))
      sourceRows += batch.length
  const [targetRows = 0] = await countRows(session, [expected.target])
  const rejected = expected.rejected.length
  const missing = Math.max(0, sourceRows - rejected - targetRows)
  const extra = expected.extent === 'whole' ? Math.max(0, targetRows - sourceRows + rejected) : 0
  return {
    sourceRows,
    targetRows,
    rejected,
    cells: 0,
    equal: missing + extra === 0,
    missing,
    extra,
    different: 0,
    mismatches: [],
    readerFaults: [],
    method: 'counts',
  }
}
