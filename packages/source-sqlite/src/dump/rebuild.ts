import fs from 'node:fs'
import path from 'node:path'
import { SourceError } from '@rowferry/source'
import Database from 'better-sqlite3'
import { recognize } from '../header.ts'
import { lookAtCopy, type PrivateCopy } from '../private-copy.ts'
import { makePrivateFolder, noRoom } from '../private-folder.ts'
import { statementReader, type Statement } from './statements.ts'

/** Is it SQL text, by its first bytes? Dumps of other databases are none of SQLite's. */
export function isDump(file: string): boolean {
  let fd: number
  try {
    fd = fs.openSync(file, 'r')
  } catch {
    return false
  }
  try {
    if (!fs.fstatSync(fd).isFile()) return false
    const bytes = Buffer.alloc(4096)
    const start = bytes.subarray(0, fs.readSync(fd, bytes, 0, bytes.length, 0))
    const text = start.toString('latin1').replace(/^\xef\xbb\xbf/, '')
    return (
      /^\s*(?:PRAGMA|BEGIN|CREATE|INSERT|--|\/\*)/i.test(text) && recognize(start).what.startsWith('not a database')
    )
  } finally {
    fs.closeSync(fd)
  }
}

/**
 * Carries a dump out in a new database that only this user can read: what the sqlite3 shell's `.dump`, Cloudflare D1's and Turso's exports write. Only
 * statements that such a dump is made of are run; ATTACH and the like are refused, so that a file from anywhere touches nothing else.
 * Throws `SourceError`: `SOURCE_DAMAGED` for one that is cut short or says itself that it is not whole, `SOURCE_NOT_A_DATABASE` for a statement that SQLite refuses.
 */
export function rebuildDump(file: string, temporaryDirectory: string | undefined): PrivateCopy {
  const folder = makePrivateFolder(file, temporaryDirectory)
  try {
    const copy = path.join(folder.path, 'rebuilt.db')
    fs.closeSync(fs.openSync(copy, 'wx', 0o600))
    const db = new Database(copy)
    try {
      // sqlite_schema is written to where the dump holds virtual tables
      db.unsafeMode()
      for (const pragma of ['journal_mode = OFF', 'synchronous = OFF', 'foreign_keys = OFF', 'trusted_schema = OFF'])
        db.pragma(pragma)
      carryOut(file, db)
    } finally {
      db.close()
    }
    const made = lookAtCopy(copy, file)
    if (made === null)
      throw new SourceError('SOURCE_EMPTY', `${file} is a dump that makes nothing: there is no table in it`)
    return { file: made, rolledBack: false, remove: folder.remove }
  } catch (error) {
    folder.remove()
    throw noRoom(error, file, temporaryDirectory) ?? error
  }
}

const pieceSize = 1 << 20

function carryOut(file: string, db: Database.Database): void {
  const fd = fs.openSync(file, 'r')
  const reader = statementReader()
  const run = runner(file, db)
  const piece = Buffer.alloc(pieceSize)
  try {
    for (let at = 0; ;) {
      const size = fs.readSync(fd, piece, 0, pieceSize, at)
      if (size === 0) break
      const mark = at === 0 && piece.subarray(0, 3).toString('hex') === 'efbbbf' ? 3 : 0
      for (const statement of reader.feed(piece.subarray(mark, size))) run.statement(statement)
      at += size
    }
  } finally {
    fs.closeSync(fd)
  }
  if (!reader.finish()) throw cutShort(file, 'it ends inside of a statement')
  run.finish()
}

function cutShort(file: string, why: string): SourceError {
  return new SourceError('SOURCE_DAMAGED', `${file}: the dump is not whole: ${why}`, {
    remedy: 'Make the dump again, and look at what the program that makes it says.',
  })
}

const carried = /^(?:CREATE|INSERT|REPLACE|UPDATE|DELETE|ALTER|DROP|ANALYZE|REINDEX)$/
const settings = /^PRAGMA\s+(?:encoding|user_version|application_id|page_size|writable_schema)\b/i

function runner(file: string, db: Database.Database): { statement(given: Statement): void; finish(): void } {
  let unfinished = false
  const start = (): void => {
    if (!db.inTransaction) db.exec('BEGIN')
  }
  return {
    statement({ text, line }) {
      const word = /^\w+/.exec(text)?.[0].toUpperCase() ?? ''
      if (word === 'ROLLBACK')
        throw cutShort(file, `line ${line} takes everything back, as the shell writes it after an error`)
      if (word === 'BEGIN') unfinished = true
      else if (word === 'COMMIT' || word === 'END') unfinished = false
      else if (word === 'PRAGMA' ? settings.test(text) : carried.test(word)) {
        if (word !== 'PRAGMA') start()
        execute(file, db, { text, line })
      } else if (word !== 'PRAGMA' && word !== 'SAVEPOINT' && word !== 'RELEASE') {
        throw new SourceError(
          'SOURCE_NOT_A_DATABASE',
          `${file}, line ${line}: ${word === '' ? 'this' : word} is no statement of a dump`,
          {
            remedy: 'Load it into a database yourself, if you trust it, and name that file: sqlite3 new.db < dump.sql',
          },
        )
      }
    },
    finish() {
      if (unfinished) throw cutShort(file, 'its COMMIT is missing')
      if (db.inTransaction) db.exec('COMMIT')
    },
  }
}

function execute(file: string, db: Database.Database, { text, line }: Statement): void {
  try {
    db.exec(text)
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || error.code === 'SQLITE_FULL') throw error
    throw new SourceError(
      'SOURCE_NOT_A_DATABASE',
      `${file}, line ${line}: SQLite refuses this statement: ${error.message}`,
      {
        remedy: 'Is it a dump of SQLite? Those of other databases are restored there, and that database is named.',
        cause: error,
      },
    )
  }
}
