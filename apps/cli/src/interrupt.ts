const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const lingerMs = 1000

/** What stopping means at the moment, and leaving without waiting for it. */
const words = {
  nothing: ['stopping and rolling back', null],
  parts: [
    'stopping; what is committed stays',
    'left: rowferry status tells what is committed, and the same command goes on',
  ],
  commit: [
    'COMMIT is on its way: asking what becomes of it',
    'left while COMMIT was on its way: rowferry verify tells whether everything is there',
  ],
} as const

/** What may be in the target: nothing (until it is said), parts of a load, or a COMMIT that nobody has answered yet. */
export type Written = 'parts' | 'commit'

/**
 * While `run` works, Ctrl-C asks it to stop and roll back; a second one leaves at once, and the server rolls back by itself.
 * Once `wrote` has been called nobody can know that any more: leaving then is exit code 3 instead of 130.
 */
export async function interruptible<T>(
  tell: (line: string) => void,
  run: (signal: AbortSignal, wrote: (what: Written) => void) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  let written: keyof typeof words = 'nothing'
  let over = false
  const stop = (): void => {
    if (over) return
    const [stopping, leaving] = words[written]
    if (controller.signal.aborted) {
      if (leaving !== null) tell(leaving)
      process.exit(leaving === null ? 130 : 3)
    }
    tell(`${stopping}; once more to leave at once`)
    controller.abort()
  }
  for (const signal of signals) process.on(signal, stop)
  try {
    return await run(controller.signal, (what) => void (written = what))
  } finally {
    over = true
    // What is done must not end as killed, in the little time that the process still needs; in a program that goes on, its signals are its own again
    setTimeout(() => signals.forEach((signal) => process.off(signal, stop)), lingerMs).unref()
  }
}
