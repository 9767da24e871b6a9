import type { Socket } from 'node:net'

/** What the server says of our process: it works by itself, it is gone, it waits for us (and how far it is), or nobody can tell. */
export type Standing = 'working' | 'gone' | 'unknown' | { readonly waitsForUs: string }

export interface Watch {
  /** While it is pending, silence counts. */
  readonly awaiting: <Result>(work: Promise<Result>) => Promise<Result>
  readonly stop: () => void
}

export interface WatchOptions {
  /** Milliseconds without a byte either way; 0 for ever. */
  readonly patienceMs: number
  /** Asked on another connection, since a long statement is silent, too. */
  readonly ask: () => Promise<Standing>
  readonly onStalled: () => void
}

/** The second look comes so long after the first: on a slow link the server has taken something in meanwhile. */
const confirmMs = 10_000

/**
 * Ends a wait that would have no end: a peer that acknowledges bytes and hands nothing on keeps a connection open for ever. Not every silence is one, so
 * the server is asked twice whether it is at work.
 */
export function watchConnection(socket: Socket, { patienceMs, ask, onStalled }: WatchOptions): Watch {
  if (patienceMs === 0) return { awaiting: (work) => work, stop() {} }
  let waiting = 0
  let since = performance.now()
  let moved = movedOn(socket)
  let before: Standing | null = null
  let asking = false

  const look = async (): Promise<void> => {
    const now = movedOn(socket)
    const patience = before === null ? patienceMs : Math.min(patienceMs, confirmMs)
    if (waiting === 0 || now !== moved) {
      moved = now
      before = null
      since = performance.now()
    } else if (performance.now() - since >= patience && !asking) {
      asking = true
      const standing = await ask().finally(() => (asking = false))
      since = performance.now()
      if (movedOn(socket) !== moved || standing === 'working' || standing === 'unknown') before = null
      else if (before !== null && isSame(before, standing)) {
        clearInterval(timer)
        onStalled()
      } else before = standing
    }
  }
  const timer = setInterval(() => void look(), Math.min(1000, patienceMs / 4)).unref()
  return {
    async awaiting(work) {
      waiting += 1
      try {
        return await work
      } finally {
        waiting -= 1
      }
    },
    stop: () => clearInterval(timer),
  }
}

function isSame(first: Standing, second: Standing): boolean {
  return typeof first === 'object' && typeof second === 'object'
    ? first.waitsForUs === second.waitsForUs
    : first === second
}

/** Bytes that came, and bytes that the system has taken over. */
function movedOn(socket: Socket): string {
  return `${socket.bytesRead} ${socket.bytesWritten - socket.writableLength}`
}
