import type { Report } from '@rowferry/report'
import { escapeText, renderHtml, renderJson, renderTerminal } from '@rowferry/report'
import { printJson, redactProse } from './announce.ts'
import type { OutputFlags } from './crossing-options.ts'
import { describeError } from './error.ts'
import type { ResultFile } from './result-file.ts'
import type { Shell } from './shell.ts'
import { printLine, wantsColor, widthOf } from './shell.ts'

/** How the report is printed: where, and whether another text told the tables before it. */
export interface Manner {
  readonly stream: 'stdout' | 'stderr'
  readonly short: boolean
}

/** Prints the report where the options want it, keeps it in its files, and gives the exit code. */
export function conclude(
  given: Report,
  flags: OutputFlags,
  files: readonly ResultFile[],
  shell: Shell,
  { stream, short }: Manner = { stream: 'stdout', short: false },
): number {
  const report = { ...redactProse(given, shell.secrets.redact), line: shell.line }
  for (const file of files) keep(file, file.isHtml ? renderHtml(report) : `${renderJson(report)}\n`, shell)
  const bare = (report.outcome === 'failed' || report.outcome === 'interrupted') && report.tables.length === 0
  if (flags.json) printJson(shell, { type: 'report', report })
  if (bare && report.error) printError(report.error, shell)
  else if (!flags.json && !(flags.quiet && report.exitCode === 0)) {
    const to = flags.quiet ? 'stderr' : stream
    printLine(
      shell,
      to,
      renderTerminal(report, {
        color: wantsColor(shell[to], flags.color),
        width: widthOf(shell[to]),
        short,
      }),
    )
  }
  return report.exitCode
}

/** The crossing is over and its outcome stands: a full disk is told, and changes nothing about it. Was it written? */
export function keep(file: ResultFile, text: string, shell: Shell): boolean {
  try {
    file.write(text)
    return true
  } catch (error) {
    const described = describeError(error)
    if (!described) throw error
    printError(described, shell)
    return false
  }
}

/** `error: what happened [CODE]`, and below it what would let the user go on. */
export function printError(
  error: { readonly code: string; readonly message: string; readonly remedy: string | null },
  shell: Shell,
): void {
  // Names in a message may hold anything; its own line feeds are meant
  const shown = (text: string): string => text.split('\n').map(escapeText).join('\n       ')
  const lines = [
    `error: ${shown(error.message)} [${error.code}]`,
    ...(error.remedy === null ? [] : [`       ${shown(error.remedy)}`]),
  ]
  printLine(shell, 'stderr', shell.secrets.redact(lines.join('\n')))
}
