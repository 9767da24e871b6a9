import { formatTableName } from '@rowferry/introspect'
import type { Plan } from '@rowferry/plan'
import type { SequenceOutcome, Session } from '@rowferry/postgres'
import { beginStep, commitCrossing, lockTables, quoteTable, rollback, strongestLock } from '@rowferry/postgres'
import type { Concluded } from '../crossing/conclude.ts'
import { conclude, moveSequences } from '../crossing/conclude.ts'
import { describeDifference } from '../crossing/difference.ts'
import { proveForeignKeys } from '../crossing/post-data.ts'
import { anticipateProof } from '../crossing/prove.ts'
import { phaseEvent } from '../events.ts'
import { CrossingError } from '../failure.ts'
import { awaitSoundness } from '../soundness.ts'
import { NO_OLD_ORPHANS } from './build.ts'
import { dropLedger, holdAttempt, noteEnd } from './ledger.ts'
import { readMade } from './made.ts'
import type { Run } from './run.ts'
import { inStep, outcomesOf } from './run.ts'

export interface Finished extends Concluded {
  readonly state: 'committed' | 'unknown' | 'different'
  readonly xid: string
  readonly foreignKeys: number
  readonly sequences: readonly SequenceOutcome[]
}

/**
 * The end, in one transaction that holds every table: nobody can write between the comparison and what is made of it. Where something differs,
 * what was committed stays, and the ledger says so.
 */
export async function finish(run: Run): Promise<Finished> {
  const { context, beginning, ledger } = run
  const { session, options, plan } = context
  anticipateProof(context)
  context.onEvent(phaseEvent('lock', plan.tables))
  const { xid } = await beginStep(session, { lockTimeoutMs: options.lockTimeoutMs })
  try {
    await holdAttempt(session, ledger.attempt)
    await lockAll(session, plan)
    const foreignKeys = await proveForeignKeys(context, NO_OLD_ORPHANS)
    const concluded = await conclude(context, outcomesOf(run), beginning.before)
    if (!concluded.proven) {
      await rollback(session)
      await inStep(run, session, () => noteEnd(session, wordsOf(concluded)))
      return { ...concluded, state: 'different', xid, foreignKeys, sequences: [] }
    }
    await awaitSoundness(context)
    if (options.keepLedger) {
      const made = [...(await readMade(session)), ...beginning.made]
      await noteEnd(session, null, { ...beginning, made })
    } else await dropLedger(session, beginning.madeSchema)
    context.onEvent(phaseEvent('sequences', plan.tables))
    const sequences = await moveSequences(context, { madeHere: false })
    context.signal?.throwIfAborted()
    context.onEvent(phaseEvent('commit', plan.tables))
    const state = await commitCrossing(session, xid)
    return { ...concluded, state, xid, foreignKeys, sequences }
  } catch (error) {
    await rollback(session)
    throw error
  }
}

/** In the order of their oids. Throws `TARGET_CHANGED` where one is gone. */
export async function lockAll(session: Session, { tables }: Pick<Plan, 'tables'>): Promise<void> {
  const found = await session.query(
    'select pg_catalog.to_regclass(given.name)::oid as oid from unnest($1::text[]) with ordinality as given (name, place) order by place',
    [tables.map((table) => quoteTable(table.target))],
  )
  const gone = tables.filter((_, at) => !found[at]?.['oid']).map(({ target }) => formatTableName(target))
  if (gone.length > 0)
    throw new CrossingError(
      'TARGET_CHANGED',
      `${gone.join(', ')} of the target ${gone.length === 1 ? 'is' : 'are'} gone since the run began`,
      {
        remedy: 'bring back what was there; the rows of the run are lost with it',
      },
    )
  const named = tables.map((table, at) => ({ name: table.target, oid: Number(found[at]!['oid']) }))
  await lockTables(session, named, await strongestLock(session, named))
}

function wordsOf({ tables }: Concluded): string {
  const differing = tables.filter(({ verdict }) => verdict !== null && !verdict.equal)
  return differing
    .map(({ plan, verdict }) => {
      const [first] = verdict!.mismatches
      const { missing, extra, different } = verdict!
      return `${formatTableName(plan.target)}: ${missing} missing, ${extra} extra, ${different} different${first ? `, first ${describeDifference(first)}` : ''}`
    })
    .join('; ')
}
