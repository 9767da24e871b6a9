import type { Finding, Plan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import type { Report } from '@rowferry/report'
import { openQuarantine } from '@rowferry/write'
import type { Quarantine } from '@rowferry/write'
import { makeReport, tableReport } from './account.ts'
import type { CrossingContext, CrossingResult, TableOutcome } from './crossing/context.ts'
import { cross } from './crossing/crossing.ts'
import { CHECKED_BY_SERVER, examine } from './examine.ts'
import { CrossingError, describeFailure } from './failure.ts'
import type { Opened } from './opened.ts'
import { withOpened } from './opened.ts'
import type { CrossingInput } from './options.ts'
import { planReport } from './plan-command.ts'
import { checkDrift, prepare } from './prepare.ts'

/**
 * The crossing. One transaction: everything arrives proven, or the target is as it was. Returns the report, also of every
 * failure that a user can do something about; throws only for bugs. With `plan`, exactly that plan, refused when either
 * side has changed since. With `rehearse`, the same crossing with a ROLLBACK at the end.
 */
export function migrate(input: CrossingInput & { readonly plan?: Plan; readonly rehearse?: boolean }): Promise<Report> {
  return withOpened('migrate', input, async (opened) => {
    const { source, onEvent, signal } = opened
    const session = opened.session!
    onEvent({ type: 'phase', phase: 'plan', tables: 0 })
    if (input.plan) await checkDrift(input.plan, source, session)
    const options = input.plan ? { ...opened.options, ...input.plan.options } : opened.options
    const plan =
      input.plan ?? (await prepare({ source, adapter: input.source.adapter, session, options, onEvent, signal }))
    const base = { ...opened.base, source: { ...opened.base.source, fingerprint: plan.source.fingerprint } }
    if (plan.findings.some((each) => each.severity === 'refuse')) return refuse(opened, plan)
    const quarantine = options.onBadRow === 'quarantine' ? await quarantineFor(options.quarantineDir) : null
    const context: CrossingContext = {
      plan,
      options,
      source,
      session,
      end: input.rehearse ? 'rehearse' : 'commit',
      quarantine,
      onEvent,
      signal,
    }
    let result: CrossingResult
    try {
      result = await cross(context)
    } catch (error) {
      await quarantine?.discard()
      if (!isRowTrouble(error)) throw error
      return await refuse(opened, plan, context, error)
    }
    // An unknown COMMIT may have held: then these are the rows that the target lacks
    const kept = result.state === 'committed' || result.state === 'unknown'
    const unpublished = kept ? await publish(quarantine) : []
    if (!kept) await quarantine?.discard()
    if (result.state === 'stopped') return refuse(opened, plan, context)
    return makeReport({
      ...base,
      outcome: outcomeOf(result, plan, input.rehearse === true),
      plan,
      tables: result.tables.map(tableReport),
      phases: result.phases,
      sequences: result.sequences,
      findings: [...plan.findings, ...result.findings.map(asNote), ...unpublished],
      notCarried: [...plan.notCarried, ...result.notCarried],
      error: errorOf(result),
      xid: result.state === 'unknown' ? result.xid : null,
    })
  })
}

/** After COMMIT nothing may end as if it had not been: what went wrong then is told beside the outcome. */
async function publish(quarantine: Quarantine | null): Promise<Finding[]> {
  try {
    await quarantine?.publish()
    return []
  } catch (error) {
    const failure = describeFailure(error)
    if (!failure || !quarantine) throw error
    return [
      finding({
        code: failure.code,
        severity: 'warning',
        message: `the files of rows that were set aside could not be given their names: ${failure.message}`,
        remedy: `look for files that end in .partial in ${quarantine.folder}: they are complete`,
      }),
    ]
  }
}

async function quarantineFor(folder: string | null): Promise<Quarantine> {
  if (folder === null)
    throw new CrossingError('QUARANTINE_DIR_NEEDED', 'rows that are set aside need a place', {
      remedy: '--quarantine-dir ./quarantine',
    })
  return openQuarantine(folder)
}

function outcomeOf(result: CrossingResult, plan: Plan, rehearse: boolean): Report['outcome'] {
  if (!result.proven) return 'different'
  if (result.state === 'unknown') return 'unknown'
  const lost =
    result.tables.some((table) => table.rejected > 0) || plan.skipped.some((each) => !each.asked && each.rows !== 0)
  if (lost) return 'partial'
  return rehearse ? 'rehearsed' : 'done'
}

function errorOf(result: CrossingResult): Report['error'] {
  if (!result.proven) {
    const bad = result.tables.find((table) => table.verdict && !table.verdict.equal)
    const table = bad ? tableReport(bad).source : null
    const faults = bad?.verdict?.readerFaults ?? []
    return {
      code: 'VERIFICATION_FAILED',
      message: `what arrived is not what left${table ? ` (first in ${table})` : ''}${faults.length > 0 ? `: ${faults.join('; ')}` : ''}; everything was rolled back`,
      table,
      remedy: differenceRemedy(bad),
    }
  }
  if (result.state === 'unknown') {
    return {
      code: 'COMMIT_UNKNOWN',
      message: `the connection was lost while committing transaction ${result.xid}`,
      table: null,
      remedy: `when the server is back, ask it: SELECT pg_xact_status('${result.xid}'::xid8)`,
    }
  }
  return null
}

/** Not every difference is a fault of ours: the target may compute or change values itself. */
function differenceRemedy(bad: TableOutcome | undefined): string {
  const columns = new Set(bad?.verdict?.mismatches.map((mismatch) => mismatch.column))
  const generated = bad?.plan.generated.find((cast) => columns.has(cast.column) || columns.has(cast.target))
  if (generated)
    return `the target computes ${generated.target} itself, and comes to other values than the source holds: make the two expressions agree`
  return 'the differences are listed by key. If no trigger or rule of the target changes rows (--triggers disable), please report this as a bug'
}

/** Of rows that were set aside: nothing is left to settle before the crossing. */
function asNote(found: Finding): Finding {
  return { ...found, severity: 'note', remedy: null }
}

/** SQLSTATE classes 22 and 23, 54000 (a row or an index entry is too big), and our own word for a foreign key that an anti-join refuted: some row is the reason. */
function isRowTrouble(error: unknown): error is Error & { code: string } {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    (/^(?:2[23]|54000$)/.test(error.code) || error.code === 'FOREIGN_KEY_VIOLATION')
  )
}

/** Nothing was written. Lists everything that stands against the crossing: all misfits, all orphans, and, when those do not explain it, all that the server refuses. */
async function refuse(
  opened: Opened,
  plan: Plan,
  context?: CrossingContext,
  reason?: Error & { code: string },
): Promise<Report> {
  const { source, onEvent, signal } = opened
  onEvent({ type: 'phase', phase: 'check', tables: plan.tables.length })
  const examined = await examine({ plan, source, options: context?.options ?? opened.options, onEvent, signal })
  let findings = [...plan.findings, ...examined.findings]
  if (context && !findings.some((each) => each.severity === 'refuse')) {
    onEvent({ type: 'notice', message: 'asking the server for every row it refuses (rolled back afterwards)' })
    const rehearsal = await cross({ ...context, end: 'examine', quarantine: null })
    findings = [...findings.filter((each) => each.code !== CHECKED_BY_SERVER), ...rehearsal.findings]
  }
  const report = planReport(opened.base, { ...plan, findings }, examined)
  if (!findings.some((each) => each.severity === 'refuse')) {
    if (reason) throw reason
    throw new CrossingError(
      'REFUSED_WITHOUT_REASON',
      'a row was refused in the load but not when it was looked at again',
      { remedy: 'the source may have changed meanwhile: try again' },
    )
  }
  return { ...report, command: 'migrate', outcome: 'refused', exitCode: 1 }
}
