import { createCopyBuffer } from '@rowferry/coerce'
import { formatTableName } from '@rowferry/introspect'
import type { Finding, TablePlan } from '@rowferry/plan'
import { gatherTable, isSmall, writeGathered, writeGuarded, writeTable } from '@rowferry/write'
import type { Gathered, GuardedWrite, Reject } from '@rowferry/write'
import type { CrossingContext, TableOutcome } from './context.ts'
import { isGuarded } from './context.ts'
import type { TakenAway } from './pre-data.ts'

export interface DataResult {
  readonly tables: TableOutcome[]
  readonly findings: Finding[]
  /** A plain load met a row that does not fit: nothing more was sent. */
  readonly stopped: boolean
}

/**
 * Parents first; one COPY a table, where a server's small tables share the way there and back. With a quarantine, or to examine, batch by batch
 * under savepoints.
 */
export async function loadData(context: CrossingContext, taken: TakenAway): Promise<DataResult> {
  const result: DataResult = { tables: [], findings: [], stopped: false }
  return { ...result, stopped: !(await loadAll(context, taken, result)) }
}

/** False as soon as a row does not fit. */
async function loadAll(context: CrossingContext, taken: TakenAway, result: DataResult): Promise<boolean> {
  const { plan, signal } = context
  const guarded = isGuarded(context)
  const together = guarded || plan.options.triggers === 'fire' ? null : loadTogether(context, taken, result)
  for (const table of plan.tables) {
    signal?.throwIfAborted()
    if (guarded) {
      await loadGuarded(context, table, result)
      continue
    }
    const added = together && isSmall(table) ? await together.add(table) : 'large'
    if (added === 'stopped') return false
    if (added === 'taken') continue
    if (together && !(await together.finish())) return false
    if (!(await loadPlain(context, taken, table, result))) return false
  }
  return together === null || together.finish()
}

const TOGETHER_TABLES = 64
const TOGETHER_BYTES = 512 * 1024

/** Small tables, sent some at a time; while the server loads some, the next are read and encoded. */
function loadTogether(context: CrossingContext, taken: TakenAway, result: DataResult) {
  const { copyInAll } = context.session
  if (!copyInAll) return null
  const buffer = createCopyBuffer(64 * 1024)
  let waiting: Gathered[] = []
  let bytes = 0
  let under: { readonly tables: readonly Gathered[]; readonly outcome: ReturnType<typeof writeGathered> } | null = null

  const arrived = async (): Promise<boolean> => {
    if (under === null) return true
    const { tables, outcome } = under
    under = null
    const written = await outcome
    if ('outcome' in written) return false
    for (const [at, each] of written.entries()) {
      result.findings.push(...each.findings)
      conclude(context, tables[at]!.request.table, { ...each, rejected: 0 }, [], result)
    }
    return true
  }
  const send = async (): Promise<boolean> => {
    if (!(await arrived())) return false
    const outcome = writeGathered({ copyInAll }, waiting)
    // Whoever asks for it later gets its error, too
    outcome.catch(() => {})
    under = { tables: waiting, outcome }
    waiting = []
    bytes = 0
    return true
  }
  return {
    async add(table: TablePlan): Promise<'taken' | 'large' | 'stopped'> {
      const gathered = await gatherTable({ ...request(context, table), freeze: taken.fresh(table) }, buffer)
      if (gathered === null) return 'large'
      if ('outcome' in gathered) return 'stopped'
      waiting.push(gathered)
      bytes += gathered.tuples.length
      if (waiting.length < TOGETHER_TABLES && bytes < TOGETHER_BYTES) return 'taken'
      return (await send()) ? 'taken' : 'stopped'
    },
    /** Until all have arrived. */
    async finish(): Promise<boolean> {
      return (await send()) && arrived()
    },
  }
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
