import type { Progress } from './progress/progress.ts'
import { silent } from './progress/progress.ts'
import { showLines } from './progress/lines.ts'
import { writeEvents } from './progress/ndjson.ts'
import type { OutputFlags } from './crossing-options.ts'
import type { Shell } from './shell.ts'
import { printLine, wantsColor } from './shell.ts'

/** Fields that may quote what a driver said; everything else is a name, a number or a value of the source. */
const PROSE = new Set(['message', 'remedy', 'why', 'suggestion'])

/** A copy of plain data in which no sentence holds a secret. Codes and names stay, so that a program can rely on them. */
export function redactProse<T>(value: T, redact: (text: string) => string): T {
  return JSON.parse(JSON.stringify(value), (key, held: unknown) =>
    typeof held === 'string' && PROSE.has(key) ? redact(held) : held,
  ) as T
}

export function printJson(shell: Shell, value: unknown): void {
  printLine(shell, 'stdout', JSON.stringify(redactProse(value, shell.secrets.redact)))
}

/** The view of the progress that fits the options and the terminal: events, nothing, a live view, or plain lines. */
export async function chooseProgress(flags: OutputFlags, shell: Shell): Promise<Progress> {
  if (flags.json) return writeEvents((event) => printJson(shell, event))
  if (flags.quiet) return silent
  if (shell.stderr.isTTY && shell.env['TERM'] !== 'dumb') {
    const { showLive } = await import('./progress/live.ts')
    return showLive(shell.stderr, wantsColor(shell.stderr, flags.color))
  }
  return showLines((line) => printLine(shell, 'stderr', shell.secrets.redact(line)))
}
