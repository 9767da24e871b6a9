import { formatTableName } from '@rowferry/introspect'
import { crossCheckedColumns, verifyTable } from '@rowferry/verify'
import { expectTable } from '../expectation.ts'
import type { CrossingContext, TableOutcome } from './context.ts'

/** Asks the source for the sums that the proof will want, where it can work them out beside the load. */
export function anticipateProof({ plan, options, source, end }: CrossingContext): void {
  if (options.verify !== 'full' || end === 'examine' || source.supports.beside !== true) return
  for (const table of plan.tables) {
    const expected = expectTable(table, [])
    // Who asks again is told what went wrong
    source.aggregate?.(expected.source, crossCheckedColumns(expected)).catch(() => {})
  }
}

/** Reads both sides again and compares, table by table; the verdicts are part of the outcome, never an exception. */
export async function prove(context: CrossingContext, outcomes: readonly TableOutcome[]): Promise<TableOutcome[]> {
  const level = context.options.verify
  if (level === 'none') return [...outcomes]
  const proven: TableOutcome[] = []
  for (const outcome of outcomes) {
    context.signal?.throwIfAborted()
    const table = formatTableName(outcome.plan.source)
    const verdict = await verifyTable({
      expected: expectTable(outcome.plan, outcome.rejectedKeys),
      source: context.source,
      session: context.session,
      level,
      partitioned: outcome.plan.partitioned || outcome.plan.generated.length > 0,
      ...(context.signal ? { signal: context.signal } : {}),
      ...(context.maxMismatches === undefined ? {} : { maxMismatches: context.maxMismatches }),
      onProgress: (rows: number) =>
        context.onEvent({ type: 'table', phase: 'verify', table, rows, total: outcome.read, done: false }),
    })
    context.onEvent({
      type: 'table',
      phase: 'verify',
      table,
      rows: verdict.sourceRows,
      total: verdict.sourceRows,
      done: true,
    })
    proven.push({ ...outcome, verdict })
  }
  return proven
}
