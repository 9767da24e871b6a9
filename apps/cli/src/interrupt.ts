const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const lingerMs = 1000

/**
 * While `run` works, Ctrl-C asks it to stop and roll back; a second one leaves at once, and the server rolls back by itself.
 * Once `commitSent` has been called nobody can know that any more: leaving then is exit code 3 instead of 130.
 */
export async function interruptible<T>(
  tell: (line: string) => void,
  run: (signal: AbortSignal, commitSent: () => void) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  let committing = false
  let over = false
  const stop = (): void => {
    if (over) return
    if (controller.signal.aborted) {
      if (committing) tell('left while COMMIT was on its way: rowferry verify tells whether everything is there')
      process.exit(committing ? 3 : 130)
    }
    tell(
      committing
        ? 'COMMIT is on its way: asking what becomes of it; once more to leave at once'
        : 'stopping and rolling back; once more to leave at once',
    )
    controller.abort()
  }
  for (const signal of signals) process.on(signal, stop)
  try {
    return await run(controller.signal, () => void (committing = true))
  } finally {
    over = true
    // What is done must not end as killed, in the little time that the process still needs; in a program that goes on, its signals are its own again
    setTimeout(() => signals.forEach((signal) => process.off(signal, stop)), lingerMs).unref()
  }
}
