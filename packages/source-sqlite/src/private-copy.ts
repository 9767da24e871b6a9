import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import Database from 'better-sqlite3'
import { SourceError } from '@rowferry/source'
import { settle, sideFileSize, stampOf, type DatabaseFile } from './file.ts'
import { parseHeader, headerSize } from './header.ts'
import { asSourceError } from './trouble.ts'
import { lostCommits, walHeader } from './wal.ts'

/** A copy in a folder of its own that only this user can enter, whole in itself: log and journal have been applied. */
export interface PrivateCopy {
  readonly file: DatabaseFile
  /** An unfinished transaction of the application was rolled back in the copy. */
  readonly rolledBack: boolean
  /** May be called twice, and before the handle is closed where the system allows it. */
  remove(): void
}

const folders = new Set<string>()
const removeAll = (): void => folders.forEach((folder) => fs.rmSync(folder, { recursive: true, force: true }))

export interface CopyOptions {
  readonly temporaryDirectory: string | undefined
  /** The caller holds SQLite's shared lock: the database alone is a committed state, and a journal beside it is none of ours. */
  readonly locked: boolean
}

/** Copies the file with its log and journal, and lets SQLite bring the copy up to date. The source is only read. */
export async function copyPrivately(source: DatabaseFile, options: CopyOptions): Promise<PrivateCopy> {
  const temporaryDirectory = options.temporaryDirectory ?? os.tmpdir()
  if (folders.size === 0) process.once('exit', removeAll)
  const folder = makeFolder(source.label, temporaryDirectory)
  folders.add(folder)
  const remove = (): void => {
    fs.rmSync(folder, { recursive: true, force: true })
    folders.delete(folder)
    if (folders.size === 0) process.off('exit', removeAll)
  }
  try {
    const copy = path.join(folder, 'copy.db')
    await copyFiles(source, copy, options.locked ? [''] : ['', '-wal', '-journal'])
    const rolledBack = recover(copy, source)
    const fd = fs.openSync(copy, 'r')
    const bytes = Buffer.alloc(headerSize)
    fs.readSync(fd, bytes, 0, headerSize, 0)
    const header = parseHeader(bytes)
    if (header === null) {
      fs.closeSync(fd)
      throw new SourceError(
        'SOURCE_DAMAGED',
        `${source.label}: after its journal was applied it is no database any more`,
      )
    }
    return { file: { label: source.label, real: copy, fd, header }, rolledBack, remove }
  } catch (error) {
    remove()
    throw noRoom(error, source.label, temporaryDirectory) ?? error
  }
}

function makeFolder(label: string, parent: string): string {
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

/**
 * Others may write meanwhile. A log only grows until it starts anew with another header, and pages are moved from it into the database only
 * while they are still in it: the database copied first, then the log, are one state as long as the header stayed. Without a log, the database
 * must not have been written to.
 */
async function copyFiles(source: DatabaseFile, copy: string, suffixes: readonly string[]): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await settle(source.real)
    const before = stateOf(source.real, suffixes)
    for (const suffix of suffixes) {
      fs.rmSync(copy + suffix, { force: true })
      if (suffix === '' || (sideFileSize(source.real, suffix) ?? 0) > 0)
        copyIfThere(source.real + suffix, copy + suffix)
    }
    if (stateOf(source.real, suffixes) === before) return
  }
  throw new SourceError('SOURCE_BUSY', `${source.label} changed each time it was copied`, {
    remedy: 'Stop the application while the copy is made, then run again.',
  })
}

function stateOf(real: string, suffixes: readonly string[]): string {
  const wal = suffixes.includes('-wal') ? walHeader(`${real}-wal`) : null
  const journal = suffixes.includes('-journal') ? stampOf(`${real}-journal`) : null
  return JSON.stringify([wal, wal === null ? stampOf(real) : null, journal])
}

function copyIfThere(from: string, to: string): void {
  try {
    fs.copyFileSync(from, to, fs.constants.COPYFILE_FICLONE)
    fs.chmodSync(to, 0o600)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}

/** Opens the copy once for writing: SQLite rolls a hot journal back and moves the log's pages into the database. */
function recover(copy: string, source: DatabaseFile): boolean {
  const journal = `${copy}-journal`
  const hadJournal = fs.existsSync(journal)
  const hadLog = fs.existsSync(`${copy}-wal`)
  try {
    const db = new Database(copy, { fileMustExist: true })
    try {
      db.pragma('synchronous = OFF')
      db.prepare('SELECT count(*) FROM sqlite_schema').get()
      if (hadLog) refuseDamagedLog(db, copy, source)
    } finally {
      db.close()
    }
  } catch (error) {
    throw asSourceError(error, source.label)
  }
  return hadJournal && !fs.existsSync(journal)
}

function refuseDamagedLog(db: Database.Database, copy: string, source: DatabaseFile): void {
  const [result] = db.pragma('wal_checkpoint(PASSIVE)') as { readonly log: number }[]
  const lost = lostCommits(`${copy}-wal`, source.header.pageSize, Math.max(0, result?.log ?? 0))
  if (lost === 0) return
  const message = `${source.label}: its write-ahead log (${source.label}-wal) is damaged: ${lost} committed transactions in it cannot be read`
  throw new SourceError('SOURCE_DAMAGED', message, {
    remedy:
      'Restore a backup; or, to go on without them, open the database once with the application or the sqlite3 shell, which drops them.',
  })
}

function noRoom(error: unknown, label: string, folder: string): SourceError | null {
  if (
    !(
      error instanceof Error &&
      'code' in error &&
      (error.code === 'ENOSPC' || error.code === 'EDQUOT' || error.code === 'SQLITE_FULL')
    )
  )
    return null
  return new SourceError(
    'SOURCE_UNREADABLE',
    `${label} has to be read from a private copy, but ${folder} has no room for it`,
    {
      remedy: 'Name a folder with more room: temporaryDirectory, or the environment variable TMPDIR.',
      cause: error,
    },
  )
}
