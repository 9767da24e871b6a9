import { formatTableName } from '@rowferry/introspect'
import type { Finding, Plan, TablePlan } from '@rowferry/plan'
import type { Report, TableReport } from '@rowferry/report'
import { exitCodeOf } from '@rowferry/report'
import type { SequenceOutcome } from '@rowferry/postgres'
import type { TableOutcome } from './crossing/context.ts'
import type { ViewOutcome } from './crossing/views.ts'
import { perSecond } from './phase-clock.ts'
import { TOOL } from './tool.ts'

/** Everything a report is made of; what is not known yet is left empty. */
export interface Account {
  readonly command: Report['command']
  readonly outcome: Report['outcome']
  readonly startedAt: Date
  readonly source: Report['source']
  readonly target: Omit<NonNullable<Report['target']>, 'fingerprint'> | null
  readonly plan?: Plan | null
  readonly tables?: readonly TableReport[]
  readonly foreignKeys?: number | null
  readonly sequences?: readonly SequenceOutcome[]
  readonly findings?: readonly Finding[]
  readonly notCarried?: readonly Report['notCarried'][number][]
  readonly views?: readonly Report['views'][number][]
  readonly error?: Report['error']
  readonly xid?: string | null
  readonly quarantine?: string | null
  readonly resumed?: Report['resumed']
}

/** Without `phases`, which are known when the run is over. */
export function makeReport(account: Account): Report {
  const tables = [...(account.tables ?? [])]
  const sum = (pick: (table: TableReport) => number) => tables.reduce((total, table) => total + pick(table), 0)
  return {
    version: 1,
    tool: TOOL,
    runtime: `Node.js ${process.versions.node}, ${process.platform} ${process.arch}`,
    line: null,
    command: account.command,
    outcome: account.outcome,
    exitCode: exitCodeOf(account.outcome),
    source: account.source,
    target: account.target && { ...account.target, fingerprint: account.plan?.target?.fingerprint ?? null },
    startedAt: account.startedAt.toISOString(),
    ms: Date.now() - account.startedAt.getTime(),
    phases: [],
    tables,
    totals: {
      read: sum((table) => table.read),
      written: sum((table) => table.written),
      rejected: sum((table) => table.rejected),
      kept: sum((table) => table.kept),
      cells: sum((table) => table.cells),
      bytes: sum((table) => table.bytes),
    },
    skipped: (account.plan?.skipped ?? [])
      .filter((each) => !each.asked)
      .map((each) => ({ table: formatTableName(each.table), rows: each.rows, why: each.why })),
    sequences: (account.sequences ?? []).map((each) => ({
      sequence: formatTableName(each.sequence),
      table: formatTableName(each.table),
      column: each.column,
      nextValue: each.nextValue,
    })),
    foreignKeys: account.foreignKeys ?? null,
    proof: null,
    differences: null,
    quarantine: account.quarantine ?? null,
    resumed: account.resumed ?? null,
    findings: [...(account.findings ?? [])],
    views: [...(account.views ?? [])],
    notCarried: [...(account.notCarried ?? [])],
    error: account.error ?? null,
    xid: account.xid ?? null,
  }
}

export function tableReport(outcome: TableOutcome): TableReport {
  const { plan, verdict } = outcome
  return {
    source: formatTableName(plan.source),
    target: formatTableName(plan.target),
    mode: plan.mode,
    read: outcome.read,
    written: outcome.written,
    rejected: outcome.rejected,
    kept: outcome.kept,
    bytes: outcome.bytes,
    loadMs: Math.round(outcome.loadMs),
    verifyMs: Math.round(verdict?.ms ?? 0),
    loadRowsPerSecond: perSecond(outcome.read, outcome.loadMs),
    verifyRowsPerSecond: verdict === null ? null : perSecond(verdict.sourceRows, verdict.ms),
    renamed: renamedIn(plan),
    changed: [...outcome.changed],
    verdict:
      verdict === null
        ? 'not verified'
        : !verdict.equal
          ? 'different'
          : verdict.method === 'counts'
            ? 'counted'
            : 'equal',
    method: verdict?.method ?? null,
    cells: verdict?.cells ?? 0,
    missing: verdict?.missing ?? 0,
    extra: verdict?.extra ?? 0,
    different: verdict?.different ?? 0,
    mismatches: [...(verdict?.mismatches ?? [])],
  }
}

export function renamedIn({ casts }: TablePlan): TableReport['renamed'] {
  return casts.filter(({ column, target }) => column !== target).map(({ column, target }) => ({ column, target }))
}

export function viewReport({ plan, rows, why }: ViewOutcome): Report['views'][number] {
  return { source: formatTableName(plan.source), target: formatTableName(plan.target), rows, why }
}
