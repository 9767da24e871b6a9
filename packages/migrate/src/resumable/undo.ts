import { formatTableName } from '@rowferry/introspect'
import type { Plan, TablePlan } from '@rowferry/plan'
import type { Session } from '@rowferry/postgres'
import {
  beginCrossing,
  commitCrossing,
  disableTriggers,
  openSession,
  PostgresError,
  quoteTable,
  readUserTriggers,
  restoreSequences,
  restoreTriggers,
  rollback,
  truncateReach,
  truncateTables,
  withLockTimeout,
} from '@rowferry/postgres'
import { z } from 'zod'
import { compareSchema } from '../crossing/conclude.ts'
import { commitUnknown } from '../crossing-error.ts'
import { CrossingError } from '../failure.ts'
import type { TargetAddress } from '../options.ts'
import { stepsOf } from './build.ts'
import { lockAll } from './finish.ts'
import type { Beginning, Ledger } from './ledger.ts'
import { dropLedger, LEDGER_SCHEMA, readLedger, takeOver } from './ledger.ts'
import { refuseStrangers, undoRefused } from './strangers.ts'

/** What `undo` did. */
export const undoneSchema = z.object({
  target: z.string(),
  /** Tables that hold no rows again, and those that are gone again, which the run had made. */
  emptied: z.array(z.string()),
  dropped: z.array(z.string()),
  rows: z.number().int(),
})

export type Undone = z.infer<typeof undoneSchema>

/**
 * Takes a load that was committed in parts back, in one transaction: its rows, what it made, the definitions that it took away, sequences, the ledger.
 * Refused, with everything as it is, where somebody else wrote into its tables since, or uses what it made.
 *
 * @throws CrossingError `NOTHING_TO_UNDO`, `UNDO_REFUSED`, `COMMIT_UNKNOWN`; `PostgresError` `TARGET_LOCKED` while the run, or another, is under way
 */
export async function undo(input: {
  readonly target: TargetAddress
  readonly lockTimeoutMs?: number
  readonly signal?: AbortSignal
}): Promise<Undone> {
  const { target, signal, lockTimeoutMs = 10_000 } = input
  const session = await openSession(target, signal ? { signal } : {})
  try {
    return await withLockTimeout(session, lockTimeoutMs, () => takeBack(session, lockTimeoutMs))
  } finally {
    await session.close()
  }
}

async function takeBack(session: Session, lockTimeoutMs: number): Promise<Undone> {
  const { xid } = await beginCrossing(session, { lockTimeoutMs })
  try {
    if (!(await readLedger(session)))
      throw new CrossingError('NOTHING_TO_UNDO', `the target has no schema ${LEDGER_SCHEMA} with the ledger of a run`, {
        remedy: 'a run that is done keeps its ledger only with --keep-ledger',
      })
    await takeOver(session)
    // What was under way is committed or gone by now
    const ledger = (await readLedger(session))!
    const { beginning } = ledger
    const { plan } = beginning
    await lockAll(session, plan)
    await refuseStrangers(session, ledger)
    await removeRows(session, plan)
    await restoreRest(session, ledger)
    const existing = plan.tables.filter(({ mode }) => mode === 'existing')
    const created = plan.tables.filter(({ mode }) => mode === 'create')
    await dropMade(session, beginning, created)
    await compare(session, beginning)
    await dropLedger(session, beginning.madeSchema)
    await restoreSequences(session, beginning.sequences)
    if ((await commitCrossing(session, xid)) === 'unknown') {
      const { code, message, remedy } = commitUnknown(xid)
      throw new CrossingError(code, message, { remedy })
    }
    const names = (tables: readonly TablePlan[]) => tables.map(({ target }) => formatTableName(target))
    const rows = ledger.tables.reduce((sum, table) => sum + table.rows, 0)
    return { target: session.label, emptied: names(existing), dropped: names(created), rows }
  } catch (error) {
    await rollback(session)
    throw error
  }
}

/** TRUNCATE where nothing outside hangs on the tables, else row by row: `refuseStrangers` has seen that nobody references them. Triggers stay silent where they can be silenced. */
async function removeRows(session: Session, plan: Plan): Promise<void> {
  const existing = plan.tables.filter(({ mode }) => mode === 'existing')
  const names = existing.map(({ target }) => target)
  if (names.length === 0) return
  const mine = existing.filter(({ owned }) => owned).map(({ target }) => target)
  const triggers = mine.length > 0 ? await disableTriggers(session, await readUserTriggers(session, mine)) : []
  const isMine = mine.length === names.length
  const all = plan.tables.map(({ target }) => target)
  if (isMine && (await truncateReach(session, all, { only: true })).length === 0)
    await truncateTables(session, all, { only: true })
  else
    for (const { target, partitioned } of existing.toReversed())
      await session.query(`delete from ${partitioned ? '' : 'only '}${quoteTable(target)}`)
  await session.query('SET CONSTRAINTS ALL IMMEDIATE')
  await restoreTriggers(session, triggers)
}

/** What the run took away and has not put back. */
async function restoreRest(session: Session, { beginning, steps }: Ledger): Promise<void> {
  for (const [place, { restore }] of stepsOf(beginning).entries()) if (!steps.has(place)) await restore?.(session)
}

async function dropMade(session: Session, { made }: Beginning, created: readonly TablePlan[]): Promise<void> {
  const views = made.filter(({ type }) => type === 'view')
  const others = made.filter(({ type }) => type !== 'view')
  const tables = created.map(({ target }) => quoteTable(target)).join(', ')
  try {
    for (const { type, identity } of views) await session.query(`drop ${type} ${identity}`)
    if (tables !== '') await session.query(`drop table ${tables}`)
    for (const { type, identity } of others) await session.query(`drop ${type} ${identity}`)
  } catch (error) {
    // https://www.postgresql.org/docs/current/errcodes-appendix.html: dependent_objects_still_exist
    if (!(error instanceof PostgresError) || error.code !== '2BP01') throw error
    throw undoRefused(`others use what the run has made: ${[error.message, error.detail].filter(Boolean).join('; ')}`)
  }
}

async function compare(session: Session, { plan, before }: Beginning): Promise<void> {
  try {
    await compareSchema({ session, plan }, before)
  } catch (error) {
    if (!(error instanceof CrossingError)) throw error
    throw undoRefused(`the tables were changed since the run began: ${error.message}`)
  }
}
