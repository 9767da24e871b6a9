import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Checkpoint } from '@rowferry/migrate'
import type { Prepared } from './commands/crossing.ts'
import { keep } from './conclude.ts'
import { usageError } from './error.ts'
import { prepareFile } from './result-file.ts'

/** Where `--checkpoint` keeps what was found equal so far; null without it. That it can be written is known before anything begins. */
export function checkpointFile(
  flags: { readonly checkpoint?: string },
  { shell, input }: Prepared,
): (Checkpoint & { remove(): void }) | null {
  const file = prepareFile('--checkpoint', flags.checkpoint, shell)
  if (file === null) return null
  if (input.options.verify !== 'full')
    throw usageError('OPTION_CONFLICT', `--checkpoint needs --verify full: with ${input.options.verify} little is lost`)
  const path = resolve(shell.cwd, file.name)
  return {
    // Read again where a lost connection made the run begin again
    get kept() {
      return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []
    },
    keep(line, anew) {
      if (anew) keep(file, `${line}\n`, shell)
      else appendFileSync(path, `${line}\n`)
    },
    remove: () => rmSync(path, { force: true }),
  }
}
