import { accessSync, constants, openSync, closeSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { failure, usageError } from './error.ts'
import type { Shell } from './shell.ts'

/** A file that will be written at the end, in one step; that it can be is known before anything begins. */
export interface ResultFile {
  readonly name: string
  /** The name asks for a page to be looked at. */
  readonly isHtml: boolean
  write(text: string): void
}

/** Each file that `--report` or the configuration names, once. */
export function reportFiles(
  said: readonly string[] | undefined,
  configured: string | readonly string[] | undefined,
  shell: Pick<Shell, 'cwd'>,
): ResultFile[] {
  return [...new Set(said ?? [configured ?? []].flat())].flatMap((name) => prepareFile('--report', name, shell) ?? [])
}

const unwritable = {
  '--report': 'REPORT_UNWRITABLE',
  '--out': 'OUT_UNWRITABLE',
  '--proof': 'PROOF_UNWRITABLE',
  '--differences': 'DIFFERENCES_UNWRITABLE',
  '--checkpoint': 'CHECKPOINT_UNWRITABLE',
} as const

/** Throws `REPORT_UNWRITABLE` or its like when the file could not be written; leaves nothing behind. */
export function prepareFile(
  option: keyof typeof unwritable,
  name: string | undefined,
  shell: Pick<Shell, 'cwd'>,
): ResultFile | null {
  if (name === undefined) return null
  const isHtml = option === '--report' && /\.html?$/i.test(name)
  const ending = option === '--differences' || option === '--checkpoint' ? '.ndjson' : '.json'
  if (!isHtml && !name.toLowerCase().endsWith(ending))
    throw usageError(
      'OPTION_INVALID',
      `${option} ${name}: the file's name must end in ${ending}${option === '--report' ? ' or .html' : ''}`,
    )
  const path = resolve(shell.cwd, name)
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`)
  const attempt = (action: () => void): void => {
    try {
      action()
    } catch (error) {
      rmSync(temporary, { force: true })
      const why = error instanceof Error && 'code' in error ? String(error.code) : String(error)
      throw failure(unwritable[option], `${name} cannot be written (${why})`, {
        remedy: `Give ${option} a file in a folder that exists and may be written to.`,
        cause: error,
      })
    }
  }
  attempt(() => {
    const there = statSync(path, { throwIfNoEntry: false })
    if (there && !there.isFile())
      throw Object.assign(new Error('not a file'), { code: there.isDirectory() ? 'EISDIR' : 'EEXIST' })
    if (there) accessSync(path, constants.W_OK)
    closeSync(openSync(temporary, 'wx', 0o600))
    rmSync(temporary)
  })
  return {
    name,
    isHtml,
    write: (text) =>
      attempt(() => {
        writeFileSync(temporary, text, { flag: 'wx', mode: 0o600 })
        renameSync(temporary, path)
      }),
  }
}
