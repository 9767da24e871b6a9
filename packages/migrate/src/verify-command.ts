import { formatTableName } from '@rowferry/introspect'
import type { Plan, TablePlan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import type { Finding } from '@rowferry/plan'
import { beginCrossing, rollback } from '@rowferry/postgres'
import type { Mismatch } from '@rowferry/verify'
import type { Proof, Report } from '@rowferry/report'
import { readRejectedKeys } from '@rowferry/write'
import { makeReport, tableReport } from './account.ts'
import type { CrossingContext, TableOutcome } from './crossing/context.ts'
import { prove } from './crossing/prove.ts'
import { phaseEvent } from './events.ts'
import { withOpened } from './opened.ts'
import type { CrossingInput } from './options.ts'
import { fingerprinted, prepare } from './prepare.ts'
import { makeProof } from './proof/make-proof.ts'
import { signedProof } from './proof/signed-proof.ts'
import { asCrossed } from './verify/as-crossed.ts'
import { asOfPlan, withMarksOf } from './verify/as-of-plan.ts'
import { openComparisons, type Checkpoint } from './verify/checkpoint.ts'
import { verifyStructure } from './verify/structure.ts'
import { verifyViews, viewsOfGrown } from './verify/views.ts'

export interface VerifyInput extends CrossingInput {
  readonly plan?: Plan
  /** Of the crossing that carried `plan` out: what it says was left off is not missed, and whatever else of the plan is gone is a difference. */
  readonly crossing?: Report
  /** Of a source that has grown since `plan` was made, only the rows that it had then; the others are told. */
  readonly asOfPlan?: boolean
  /** Keeps what was found equal, table by table, so that a run that is interrupted can be gone on with. Needs `verify: full`. */
  readonly checkpoint?: Checkpoint
  /** Asks for a proof, and takes it if everything is equal. Needs `verify: full`. */
  readonly onProof?: (proof: Proof) => void
  /** Takes every row that differs, up to 100,000 a table; the report goes on showing 20. */
  readonly onDifference?: (difference: Difference) => void
}

/** A row that differs, and where. */
export type Difference = { readonly source: string; readonly target: string } & {
  readonly [Part in keyof Mismatch as Part extends 'source' | 'target' ? `${Part}Value` : Part]: Mismatch[Part]
}

const MOST_DIFFERENCES = 100_000
const SHOWN = 20

/**
 * Compares every cell again, at any later time: read-only on both sides, foreign keys by anti-join, NOT NULL, CHECK and UNIQUE by reading the
 * rows, sequences by whether the next inserts would work. Value maps, epochs and zones must be the ones of the crossing: give the same options,
 * or its plan; with the plan, the target's schema and its views must still be what it made of them.
 */
export function verify(input: VerifyInput): Promise<Report> {
  return withOpened('verify', input, async (opened) => {
    const { source, onEvent, signal } = opened
    const session = opened.session!
    const planned = input.plan && input.crossing ? asCrossed(input.plan, input.crossing) : (input.plan ?? null)
    onEvent(phaseEvent('plan'))
    // Rows are there, and that is the point; a table that lacks is told as missing.
    const options = {
      ...opened.options,
      ...input.plan?.options,
      onExisting: 'append' as const,
      triggers: 'fire' as const,
      resumable: false,
    }
    const plan = await prepare({
      source,
      adapter: input.source.adapter,
      session,
      options: { ...options, missingTables: options.missingTables === 'create' ? 'refuse' : options.missingTables },
      onEvent,
      signal,
      comparing: true,
    })
    const known = fingerprinted(plan, source)
    // Awaited where it is told
    known.catch(() => {})
    const base = async () => {
      const { fingerprint } = (await known).source
      return { ...opened.base, source: { ...opened.base.source, fingerprint } }
    }
    const absent = plan.tables.filter((table) => table.mode === 'create')
    const findings: Finding[] = [
      ...plan.findings.filter(
        ({ code, severity }) => code !== 'RIGHT_MISSING' && (code !== 'MIGRATION_RECORD' || severity === 'refuse'),
      ),
      ...absent.map((table) =>
        finding({
          code: 'TABLE_MISSING',
          severity: 'refuse',
          table: formatTableName(table.source),
          message: `the target has no table ${formatTableName(table.target)}`,
        }),
      ),
    ]
    if (findings.some((each) => each.severity === 'refuse'))
      return makeReport({ ...(await base()), outcome: 'refused', plan, findings })
    onEvent(phaseEvent('verify', plan.tables))
    await beginCrossing(session, { lockTimeoutMs: options.lockTimeoutMs, readOnly: true })
    const asked = input.plan?.options.onExisting ?? opened.options.onExisting
    const whole = plan.tables.map((table): TablePlan => ({
      ...table,
      onExisting: asked === 'append' || asked === 'skip' || asked === 'merge' ? asked : 'empty',
    }))
    const before: TableOutcome[] = []
    for (const table of whole) {
      const rejectedKeys = options.quarantineDir === null ? [] : await readRejectedKeys(options.quarantineDir, table)
      before.push({
        plan: table,
        read: table.rows ?? 0,
        written: 0,
        rejected: rejectedKeys.length,
        kept: 0,
        bytes: 0,
        loadMs: 0,
        changed: [],
        rejectedKeys,
        verdict: null,
      })
    }
    const level = options.verify === 'none' ? 'full' : options.verify
    const then =
      input.asOfPlan && input.plan ? await asOfPlan(source, input.plan) : { source, findings: [], grew: false }
    findings.push(...then.findings)
    const comparisons =
      input.checkpoint && level === 'full'
        ? await openComparisons({
            checkpoint: input.checkpoint,
            session,
            schema: plan.options.schema,
            source: (await known).source.fingerprint,
            asOf: input.asOfPlan ? (input.plan?.source.fingerprint ?? null) : null,
          })
        : null
    const context: CrossingContext = {
      plan,
      options: { ...options, verify: level },
      source: then.source,
      session,
      end: 'rehearse',
      quarantine: null,
      ...(comparisons && { comparisons }),
      backup: null,
      ...(input.onDifference && { maxMismatches: MOST_DIFFERENCES }),
      onEvent,
      signal,
    }
    const tables = await prove(context, before)
    findings.push(...(comparisons?.findings() ?? []))
    for (const { plan: table, verdict } of tables) {
      const ends = { source: formatTableName(table.source), target: formatTableName(table.target) }
      for (const { kind, key, column, source: sourceValue, target: targetValue } of verdict?.mismatches ?? [])
        input.onDifference?.({ ...ends, kind, key, column, sourceValue, targetValue })
      for (const column of verdict?.readerFaults ?? []) findings.push(readerFault(ends.source, column))
    }
    const judged = input.asOfPlan && planned ? withMarksOf(planned, plan) : plan
    const structure = await verifyStructure({
      session,
      source: await source.readCatalog(),
      plan: judged,
      planned,
      asCrossed: input.crossing !== undefined,
    })
    const views = planned?.views ?? []
    findings.push(
      ...structure.findings,
      ...(then.grew ? viewsOfGrown(views) : await verifyViews(context, views, tables)),
    )
    const equal = tables.every((table) => table.verdict?.equal) && !findings.some((each) => each.severity === 'refuse')
    const proof = equal && input.onProof && level === 'full' ? await makeProof(context, tables) : null
    await rollback(session)
    const report = makeReport({
      ...(await base()),
      outcome: equal ? 'done' : 'different',
      plan,
      tables: tables.map((table) => ({
        ...tableReport(table),
        mismatches: table.verdict?.mismatches.slice(0, SHOWN) ?? [],
        read: table.verdict?.sourceRows ?? 0,
        written: table.verdict?.targetRows ?? 0,
      })),
      foreignKeys: structure.foreignKeys,
      findings,
      error: equal
        ? null
        : {
            code: 'VERIFICATION_FAILED',
            message: 'source and target are not equal',
            table: null,
            remedy: 'the differences are listed by key',
          },
    })
    if (proof) input.onProof?.(signedProof(report, proof))
    return report
  })
}

/** Not the target's fault: what was read of the source is not what the source's own sums say. */
function readerFault(table: string, column: string): Finding {
  return finding({
    code: 'READER_FAULT',
    severity: 'refuse',
    table,
    column,
    message: `${table}.${column} was not read as the source itself counts and sums it`,
    remedy: 'please report this as a bug: what arrived may be wrong in the same way',
  })
}
