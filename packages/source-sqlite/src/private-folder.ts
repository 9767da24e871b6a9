import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { SourceError } from '@rowferry/source'

/** A folder that only this user can enter. */
export interface PrivateFolder {
  readonly path: string
  /** May be called twice, and before the handles in it are closed where the system allows it. */
  readonly remove: () => void
}

const folders = new Set<string>()
const removeAll = (): void => folders.forEach((folder) => fs.rmSync(folder, { recursive: true, force: true }))

/** What stands in it now is gone at the end of the process at the latest. Throws `SourceError` (`SOURCE_UNREADABLE`). */
export function makePrivateFolder(label: string, parent = os.tmpdir()): PrivateFolder {
  if (folders.size === 0) process.once('exit', removeAll)
  const folder = make(label, parent)
  folders.add(folder)
  return {
    path: folder,
    remove() {
      fs.rmSync(folder, { recursive: true, force: true })
      folders.delete(folder)
      if (folders.size === 0) process.off('exit', removeAll)
    },
  }
}

function make(label: string, parent: string): string {
  try {
    // mkdtemp makes it 0700
    return fs.mkdtempSync(path.join(parent, 'rowferry-'))
  } catch (error) {
    throw new SourceError(
      'SOURCE_UNREADABLE',
      `${label} has to be read from a private copy, but ${parent} cannot be written to`,
      {
        remedy: 'Name a folder with room for a copy: temporaryDirectory, or the environment variable TMPDIR.',
        cause: error,
      },
    )
  }
}

/** A full disk, said in the contract's words; null for anything else. */
export function noRoom(error: unknown, label: string, folder = os.tmpdir()): SourceError | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code !== 'ENOSPC' && code !== 'EDQUOT' && code !== 'SQLITE_FULL') return null
  return new SourceError(
    'SOURCE_UNREADABLE',
    `${label} has to be read from a private copy, but ${folder} has no room for it`,
    {
      remedy: 'Name a folder with more room: temporaryDirectory, or the environment variable TMPDIR.',
      cause: error,
    },
  )
}
