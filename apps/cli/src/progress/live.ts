import { styleText } from 'node:util'
import type { Phase } from '@rowferry/migrate'
import { escapeText, formatCount, formatDuration, phaseWords } from '@rowferry/report'
import { createLogUpdate } from 'log-update'
import type { Progress } from './progress.ts'

const INTERVAL_MS = 100
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/** Two lines that are redrawn in place: the phase, and the table in hand with rows, rate and the time left. What is done scrolls away above. */
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

export interface View {
  /** Takes an event in; a line that shall stay, or null. */
  take(event: Parameters<Progress['onEvent']>[0]): string | null
  /** At most two lines, none wider than `width`. */
  render(width: number, color: boolean): string
}

interface Current {
  readonly table: string
  readonly since: number
  rows: number
  total: number | null
}

export function createView(now: () => number = () => performance.now()): View {
  let phase: { readonly name: Phase; readonly tables: number; readonly since: number; done: number } | null = null
  let current: Current | null = null
  let frame = 0
  return {
    take(event) {
      if (event.type === 'phase') {
        phase = { name: event.phase, tables: event.tables, since: now(), done: 0 }
        current = null
      } else if (event.type === 'table') {
        if (current?.table !== event.table) current = { table: event.table, since: now(), rows: 0, total: event.total }
        current.rows = event.rows
        current.total = event.total
        if (event.done) {
          if (phase) phase.done++
          current = null
        }
      } else if (event.type === 'notice') return escapeText(event.message)
      return null
    },
    render(width, color) {
      if (!phase) return ''
      frame = (frame + 1) % frames.length
      const of = phase.tables > 1 && phase.done > 0 ? ` (${phase.done} of ${phase.tables} tables)` : ''
      const head = fit(
        `${frames[frame]} ${phaseWords(phase.name)}${of} · ${formatDuration(now() - phase.since)}`,
        width,
      )
      const lines = [color ? styleText('cyan', head, { validateStream: false }) : head]
      if (current) lines.push(fit(join(describe(current, now() - current.since), width - 2), width))
      return lines.join('\n')
    },
  }
}

/** What is most wanted comes first; what does not fit on the line is left out. */
function describe({ table, rows, total }: Current, ms: number): string[] {
  const parts = [
    `  ${escapeText(table)}: ${formatCount(rows)}${total === null ? '' : ` of ${formatCount(total)}`} ${total === 1 ? 'row' : 'rows'}`,
  ]
  // The first moments say nothing about the rate
  const rate = ms >= 1000 ? (rows * 1000) / ms : 0
  if (total !== null && total > 0) parts.push(`${Math.floor((100 * Math.min(rows, total)) / total)} %`)
  if (total !== null && total > rows && rate > 0) parts.push(`${wholeSeconds((total - rows) / rate)} left`)
  if (rate > 0) parts.push(`${formatCount(Math.round(rate))} rows/s`)
  return parts
}

function wholeSeconds(seconds: number): string {
  const whole = Math.max(Math.ceil(seconds), 1)
  return whole < 100 ? `${whole} s` : formatDuration(whole * 1000)
}

function join([first = '', ...rest]: readonly string[], width: number): string {
  let line = first
  for (const part of rest) if ([...line, ...part].length + 3 <= width) line += ` · ${part}`
  return line
}

// One column stays free: a terminal breaks the line when the last one is taken
function fit(text: string, width: number): string {
  const characters = [...text]
  return characters.length < width ? text : `${characters.slice(0, Math.max(width - 2, 1)).join('')}…`
}
