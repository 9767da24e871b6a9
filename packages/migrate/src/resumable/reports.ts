import type { Report } from '@rowferry/report'
import { makeReport, tableReport, viewReport } from '../account.ts'
import { commitUnknown, differenceRemedy } from '../crossing-error.ts'
import { describeFailure } from '../failure.ts'
import type { MigrateInput } from '../migrate-command.ts'
import type { Opened } from '../opened.ts'
import { signedProof } from '../proof/signed-proof.ts'
import { isRowTrouble } from '../refuse.ts'
import { damageOr } from '../soundness.ts'
import { unusedRules } from '../unused-rules.ts'
import type { Finished } from './finish.ts'
import type { Run } from './run.ts'
import { outcomesOf } from './run.ts'

/** Of a run that came to its end, whatever that was. */
export function finishedReport(opened: Opened, input: MigrateInput, run: Run, finished: Finished): Report {
  const { plan } = run.beginning
  const { state, xid, proof } = finished
  const lost = plan.skipped.some((each) => !each.asked && each.rows !== 0)
  const settled = lost ? 'partial' : 'done'
  const report = makeReport({
    ...baseOf(opened, run),
    outcome: state === 'different' ? 'different' : state === 'unknown' ? 'unknown' : settled,
    resumed: resumedOf(run, state === 'different' || run.context.options.keepLedger),
    tables: finished.tables.map(tableReport),
    foreignKeys: finished.foreignKeys,
    sequences: finished.sequences,
    findings: [...plan.findings, ...finished.findings, ...unusedRules(plan.options, finished.tables)],
    views: finished.views.map(viewReport),
    notCarried: [...plan.notCarried, ...finished.notCarried],
    error: state === 'different' ? differenceOf(finished, opened) : state === 'unknown' ? commitUnknown(xid) : null,
    xid: state === 'unknown' ? xid : null,
  })
  if (proof && state === 'committed') input.onProof?.(signedProof(report, proof))
  return report
}

/** Of a run that goes on with the same command. Throws what has no code, which is a bug. */
export async function stoppedReport(opened: Opened, run: Run, error: unknown): Promise<Report> {
  const failure = opened.signal?.aborted
    ? { code: 'INTERRUPTED', message: 'stopped on request', table: null, remedy: null }
    : describeFailure(await damageOr(error, opened.source))
  if (!failure) throw error
  const undo = undoOf(opened)
  const remedy = isRowTrouble(error)
    ? `mend the rows in the source, or add rules that make them fit: either makes it another run, so take this one back before with: ${undo}`
    : [failure.remedy, `the same command goes on; to take back what is committed: ${undo}`]
        .filter((part) => part !== null)
        .join('; ')
  return makeReport({
    ...baseOf(opened, run),
    outcome: 'stopped',
    resumed: resumedOf(run, true),
    tables: outcomesOf(run).map(tableReport),
    findings: run.beginning.plan.findings,
    error: { ...failure, remedy },
  })
}

function baseOf({ base }: Opened, { beginning: { plan } }: Run) {
  return { ...base, source: { ...base.source, fingerprint: plan.source.fingerprint }, plan }
}

function resumedOf({ ledger, rowsBefore }: Run, kept: boolean): NonNullable<Report['resumed']> {
  return { began: ledger.began, attempts: ledger.attempt, rowsBefore, ledger: kept ? 'kept' : 'dropped' }
}

function differenceOf({ tables }: Finished, opened: Opened): NonNullable<Report['error']> {
  const bad = tables.find(({ verdict }) => verdict && !verdict.equal)
  const table = bad ? tableReport(bad).source : null
  return {
    code: 'VERIFICATION_FAILED',
    message: `what arrived is not what left${table === null ? '' : ` (first in ${table})`}; it stays as it was committed, and the ledger says so`,
    table,
    remedy: `${differenceRemedy(bad)}; the same command compares again; to take everything back: ${undoOf(opened)}`,
  }
}

function undoOf({ session, base }: Opened): string {
  return `rowferry undo ${base.target?.label ?? session?.label ?? '<target>'}`
}
