import type { Finding, Plan, TablePlan } from '@rowferry/plan'
import type { SequenceOutcome } from '@rowferry/postgres'
import { advanceSequences, readIdentitySequences, schemaSnapshot } from '@rowferry/postgres'
import { phaseEvent } from '../events.ts'
import { CrossingError } from '../failure.ts'
import type { ProofTables } from '../proof/make-proof.ts'
import { makeProof } from '../proof/make-proof.ts'
import { makeChecks } from './conditions.ts'
import type { CrossingContext, TableOutcome } from './context.ts'
import { prove } from './prove.ts'
import { makeTriggers } from './triggers.ts'
import type { ViewOutcome } from './views.ts'
import { makeViews } from './views.ts'

export interface Concluded {
  /** With their verdicts. */
  readonly tables: TableOutcome[]
  readonly views: readonly ViewOutcome[]
  readonly findings: readonly Finding[]
  readonly notCarried: Plan['notCarried']
  /** Where it was wanted, and everything is proven. */
  readonly proof: ProofTables | null
  /** False: then nothing after the comparison was done. */
  readonly proven: boolean
}

/**
 * Everything between the last constraint and the sequences: reads both sides and compares, sees that the schema is as it was `before`, and makes what
 * waits for proven rows (checks, views, triggers). Inside a transaction that holds the tables.
 */
export async function conclude(
  context: CrossingContext,
  outcomes: readonly TableOutcome[],
  before: string,
): Promise<Concluded> {
  const { plan, onEvent, options } = context
  onEvent(phaseEvent('verify', plan.tables))
  const tables = await prove(context, outcomes)
  await compareSchema(context, before)
  const proven = tables.every((table) => table.verdict === null || table.verdict.equal)
  if (!proven) return { tables, views: [], findings: [], notCarried: [], proof: null, proven }
  const checks = await makeChecks(context, tables)
  if (plan.views.length > 0) onEvent(phaseEvent('views', plan.tables))
  const made = await makeViews(context, tables)
  const triggers = await makeTriggers(context)
  const proof = context.wantsProof && options.verify === 'full' ? await makeProof(context, tables) : null
  return {
    tables,
    views: made.views,
    findings: triggers.findings,
    notCarried: [...checks, ...made.notCarried, ...triggers.notCarried],
    proof,
    proven,
  }
}

/** The promise to leave the schema of existing tables as it was, checked before COMMIT. */
export async function compareSchema(context: Pick<CrossingContext, 'session' | 'plan'>, before: string): Promise<void> {
  const inMode = (mode: TablePlan['mode']) =>
    context.plan.tables.filter((table) => table.mode === mode).map((table) => table.target)
  const existing = inMode('existing')
  if (existing.length === 0) return
  const after = await schemaSnapshot(context.session, existing, inMode('create'))
  if (after === before) return
  const old = new Set(before.split('\n'))
  const line = after.split('\n').find((each) => !old.has(each)) ?? 'something is missing'
  throw new CrossingError('SCHEMA_NOT_RESTORED', `the target's schema would not be as it was: ${line}`, {
    remedy: 'if nobody else changed these tables meanwhile, please report this as a bug',
  })
}

/** Past every used id; those of others come last, so this does, too. `madeHere`: created tables are of this very transaction. Default true. */
export async function moveSequences(
  context: CrossingContext,
  { madeHere }: { readonly madeHere: boolean } = { madeHere: true },
): Promise<SequenceOutcome[]> {
  const { plan, session, end } = context
  const wanted = plan.tables.flatMap((table) => table.sequences.map((each) => ({ ...each, table })))
  // Identity columns of tables made in this transaction brought sequences of their own
  const unnamed = wanted.filter(({ table, sequence }) => table.mode === 'create' && sequence === null)
  const brought = await readIdentitySequences(
    session,
    unnamed.map(({ table, column }) => ({ table: table.target, column })),
  )
  const made = new Map(unnamed.map((each, at) => [each, brought[at]!]))
  const columns = wanted.flatMap((each) => {
    const sequence = each.sequence ?? made.get(each)
    if (!sequence) return []
    const { table, column, highWaterMark } = each
    return [
      { table: table.target, column, sequence, highWaterMark, owned: table.owned, made: madeHere && made.has(each) },
    ]
  })
  return columns.length === 0 ? [] : advanceSequences(session, columns, end === 'commit' ? 'commit' : 'rehearsal')
}
