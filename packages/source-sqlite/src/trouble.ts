import { SourceError, type SourceErrorCode } from '@rowferry/source'

const remedies: Partial<Record<SourceErrorCode, string>> = {
  SOURCE_BUSY: 'Let the application finish its transaction, or stop it, then run again.',
  SOURCE_DAMAGED: 'Restore a backup, or rescue what can be read: sqlite3 damaged.db .recover | sqlite3 rescued.db',
  SOURCE_NOT_A_DATABASE: 'Give the path of the SQLite database file itself.',
  SOURCE_UNREADABLE: 'Check that the file and its folder can be read.',
}

/** What a file that is sound cannot be read for. */
const missingPart =
  'This SQLite lacks a collation, function or module of the application: leave the table out, or give it another key with the program that has them.'

/** What SQLite or the file system said, in the contract's words. Extended result codes: https://www.sqlite.org/rescode.html */
export function asSourceError(error: unknown, label: string): unknown {
  if (error instanceof SourceError || !(error instanceof Error)) return error
  const code = sqliteCode(error) ?? ('syscall' in error && 'code' in error ? String(error.code) : null)
  if (code === null) return error
  const ours = sourceCode(code)
  const remedy = code.startsWith('SQLITE_ERROR') ? missingPart : remedies[ours]
  const message = `${label}: ${sentences[ours] ?? 'it was refused'} (${code}: ${error.message})`
  return new SourceError(ours, message, { cause: error, ...(remedy === undefined ? {} : { remedy }) })
}

const sentences: Partial<Record<SourceErrorCode, string>> = {
  SOURCE_BUSY: 'another program is writing to the database',
  SOURCE_DAMAGED: 'the database is damaged',
  SOURCE_NOT_A_DATABASE: 'this is not a database of SQLite, or it is encrypted',
  SOURCE_UNREADABLE: 'it could not be read',
  SOURCE_VALUE_TOO_LARGE: 'a value is larger than can be held in memory',
}

/** `SQLITE_BUSY_SNAPSHOT` and the like, or null when the error is not SQLite's. */
export function sqliteCode(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : null
}

function sourceCode(code: string): SourceErrorCode {
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return 'SOURCE_BUSY'
  if (/^SQLITE_(CORRUPT|IOERR_SHORT_READ)/.test(code)) return 'SOURCE_DAMAGED'
  if (code === 'SQLITE_NOTADB') return 'SOURCE_NOT_A_DATABASE'
  if (code === 'SQLITE_TOOBIG') return 'SOURCE_VALUE_TOO_LARGE'
  return 'SOURCE_UNREADABLE'
}
