import { escapeText, formatCount, phaseWords } from '@rowferry/report'
import type { Progress } from './progress.ts'

const SILENCE_MS = 10_000

/** Plain lines for logs: a line a phase and a finished table, and a sign of life every ten seconds in between. */
export function showLines(print: (line: string) => void, now: () => number = () => performance.now()): Progress {
  let last = now()
  const say = (line: string): void => {
    last = now()
    print(line)
  }
  return {
    onEvent(event) {
      if (event.type === 'phase') say(phaseWords(event.phase))
      else if (event.type === 'notice') say(escapeText(event.message))
      else if (event.type === 'table' && (event.done || now() - last >= SILENCE_MS)) {
        const of = event.done || event.total === null ? '' : ` of ${formatCount(event.total)}`
        say(`  ${escapeText(event.table)}: ${formatCount(event.rows)}${of} rows${event.done ? '' : ' …'}`)
      }
    },
    stop() {},
  }
}
