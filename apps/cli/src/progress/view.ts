import { styleText } from 'node:util'
import type { CrossingEvent } from '@rowferry/migrate'
import { counted, cutText, escapeText, formatCount, formatDuration, phaseWords } from '@rowferry/report'
import stringWidth from 'string-width'

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
/** The first moments say nothing about the rate. */
const SURE_MS = 1000
const BAR = 24

export interface View {
  /** Takes an event in; a line that shall stay, or null. */
  take(event: CrossingEvent): string | null
  /** At most three lines, none as wide as `width`: the phase, how far it is, and the table in hand. */
  render(width: number, color: boolean): string
}

interface Step {
  readonly words: string
  readonly tables: number
  readonly rows: number | null
  readonly since: number
  doneTables: number
  /** Of tables that are done. */
  doneRows: number
}

interface Current {
  readonly table: string
  rows: number
  total: number | null
}

/** What is shown while a crossing runs. Keeps one phase and one table, so that the five hundredth costs what the first did. */
export function createView(now: () => number = () => performance.now()): View {
  let step: Step | null = null
  let current: Current | null = null
  let frame = 0
  return {
    take(event) {
      if (event.type === 'notice') return escapeText(event.message)
      if (event.type === 'phase') {
        const { phase, tables, rows } = event
        step = { words: phaseWords(phase), tables, rows, since: now(), doneTables: 0, doneRows: 0 }
        current = null
      } else if (event.type === 'table' && event.done) {
        if (step) {
          step.doneTables++
          step.doneRows += event.rows
        }
        current = null
      } else if (event.type === 'table') {
        const { table, rows, total } = event
        current = { table, rows, total }
      }
      return null
    },
    render(width, color) {
      if (!step) return ''
      frame = (frame + 1) % frames.length
      const room = width - 1
      const ms = now() - step.since
      const rows = step.doneRows + (current?.rows ?? 0)
      const paint = (style: 'cyan' | 'dim', line: string): string =>
        color ? styleText(style, line, { validateStream: false }) : line
      return [
        paint('cyan', join([`${frames[frame]} ${step.words}`, ...summary(step, rows, ms)], room)),
        ...(rows > 0 ? [join(pace(step, rows, ms, room), room)] : []),
        ...(current ? [paint('dim', join(describe(current), room))] : []),
      ].join('\n')
    },
  }
}

/** What is most wanted comes first. */
function summary({ tables, doneTables, rows: total }: Step, rows: number, ms: number): string[] {
  const parts: string[] = []
  const isFar = rows > 0 || doneTables > 0
  if (total !== null && total > rows && rows > 0 && ms >= SURE_MS)
    parts.push(`${wholeSeconds((ms * (total - rows)) / rows / 1000)} left`)
  if (tables > 1 && isFar) parts.push(`${formatCount(doneTables)} of ${formatCount(tables)} tables`)
  parts.push(formatDuration(ms))
  return parts
}

function pace({ rows: total }: Step, rows: number, ms: number, room: number): string[] {
  const rate = ms >= SURE_MS ? [`${formatCount(Math.round((rows * 1000) / ms))} rows/s`] : []
  if (total === null || total === 0) return [`  ${counted(rows, 'row')}`, ...rate]
  const share = Math.min(rows / total, 1)
  const bar = room >= 2 * BAR ? `${'━'.repeat(Math.round(BAR * share)).padEnd(BAR, '─')} ` : ''
  return [`  ${bar}${Math.floor(100 * share)} %`, `${formatCount(rows)} of ${counted(total, 'row')}`, ...rate]
}

function describe({ table, rows, total }: Current): string[] {
  return [
    `  ${escapeText(table)}`,
    total === null ? counted(rows, 'row') : `${formatCount(rows)} of ${counted(total, 'row')}`,
  ]
}

function wholeSeconds(seconds: number): string {
  const whole = Math.max(Math.ceil(seconds), 1)
  return whole < 100 ? `${whole} s` : formatDuration(whole * 1000)
}

/** What does not fit on the line is left out; the first part is cut rather. */
function join([first = '', ...rest]: readonly string[], room: number): string {
  let line = cutText(first, room)
  for (const part of rest) if (stringWidth(line) + stringWidth(part) + 3 <= room) line += ` · ${part}`
  return line
}
