import fs from 'node:fs'
import { SourceError, type SnapshotKind, type Source } from '@rowferry/source'
import { isDump, rebuildDump } from './dump/rebuild.ts'
import { openBeside, type Beside } from './beside.ts'
import { lookAtFile, refuseTruncated, settle, sideFileSize, stampOf, type DatabaseFile } from './file.ts'
import { canOpenInPlace, openHandle, urisWork, type Handle } from './handle.ts'
import { refuseDamaged, refuseDamagedLarge } from './integrity.ts'
import { copyPrivately, type PrivateCopy } from './private-copy.ts'
import { sourceOf } from './source.ts'
import { asSourceError, sqliteCode } from './trouble.ts'

export interface SqliteOptions {
  /** The database file: a path, no URL. It is never created, never written to, and nothing is left beside it. */
  readonly path: string
  /**
   * Look for damage before anything else. Default true: damage, and indexes that disagree with their tables, are refused, at the cost of a pass over the file and
   * all its indexes. `beside`: of a file of 32 MiB or more in a thread of its own, while it is being read; then what was read counts only once `sound()` has
   * resolved. If false, only damage that reading meets is noticed.
   */
  readonly integrityCheck?: boolean | 'beside'
  /** How long to wait for a writer, in milliseconds; the thread waits with it. Default 5000; then `SOURCE_BUSY`. */
  readonly busyTimeoutMs?: number
  /**
   * Read a private copy in any case. Default false: the file itself is read where that leaves no trace; in rollback-journal mode the application
   * then cannot commit until `close`, in WAL mode, if it is started meanwhile, its first checkpoint ends the reading with `SOURCE_CHANGED`.
   */
  readonly privateCopy?: boolean
  /** Where a private copy is made when one is needed; it takes as much room as the database. Default: the system's folder (TMPDIR). */
  readonly temporaryDirectory?: string
}

/** An open file, its handle and what has to be tidied up. */
export interface Opened {
  readonly file: DatabaseFile
  readonly db: Handle
  readonly rolledBack: boolean
  readonly beside: Beside | null
  /** Throws `SOURCE_CHANGED` when the file that is read in place has been written to or replaced. */
  assertUnchanged(): void
  release(): void
}

/**
 * Opens a SQLite file for reading and holds one snapshot of it until `close`. A file with a write-ahead log or a hot journal is read from a private
 * copy in which SQLite has applied them; one in WAL mode that nobody has open is read in place
 * without locks, where SQLite would make side files; any other under SQLite's shared lock.
 * @throws SourceError `SOURCE_MISSING`, `SOURCE_NOT_A_FILE`, `SOURCE_EMPTY`, `SOURCE_NOT_A_DATABASE`, `SOURCE_ENCRYPTED`, `SOURCE_DAMAGED`,
 * `SOURCE_BUSY`, `SOURCE_CHANGED` or `SOURCE_UNREADABLE`
 */
export async function openSqlite(
  given: SqliteOptions,
  { snapshot }: { readonly snapshot?: SnapshotKind } = {},
): Promise<Source> {
  const options = snapshot === 'copy' ? { ...given, privateCopy: true } : given
  const opened = isDump(options.path) ? await openDump(options) : await openDatabase(options)
  const { file } = opened
  try {
    refuseTruncated(opened.file)
    if (options.integrityCheck !== false && opened.beside === null) refuseDamagedFile(opened)
    opened.assertUnchanged()
    return sourceOf(opened)
  } catch (error) {
    void opened.beside?.close()
    opened.release()
    throw asSourceError(error, file.label)
  }
}

/** Statements that make a database: they are carried out in a private one, which is read in their place. */
async function openDump(options: SqliteOptions): Promise<Opened> {
  try {
    return await openedCopy(rebuildDump(options.path, options.temporaryDirectory), options)
  } catch (error) {
    throw asSourceError(error, options.path)
  }
}

async function openDatabase(options: SqliteOptions): Promise<Opened> {
  const file = lookAtFile(options.path)
  try {
    return await openFile(file, options)
  } catch (error) {
    fs.closeSync(file.fd)
    throw asSourceError(error, file.label)
  }
}

const largeFile = 32 * 1024 * 1024

function refuseDamagedFile({ db, file }: Opened): void {
  if (fs.fstatSync(file.fd).size < largeFile) refuseDamaged(db, file.label)
  else refuseDamagedLarge(db, file.label)
}

function besideOf(file: DatabaseFile, options: SqliteOptions, immutable: boolean): Beside | null {
  if (options.integrityCheck !== 'beside' || fs.fstatSync(file.fd).size < largeFile) return null
  return openBeside({
    real: file.real,
    fd: file.fd,
    label: file.label,
    immutable,
    busyTimeoutMs: busyTimeoutOf(options),
  })
}

async function openFile(file: DatabaseFile, options: SqliteOptions): Promise<Opened> {
  // Asked before any file is opened: SQLite learns about URIs once, when it is loaded
  const inPlace = canOpenInPlace(file.real)
  const journal = sideFileSize(file.real, '-journal') ?? 0
  if (isLogged(file) || !inPlace) return openCopy(file, options)
  if (!file.header.wal) return openLocked(file, options)
  return journal > 0 || options.privateCopy === true || !urisWork()
    ? openCopy(file, options)
    : openImmutable(file, options)
}

/** A log that may hold rows, or the sign that a program has the file open in WAL mode. SQLite removes both when the last one closes it. */
function isLogged(file: DatabaseFile): boolean {
  return ['-wal', '-shm'].some((suffix) => sideFileSize(file.real, suffix) !== null)
}

async function openImmutable(file: DatabaseFile, options: SqliteOptions): Promise<Opened> {
  await settle(file.real)
  const stamp = stampOf(file.real)
  // A log that came meanwhile holds rows, and one that came and went has written to the database
  if (isLogged(file)) return openCopy(file, options)
  return openedInPlace(file, options, handleOf(file, options, true), stamp, true)
}

async function openLocked(file: DatabaseFile, options: SqliteOptions): Promise<Opened> {
  let db: Handle
  try {
    db = handleOf(file, options, false)
  } catch (error) {
    // The application was killed inside a transaction: the journal has to be rolled back first, which a reader may not do
    if (sqliteCode(error) === 'SQLITE_READONLY_ROLLBACK') return openCopy(file, options)
    throw error
  }
  if (options.privateCopy !== true) return openedInPlace(file, options, db, stampOf(file.real), false)
  try {
    return await openCopy(file, options, true)
  } finally {
    db.close()
  }
}

function openedInPlace(
  file: DatabaseFile,
  options: SqliteOptions,
  db: Handle,
  stamp: string | null,
  immutable: boolean,
): Opened {
  return {
    file,
    db,
    rolledBack: false,
    beside: besideOf(file, options, immutable),
    assertUnchanged() {
      if (stampOf(file.real) === stamp) return
      throw new SourceError('SOURCE_CHANGED', `${file.label} was written to or replaced while it was read`, {
        remedy: 'Stop the application and run again, or read a private copy (privateCopy).',
      })
    },
    release() {
      db.close()
      fs.closeSync(file.fd)
    },
  }
}

async function openCopy(file: DatabaseFile, options: SqliteOptions, locked = false): Promise<Opened> {
  const copy = await copyPrivately(file, { temporaryDirectory: options.temporaryDirectory, locked })
  const opened = await openedCopy(copy, options)
  return {
    ...opened,
    release() {
      opened.release()
      fs.closeSync(file.fd)
    },
  }
}

async function openedCopy(copy: PrivateCopy, options: SqliteOptions): Promise<Opened> {
  let db: Handle
  try {
    db = handleOf(copy.file, options, urisWork())
  } catch (error) {
    discard(copy)
    throw error
  }
  const beside = besideOf(copy.file, options, urisWork())
  await beside?.opened
  // A file that is open stays readable without its name: so not even SIGKILL leaves the copy behind
  if (process.platform !== 'win32' && urisWork()) copy.remove()
  return {
    file: copy.file,
    db,
    rolledBack: copy.rolledBack,
    beside,
    assertUnchanged() {},
    release() {
      db.close()
      discard(copy)
    },
  }
}

function discard(copy: PrivateCopy): void {
  fs.closeSync(copy.file.fd)
  copy.remove()
}

function busyTimeoutOf(options: SqliteOptions): number {
  return options.busyTimeoutMs ?? 5000
}

function handleOf(file: DatabaseFile, options: SqliteOptions, immutable: boolean): Handle {
  try {
    return openHandle(file.real, { busyTimeoutMs: busyTimeoutOf(options), immutable })
  } catch (error) {
    // SQLite compares the header's count of pages with the file as well, but calls it malformed like all else
    if (sqliteCode(error)?.startsWith('SQLITE_CORRUPT') === true) refuseTruncated(file)
    throw error
  }
}
