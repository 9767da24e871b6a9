import type { Progress } from './progress.ts'

const INTERVAL_MS = 250

/** One JSON object a line. A table's rows are told at most four times a second, its last figure always. */
export function writeEvents(write: (value: unknown) => void, now: () => number = () => performance.now()): Progress {
  let last = -Infinity
  return {
    onEvent(event) {
      if (event.type === 'table' && !event.done) {
        if (now() - last < INTERVAL_MS) return
        last = now()
      }
      write(event)
    },
    stop() {},
  }
}
