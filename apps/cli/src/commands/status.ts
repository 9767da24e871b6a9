import { status } from '@rowferry/migrate'
import { printJson, redactProse } from '../announce.ts'
import type { OutputFlags } from '../crossing-options.ts'
import { renderStatus } from '../render-status.ts'
import type { Shell } from '../shell.ts'
import { printLine, wantsColor, widthOf } from '../shell.ts'
import { askTarget } from './target.ts'

/** Says how far a load in parts is. */
export async function runStatus(target: string | undefined, flags: OutputFlags, outside: Shell): Promise<number> {
  const { answer, shell } = await askTarget(target, flags, outside, status)
  const found = redactProse(answer, shell.secrets.redact)
  if (flags.json) printJson(shell, { type: 'status', status: found })
  else if (!flags.quiet)
    printLine(
      shell,
      'stdout',
      renderStatus(found, { color: wantsColor(shell.stdout, flags.color), width: widthOf(shell.stdout) }),
    )
  return 0
}
