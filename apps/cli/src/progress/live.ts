import { createLogUpdate } from 'log-update'
import type { Progress } from './progress.ts'
import { createView } from './view.ts'

const INTERVAL_MS = 100

/** A few lines that are redrawn in place, however many tables there are. Notices scroll away above. */
export function showLive(stream: NodeJS.WriteStream, color: boolean): Progress {
  const log = createLogUpdate(stream, { showCursor: true })
  const view = createView()
  const draw = (): void => log(view.render(stream.columns || 80, color))
  const timer = setInterval(draw, INTERVAL_MS)
  timer.unref()
  return {
    onEvent(event) {
      const line = view.take(event)
      if (line !== null) log.persist(line)
    },
    stop() {
      clearInterval(timer)
      log.clear()
      log.done()
    },
  }
}
