import { formatTableName } from '@rowferry/introspect'
import type { Finding, TablePlan } from '@rowferry/plan'
import { writeGuarded, writeTable } from '@rowferry/write'
import type { GuardedWrite, Reject } from '@rowferry/write'
import type { CrossingContext, TableOutcome } from './context.ts'
import { isGuarded } from './context.ts'
import type { TakenAway } from './pre-data.ts'

export interface DataResult {
  readonly tables: TableOutcome[]
  readonly findings: Finding[]
  /** A plain load met a row that does not fit: nothing more was sent. */
  readonly stopped: boolean
}

/** Parents first; one COPY a table. With a quarantine, or to examine, batch by batch under savepoints. */
export async function loadData(context: CrossingContext, taken: TakenAway): Promise<DataResult> {
  const guarded = isGuarded(context)
  const result: { tables: TableOutcome[]; findings: Finding[]; stopped: boolean } = {
    tables: [],
    findings: [],
    stopped: false,
  }
  for (const table of context.plan.tables) {
    context.signal?.throwIfAborted()
    if (guarded) await loadGuarded(context, table, result)
    else if (!(await loadPlain(context, taken, table, result))) return { ...result, stopped: true }
  }
  return result
}

function request(context: CrossingContext, table: TablePlan) {
  const label = formatTableName(table.source)
  return {
    table,
    source: context.source,
    session: context.session,
    ...(context.options.batchSize === null ? {} : { batchRows: context.options.batchSize }),
    ...(context.signal ? { signal: context.signal } : {}),
    onProgress: (rows: number) =>
      context.onEvent({ type: 'table', phase: 'data', table: label, rows, total: table.rows, done: false }),
  }
}

async function loadPlain(
  context: CrossingContext,
  taken: TakenAway,
  table: TablePlan,
  result: DataResult,
): Promise<boolean> {
  const written = await writeTable({ ...request(context, table), freeze: taken.fresh(table) })
  if (written.outcome !== 'written') return false
  result.findings.push(...written.findings)
  conclude(context, table, { ...written, rejected: 0 }, [], result)
  return true
}

async function loadGuarded(context: CrossingContext, table: TablePlan, result: DataResult): Promise<void> {
  const rejectedKeys: string[] = []
  const onReject = async (reject: Reject) => {
    rejectedKeys.push(rejectedKey(table, reject))
    await context.quarantine?.add(reject)
  }
  const written = await writeGuarded({ ...request(context, table), onReject })
  result.findings.push(...written.findings)
  conclude(context, table, written, rejectedKeys, result)
}

function conclude(
  context: CrossingContext,
  plan: TablePlan,
  { read, written, rejected, kept, bytes, ms, changed }: Omit<GuardedWrite, 'findings'>,
  rejectedKeys: readonly string[],
  result: DataResult,
): void {
  result.tables.push({ plan, read, written, rejected, kept, bytes, loadMs: ms, changed, rejectedKeys, verdict: null })
  context.onEvent({
    type: 'table',
    phase: 'data',
    table: formatTableName(plan.source),
    rows: read,
    total: read,
    done: true,
  })
}

/** The form in which `Expectation` names a row that was set aside. */
export function rejectedKey(table: TablePlan, reject: Pick<Reject, 'key'>): string {
  const values = reject.key.map((part) => part.value)
  return table.key.length > 0 ? JSON.stringify(values) : String(values[0])
}
