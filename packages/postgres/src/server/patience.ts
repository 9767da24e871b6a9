import { setTimeout } from 'node:timers/promises'
import { PostgresError } from '../session.ts'

export interface Patience {
  /** Milliseconds to go on trying while the server says that it will soon take connections again. */
  readonly whileStartingMs: number
  /** The same while it cannot be reached at all, which is also what a wrong address looks like. */
  readonly whileAwayMs: number
  readonly signal: AbortSignal | undefined
}

const firstPauseMs = 200
const longestPauseMs = 3000

/** Connects, and tries again with growing pauses what passes by itself: nothing has been asked of the server yet, so that nothing can happen twice. */
export async function patiently<Result>(
  { whileStartingMs, whileAwayMs, signal }: Patience,
  connect: () => Promise<Result>,
): Promise<Result> {
  const began = performance.now()
  for (let pause = firstPauseMs; ; pause = Math.min(2 * pause, longestPauseMs)) {
    try {
      return await connect()
    } catch (error) {
      const allowed = isStarting(error) ? Math.max(whileStartingMs, whileAwayMs) : isAway(error) ? whileAwayMs : 0
      const left = allowed - (performance.now() - began)
      if (left <= 0 || signal?.aborted) throw error
      await setTimeout(Math.min(pause, left), null, signal ? { signal } : {}).catch(() => {})
    }
  }
}

/** Shutting down, starting, recovering from a crash; no connection left for now (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const starting: ReadonlySet<string> = new Set(['57P01', '57P02', '57P03', '53300'])
const away: ReadonlySet<string> = new Set(['TARGET_REFUSED', 'TARGET_UNREACHABLE', 'TARGET_TIMEOUT', 'TARGET_LOST'])

function isStarting(error: unknown): boolean {
  return error instanceof PostgresError && starting.has(error.code)
}

function isAway(error: unknown): boolean {
  return error instanceof PostgresError && away.has(error.code)
}
