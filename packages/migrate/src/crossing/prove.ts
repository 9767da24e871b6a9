import { formatTableName } from '@rowferry/introspect'
import { crossCheckedColumns, type TableVerdict, verifyTables } from '@rowferry/verify'
import { isSmall } from '@rowferry/write'
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

/** So many small tables are read back in one go. */
const TOGETHER_TABLES = 64

/** Reads both sides again and compares, table by table; the verdicts are part of the outcome, never an exception. */
export async function prove(context: CrossingContext, outcomes: readonly TableOutcome[]): Promise<TableOutcome[]> {
  const level = context.options.verify
  if (level === 'none') return [...outcomes]
  const proven: TableOutcome[] = []
  for (const group of together(outcomes)) {
    context.signal?.throwIfAborted()
    const requests = group.map((outcome) => ({ ...request(context, outcome), level }))
    const known: (TableVerdict | null)[] = []
    for (const { expected } of requests) known.push((await context.comparisons?.known(expected)) ?? null)
    const compared = await verifyTables(requests.filter((_, at) => known[at] === null))
    for (const [at, outcome] of group.entries()) {
      const verdict = known[at] ?? compared.shift()!
      context.comparisons?.keep(requests[at]!.expected, verdict)
      context.onEvent({
        type: 'table',
        phase: 'verify',
        table: formatTableName(outcome.plan.source),
        rows: verdict.sourceRows,
        total: verdict.sourceRows,
        done: true,
      })
      proven.push({ ...outcome, verdict })
    }
  }
  return proven
}

function request(context: CrossingContext, outcome: TableOutcome) {
  const table = formatTableName(outcome.plan.source)
  return {
    expected: expectTable(outcome.plan, outcome.rejectedKeys),
    source: context.source,
    session: context.session,
    partitioned: outcome.plan.partitioned || outcome.plan.generated.length > 0,
    ...(context.signal ? { signal: context.signal } : {}),
    ...(context.maxMismatches === undefined ? {} : { maxMismatches: context.maxMismatches }),
    onProgress: (rows: number) =>
      context.onEvent({ type: 'table', phase: 'verify', table, rows, total: outcome.read, done: false }),
  }
}

/** Neighbours that are small, as one; every other table by itself. */
function together(outcomes: readonly TableOutcome[]): TableOutcome[][] {
  const groups: TableOutcome[][] = []
  let small: TableOutcome[] | null = null
  for (const outcome of outcomes) {
    if (!isSmall(outcome.plan)) {
      groups.push([outcome])
      small = null
    } else if (small === null || small.length === TOGETHER_TABLES) groups.push((small = [outcome]))
    else small.push(outcome)
  }
  return groups
}
