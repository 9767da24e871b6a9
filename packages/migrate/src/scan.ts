import { compileTrial } from '@rowferry/coerce'
import type { ColumnDecision, Matching } from '@rowferry/plan'
import { candidateTypes, tableId } from '@rowferry/plan'
import type { Source, SourceAdapter } from '@rowferry/source'
import type { EventListener } from './events.ts'

/** Reads every cell of the tables that are to be created and lets the data choose among the proposed types. */
export async function decideTypes(
  source: Source,
  adapter: Pick<SourceAdapter, 'castRules'>,
  matching: Matching,
  options: {
    readonly batchSize: number | null
    readonly onEvent: EventListener
    readonly signal: AbortSignal | undefined
  },
): Promise<ReadonlyMap<string, readonly ColumnDecision[]>> {
  const decisions = new Map<string, readonly ColumnDecision[]>()
  for (const match of matching.matches) {
    if (match.target) continue
    const table = match.source
    const proposals = match.columns.map((column) => candidateTypes(table, column.source, adapter.castRules))
    const trial = compileTrial(
      match.columns.map((column, index) => ({ name: column.source.name, candidates: proposals[index]!.types })),
    )
    let rows = 0
    const read = {
      columns: match.columns.map((column) => column.source.name),
      ...(options.batchSize === null ? {} : { batchRows: options.batchSize }),
      ...(options.signal ? { signal: options.signal } : {}),
    }
    for await (const batch of source.readBatches(table.name, read)) {
      for (const row of batch) trial.see(row)
      rows += batch.length
      options.onEvent({
        type: 'table',
        phase: 'plan',
        table: table.name.name,
        rows,
        total: table.rowEstimate,
        done: false,
      })
    }
    options.onEvent({ type: 'table', phase: 'plan', table: table.name.name, rows, total: rows, done: true })
    decisions.set(
      tableId(table.name),
      trial.results().map((result, index) => ({
        type: result.type,
        because: `${proposals[index]!.because}; ${result.because}`,
        holdsNull: result.sawNull,
        contradicted: result.contradicted.map(
          (each) => `is not ${each.type.name}: ${each.count} values do not fit, first ${each.firstExample}`,
        ),
      })),
    )
  }
  return decisions
}
