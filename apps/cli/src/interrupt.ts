const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** While `run` works, Ctrl-C asks it to stop and roll back; a second one leaves at once, and the server rolls back by itself. */
export async function interruptible<T>(
  tell: (line: string) => void,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130)
    tell('stopping and rolling back; once more to leave at once')
    controller.abort()
  }
  for (const signal of signals) process.on(signal, stop)
  try {
    return await run(controller.signal)
  } finally {
    for (const signal of signals) process.off(signal, stop)
  }
}
