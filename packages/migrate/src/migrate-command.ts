import type { Finding, Plan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import type { Proof, Report } from '@rowferry/report'
import { openQuarantine } from '@rowferry/write'
import type { Quarantine } from '@rowferry/write'
import { makeReport, tableReport, viewReport } from './account.ts'
import { backupFor } from './crossing/backup.ts'
import type { CrossingContext, CrossingResult } from './crossing/context.ts'
import { type Crossed, crossGenerating } from './crossing/generating.ts'
import { phaseEvent } from './events.ts'
import { commitUnknown, differenceRemedy } from './crossing-error.ts'
import { CrossingError, describeFailure } from './failure.ts'
import { withOpened } from './opened.ts'
import type { CrossingInput } from './options.ts'
import { isRowTrouble, refuse } from './refuse.ts'
import { nothingToReplay, openReplaying, refuseCreation } from './replay.ts'
import { fingerprinted, prepare } from './prepare.ts'
import { migrateInParts } from './resumable/migrate-in-parts.ts'
import { refuseUnfinished } from './resumable/ledger.ts'
import { signedProof } from './proof/signed-proof.ts'
import { adoptPlan } from './adopt-plan.ts'
import { unusedRules } from './unused-rules.ts'

export type MigrateInput = CrossingInput & {
  readonly plan?: Plan
  readonly rehearse?: boolean
  /** Not together with `plan`. */
  readonly replay?: string
  /** Asks for a proof, and takes it once the crossing is committed with everything proven. Needs `verify: full`. */
  readonly onProof?: (proof: Proof) => void
}

/**
 * The crossing. One transaction: everything arrives proven, or the target is as it was. Returns the report, also of every
 * failure that a user can do something about; throws only for bugs. With `plan`, exactly that plan, refused when either
 * side has changed since. With `rehearse`, the same crossing with a ROLLBACK at the end. With `replay`, a quarantine's folder, the rows that are
 * in it instead of the source's: those that fit now are loaded beside the ones that are there, the others stay in it.
 * With `resumable` it is committed in parts, and the same call goes on where an earlier one stopped.
 */
export function migrate(input: MigrateInput): Promise<Report> {
  return withOpened('migrate', input, async (first) => {
    if (input.plan?.options.resumable ?? first.options.resumable) return migrateInParts(first, input)
    await refuseUnfinished(first.session!)
    const replaying = input.replay === undefined ? null : await openReplaying(input.replay, first)
    if (replaying?.replay.files.length === 0) return nothingToReplay(first, input.replay!)
    const opened = replaying?.opened ?? first
    const { source, onEvent, signal } = opened
    const session = opened.session!
    onEvent(phaseEvent('plan'))
    const given = input.plan ? await adoptPlan(input.plan, source, session) : null
    const options = given ? { ...opened.options, ...given.options } : opened.options
    const planned =
      given ?? (await prepare({ source, adapter: input.source.adapter, session, options, onEvent, signal }))
    const known = fingerprinted(planned, source)
    // Awaited before COMMIT, and where it is told
    known.catch(() => {})
    if (planned.findings.some((each) => each.severity === 'refuse')) return refuse(opened, planned)
    if (replaying) refuseCreation(planned)
    const aside = async () =>
      replaying?.replay ?? (options.onBadRow === 'quarantine' ? await quarantineFor(options.quarantineDir) : null)
    const backup = input.rehearse && options.backup === 'pg_dump' ? null : backupFor(options, input.target, signal)
    const start: CrossingContext = {
      plan: planned,
      options,
      source,
      session,
      end: input.rehearse ? 'rehearse' : 'commit',
      quarantine: await aside(),
      backup,
      wantsProof: input.onProof !== undefined && !input.rehearse,
      onEvent,
      signal,
    }
    let crossed: Crossed
    try {
      crossed = await crossGenerating(start, aside)
    } catch (error) {
      await backup?.discard()
      if (!isRowTrouble(error)) throw error
      return await refuse(opened, planned, start, error)
    }
    const { context, result } = crossed
    const { plan, quarantine } = context
    // An unknown COMMIT may have held: then these are the rows that the target lacks
    const kept = result.state === 'committed' || result.state === 'unknown'
    const unpublished = kept && !(replaying && result.state === 'unknown') ? await publish(quarantine) : []
    if (!kept) {
      await quarantine?.discard()
      await backup?.discard()
    }
    if (result.state === 'stopped') return refuse(opened, plan, context)
    const { fingerprint } = (await known).source
    const report = makeReport({
      ...opened.base,
      source: { ...opened.base.source, fingerprint },
      outcome: outcomeOf(result, plan, input.rehearse === true),
      plan,
      tables: result.tables.map(tableReport),
      foreignKeys: result.foreignKeys,
      quarantine: kept ? (quarantine?.folder ?? null) : null,
      sequences: result.sequences,
      findings: [
        ...plan.findings,
        ...result.findings.map(asNote),
        ...unusedRules(
          plan.options,
          result.tables.filter((table) => table.rejected === 0),
        ),
        ...unpublished,
      ],
      views: result.views.map(viewReport),
      notCarried: [...plan.notCarried, ...result.notCarried],
      error: errorOf(result),
      xid: result.state === 'unknown' ? result.xid : null,
    })
    if (result.proof && result.state === 'committed') input.onProof?.(signedProof(report, result.proof))
    return report
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
        remedy: `look for files that end in .partial in ${quarantine.folder}: they are complete; after --replay, run it again`,
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
  return result.state === 'unknown' ? commitUnknown(result.xid) : null
}

/** Of rows that were set aside: nothing is left to settle before the crossing. */
function asNote(found: Finding): Finding {
  return found.severity === 'note' ? found : { ...found, severity: 'note', remedy: null }
}
