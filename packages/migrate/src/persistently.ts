import type { Session } from '@rowferry/postgres'
import { openSession, PostgresError } from '@rowferry/postgres'
import type { EventListener } from './events.ts'
import { phaseEvent } from './events.ts'
import type { TargetAddress } from './options.ts'

/** The session that is open now. */
export interface Held {
  session: Session | null
}

export interface Persistence {
  readonly target: TargetAddress
  readonly stallTimeoutMs: number
  readonly onEvent: EventListener
  readonly signal?: AbortSignal
  /** Has something been done that must not be done twice? Asked once the connection is lost. */
  readonly isOver: () => boolean
  /** Is what is done committed in parts, and known to the target? Then running again goes on. */
  readonly inParts: () => boolean
}

const TIMES_AGAIN = 2
/** A server that crashed needs a while to come back. */
const WHILE_AWAY_MS = 30_000

/**
 * Opens the session, runs, and where the connection is lost (the server restarts, the network breaks) runs once more from the beginning, at most twice: a transaction
 * whose COMMIT was not sent has been rolled back. Not where somebody ended the session on a server that went on: they will have had their reason.
 */
export async function persistently<Result>(
  { target, stallTimeoutMs, onEvent, signal, isOver, inParts }: Persistence,
  held: Held,
  run: () => Promise<Result>,
): Promise<Result> {
  const how = { stallTimeoutMs, ...(signal ? { signal } : {}) }
  held.session = await openSession(target, how)
  for (let again = 1; ; again++) {
    try {
      return await run()
    } catch (error) {
      if (!isLost(error) || again > TIMES_AGAIN || isOver()) throw error
      onEvent({
        type: 'notice',
        message: `${error.message}; ${inParts() ? 'what was committed stays' : 'nothing was committed'}`,
      })
      const lost = held.session
      await lost.close()
      const next = await openSession(target, { ...how, whileAwayMs: WHILE_AWAY_MS }).catch(() => null)
      if (next === null) throw error
      held.session = next
      if (error.ended === '57P01' && next.server.serverStart === lost.server.serverStart) throw error
      await endLeftover(next, lost)
      onEvent({
        type: 'notice',
        message: `the target answers: from ${inParts() ? 'where it stopped' : 'the beginning'}, ${again} of ${TIMES_AGAIN} times`,
      })
      onEvent(phaseEvent('open'))
    }
  }
}

function isLost(error: unknown): error is PostgresError {
  return error instanceof PostgresError && (error.code === 'TARGET_LOST' || error.code === 'TARGET_STALLED')
}

/** The server may not have missed the old connection yet, and keep its locks until it does. */
async function endLeftover(session: Session, { server }: Session): Promise<void> {
  const old = 'pg_catalog.pg_stat_activity where pid = $1 and backend_start::text = $2'
  const which = [server.pid, server.backendStart]
  for (let asked = 0; asked < 50; asked++) {
    const left = await session.query(`select pg_catalog.pg_terminate_backend(pid) from ${old}`, which)
    if (left.length === 0) return
    await session.query('select pg_catalog.pg_sleep(0.1)')
  }
}
