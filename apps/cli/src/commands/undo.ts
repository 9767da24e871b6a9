import { undo } from '@rowferry/migrate'
import { counted, escapeText } from '@rowferry/report'
import { printJson } from '../announce.ts'
import type { OutputFlags } from '../crossing-options.ts'
import type { Shell } from '../shell.ts'
import { printLine } from '../shell.ts'
import { askTarget } from './target.ts'

/** Takes a load in parts back. */
export async function runUndo(target: string | undefined, flags: OutputFlags, outside: Shell): Promise<number> {
  const { answer, shell } = await askTarget(target, flags, outside, undo)
  if (flags.json) printJson(shell, { type: 'undone', undone: answer })
  else if (!flags.quiet) {
    const parts = [
      answer.emptied.length > 0 ? `empty again: ${answer.emptied.join(', ')}` : null,
      answer.dropped.length > 0 ? `gone again: ${answer.dropped.join(', ')}` : null,
    ].filter((part) => part !== null)
    const head = `Undone. ${counted(answer.rows, 'row')} taken out of ${answer.target}, which is as it was before the run.`
    printLine(shell, 'stdout', [head, ...parts.map((part) => `  ${part}`)].map(escapeText).join('\n'))
  }
  return 0
}
