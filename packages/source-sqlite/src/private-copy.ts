import fs from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { SourceError } from '@rowferry/source'
import { settle, sideFileSize, stampOf, type DatabaseFile } from './file.ts'
import { parseHeader, headerSize } from './header.ts'
import { makePrivateFolder, noRoom } from './private-folder.ts'
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

export interface CopyOptions {
  readonly temporaryDirectory: string | undefined
  /** The caller holds SQLite's shared lock: the database alone is a committed state, and a journal beside it is none of ours. */
  readonly locked: boolean
}

/** Copies the file with its log and journal, and lets SQLite bring the copy up to date. The source is only read. */
export async function copyPrivately(source: DatabaseFile, options: CopyOptions): Promise<PrivateCopy> {
  const { path: folder, remove } = makePrivateFolder(source.label, options.temporaryDirectory)
  try {
    const copy = path.join(folder, 'copy.db')
    await copyFiles(source, copy, options.locked ? [''] : ['', '-wal', '-journal'])
    const rolledBack = recover(copy, source)
    const file = lookAtCopy(copy, source.label)
    if (file === null)
      throw new SourceError(
        'SOURCE_DAMAGED',
        `${source.label}: after its journal was applied it is no database any more`,
      )
    return { file, rolledBack, remove }
  } catch (error) {
    remove()
    throw noRoom(error, source.label, options.temporaryDirectory) ?? error
  }
}

/** A database that was made here; null when it is none. */
export function lookAtCopy(copy: string, label: string): DatabaseFile | null {
  const fd = fs.openSync(copy, 'r')
  const bytes = Buffer.alloc(headerSize)
  fs.readSync(fd, bytes, 0, headerSize, 0)
  const header = parseHeader(bytes)
  if (header !== null) return { label, real: copy, fd, header }
  fs.closeSync(fd)
  return null
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
