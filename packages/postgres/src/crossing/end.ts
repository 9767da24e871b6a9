import { setTimeout } from 'node:timers/promises'
import { PostgresError, type Session } from '../session.ts'

/** How long a lost COMMIT is asked after: a server that crashed needs a while to come back. */
const settleMs = 10_000
const askAgainMs = 250

/** Whether the connection broke or its signal fired: the server may have committed. */
const withoutAnswer: ReadonlySet<string> = new Set(['TARGET_LOST', 'TARGET_STALLED', 'ABORTED'])

/**
 * COMMIT, and what became of it. `unknown` means that the connection broke before the answer and nobody could be asked within ten seconds:
 * `transactionOutcome` with the same xid tells later.
 *
 * @throws PostgresError `COMMIT_ROLLED_BACK` when the server answered ROLLBACK (the transaction had failed before), `TARGET_LOST`, `TARGET_STALLED` or `ABORTED`
 * when the connection ended and the transaction is known not to be committed, or what COMMIT itself was refused for. Nothing is written in any of them.
 */
export async function commitCrossing(session: Session, xid: string): Promise<'committed' | 'unknown'> {
  try {
    await commitStep(session)
    return 'committed'
  } catch (error) {
    if (!(error instanceof PostgresError) || !withoutAnswer.has(error.code)) throw error
    const outcome = await settle(session, xid)
    if (outcome === 'aborted') throw error
    return outcome
  }
}

/**
 * COMMIT of a transaction that left a trace of itself in the target, where it can be looked up whether it held.
 *
 * @throws PostgresError `COMMIT_ROLLED_BACK`, or what COMMIT itself was refused for: nothing is written; `TARGET_LOST` or `ABORTED`: it may be
 */
export async function commitStep(session: Session): Promise<void> {
  const { command } = await session.execute('commit')
  if (command === 'COMMIT') return
  throw new PostgresError(
    'COMMIT_ROLLED_BACK',
    'The server answered COMMIT with ROLLBACK: a statement before it had failed',
    {
      remedy: 'Nothing was written. This is a fault of the program: please report it.',
    },
  )
}

/** ROLLBACK; never rejects: where no answer comes, the server rolls back by itself. */
export async function rollback(session: Session): Promise<void> {
  await session.execute('rollback').catch(() => {})
}

/**
 * What `pg_xact_status` says of a transaction; `unknown` when it is too long ago. An xid that the server has never given out
 * was lost in a crash together with everything it had done: `aborted`.
 */
export async function transactionOutcome(
  session: Session,
  xid: string,
): Promise<'committed' | 'aborted' | 'in progress' | 'unknown'> {
  try {
    const [answer] = await session.query('select pg_xact_status($1::xid8) as status', [xid])
    const status = answer?.['status']
    return status === 'committed' || status === 'aborted' || status === 'in progress' ? status : 'unknown'
  } catch (error) {
    if (error instanceof PostgresError && error.code === '22023') return 'aborted'
    throw error
  }
}

async function settle(session: Session, xid: string): Promise<'committed' | 'aborted' | 'unknown'> {
  const end = Date.now() + settleMs
  const signal = AbortSignal.timeout(settleMs)
  do {
    const outcome = await ask(session, xid, signal)
    if (outcome === 'committed' || outcome === 'aborted') return outcome
    await setTimeout(askAgainMs)
  } while (Date.now() < end)
  return 'unknown'
}

async function ask(session: Session, xid: string, signal: AbortSignal): Promise<string> {
  try {
    const other = await session.another({ signal })
    try {
      return await transactionOutcome(other, xid)
    } finally {
      await other.close()
    }
  } catch {
    return 'unreachable'
  }
}
