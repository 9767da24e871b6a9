import fs from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { SourceError } from '@rowferry/source'
import { headerSize, parseHeader, recognize, type Header } from './header.ts'

/** A SQLite file that has been looked at but not opened by SQLite. */
export interface DatabaseFile {
  /** As the caller wrote it. */
  readonly label: string
  /** Absolute, links resolved: side files stand beside the real file. */
  readonly real: string
  /**
   * Open for reading until the very end: POSIX drops all of a process's locks on a file, SQLite's too, when any descriptor of it is closed.
   * https://www.sqlite.org/howtocorrupt.html, section 2.2
   */
  readonly fd: number
  readonly header: Header
}

/** Looks before SQLite does, since SQLite takes an empty file for an empty database and has one message for most other states. */
export function lookAtFile(label: string): DatabaseFile {
  const real = resolve(label)
  let fd: number
  try {
    fd = fs.openSync(real, 'r')
  } catch (error) {
    throw unreadable(label, error)
  }
  try {
    return { label, real, fd, header: readHeader(label, fd) }
  } catch (error) {
    fs.closeSync(fd)
    throw error
  }
}

/**
 * Refuses a file that is shorter than its own header counts. SQLite does so by whole pages only: what is missing of the last one it reads as
 * zeros, and the values there as NULL. To be asked once the file stands still, since the header is read again.
 */
export function refuseTruncated(file: DatabaseFile): void {
  const { size } = fs.fstatSync(file.fd)
  const { expectedSize, pageSize } = readHeader(file.label, file.fd)
  const expected = expectedSize ?? Math.ceil(size / pageSize) * pageSize
  if (size >= expected) return
  throw new SourceError('SOURCE_DAMAGED', `${file.label}: the file is truncated: ${size} bytes of ${expected}`, {
    remedy: 'Copy or upload it again, or restore a backup.',
  })
}

/** Bytes of a file beside the database, e.g. `-wal`; null when there is none. */
export function sideFileSize(real: string, suffix: string): number | null {
  return fs.statSync(real + suffix, { throwIfNoEntry: false })?.size ?? null
}

/** Tells one state of a file from another: device, inode, size and time of the last write. */
export function stampOf(real: string): string | null {
  const stat = fs.statSync(real, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? null : [stat.dev, stat.ino, stat.size, stat.mtimeNs].join(' ')
}

/** Waits until a further write must show in the stamp: file systems round the time of the last write to a few milliseconds. */
export async function settle(real: string): Promise<void> {
  const stat = fs.statSync(real, { throwIfNoEntry: false })
  const age = stat === undefined ? Infinity : Date.now() - stat.mtimeMs
  if (age >= 0 && age < 20) await setTimeout(20 - age)
}

function resolve(label: string): string {
  try {
    return fs.realpathSync(path.resolve(label))
  } catch (error) {
    throw unreadable(label, error)
  }
}

function readHeader(label: string, fd: number): Header {
  const stat = fs.fstatSync(fd)
  if (!stat.isFile()) {
    const what = stat.isDirectory() ? 'a directory, not a file' : 'not an ordinary file'
    throw new SourceError('SOURCE_NOT_A_FILE', `${label} is ${what}`, {
      remedy: 'Give the path of the SQLite database file itself.',
    })
  }
  if (stat.size === 0) {
    throw new SourceError('SOURCE_EMPTY', `${label} is empty: it has 0 bytes, so there is no database in it`, {
      remedy: 'Look for the file the application writes to; a mistyped path often leaves an empty file behind.',
    })
  }
  const start = Buffer.alloc(4096)
  const bytes = start.subarray(0, fs.readSync(fd, start, 0, start.length, 0))
  const header = parseHeader(bytes)
  if (header !== null) return header
  if (bytes.toString('latin1', 0, 16) === 'SQLite format 3\0') {
    throw new SourceError(
      'SOURCE_DAMAGED',
      `${label}: the file is truncated: ${bytes.length} bytes, not even a whole header of ${headerSize}`,
      {
        remedy: 'Copy or upload it again, or restore a backup.',
      },
    )
  }
  const { what, remedy, encrypted } = recognize(bytes)
  throw new SourceError(encrypted ? 'SOURCE_ENCRYPTED' : 'SOURCE_NOT_A_DATABASE', `${label} is ${what}`, { remedy })
}

function unreadable(label: string, error: unknown): SourceError {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new SourceError('SOURCE_MISSING', `${label}: there is no such file`, {
      remedy: 'Check the path; nothing was created.',
      cause: error,
    })
  }
  const why = error instanceof Error ? error.message : String(error)
  return new SourceError('SOURCE_UNREADABLE', `${label} cannot be opened: ${why}`, {
    remedy: 'Check who may read the file and the folders above it.',
    cause: error,
  })
}
