import { existsSync } from 'node:fs'
import type { PgliteAddress, SqliteAddress } from './address.ts'
import { ConnectError } from './error.ts'
import { decodePart } from './url.ts'

type Resolve = (path: string) => string

/** A path as it stands. */
export function sqliteFile(path: string, resolve: Resolve): SqliteAddress {
  if (path === '' || path === ':memory:') {
    throw new ConnectError(
      'URL_UNSUPPORTED',
      'An SQLite database in memory belongs to the program that made it',
      "Save it with VACUUM INTO 'file.db' and name that file",
    )
  }
  if (path.includes('\0')) throw new ConnectError('URL_INVALID', 'The path holds a NUL', 'Name the file')
  const absolute = resolve(path)
  return { kind: 'sqlite', path: absolute, label: absolute }
}

/**
 * What follows `sqlite:`, as SQLAlchemy writes it: three slashes and a relative path, four and an absolute one.
 * Prisma's and sqlx's `sqlite:app.db` and `sqlite://app.db` are relative too.
 * https://docs.sqlalchemy.org/en/20/core/engines.html#sqlite
 */
export function readSqliteUrl(rest: string, resolve: Resolve): SqliteAddress {
  const [path = '', query = ''] = split(rest)
  if (path.startsWith('//') && path.slice(2).split('/', 1)[0]?.includes('@')) {
    throw new ConnectError(
      'URL_UNSUPPORTED',
      'An SQLite URL names no user and password',
      'Decrypt the database first, then name its file',
    )
  }
  refuseMemory(query)
  const bare = path.startsWith('///') ? path.slice(3) : path.startsWith('//') ? path.slice(2) : path
  if (bare.startsWith('file:')) return readFileUri(bare.slice('file:'.length), resolve)
  return sqliteFile(asWritten(bare, resolve), resolve)
}

/** What follows `file:`, by SQLite's rules. https://www.sqlite.org/uri.html */
export function readFileUri(rest: string, resolve: Resolve): SqliteAddress {
  const [path = '', query = ''] = split(rest.split('#', 1)[0] ?? '')
  refuseMemory(query)
  const authority = /^\/\/([^/]*)/.exec(path)?.[1]
  if (
    authority !== undefined &&
    authority !== '' &&
    authority.toLowerCase() !== 'localhost' &&
    !/^\.\.?$/.test(authority)
  ) {
    throw new ConnectError(
      'URL_INVALID',
      'A file: URI names no host',
      'Write file:app.db for a relative path, file:///data/app.db for an absolute one',
    )
  }
  const local = authority === undefined ? path : path.slice(2).replace(/^localhost(?=\/|$)/i, '')
  const decoded = decodePart(local, 'path')
  return sqliteFile(/^\/[A-Za-z]:[\\/]/.test(decoded) ? decoded.slice(1) : decoded, resolve)
}

/** What follows `pglite:`. */
export function readPgliteUrl(rest: string, resolve: Resolve): PgliteAddress {
  const folder = rest.startsWith('//') ? rest.slice(2) : rest
  if (folder === 'memory') return { kind: 'pglite', folder: 'memory://', label: 'pglite:memory' }
  if (folder === '')
    throw new ConnectError('URL_INVALID', 'The PGlite URL names no folder', 'Write pglite://./folder or pglite:memory')
  if (/[?#]/.test(folder))
    throw new ConnectError('URL_UNSUPPORTED', 'A PGlite URL has no parameters', 'Write pglite://./folder')
  const absolute = resolve(asWritten(folder, resolve))
  return { kind: 'pglite', folder: absolute, label: `pglite://${absolute}` }
}

function split(rest: string): string[] {
  const mark = rest.indexOf('?')
  return mark === -1 ? [rest] : [rest.slice(0, mark), rest.slice(mark + 1)]
}

// SQLAlchemy does not decode the path, others do: a file that exists decides
function asWritten(path: string, resolve: Resolve): string {
  if (!path.includes('%') || existsSync(resolve(path))) return path
  const decoded = decodePart(path, 'path')
  return existsSync(resolve(decoded)) ? decoded : path
}

function refuseMemory(query: string): void {
  if (query.split('&').includes('mode=memory')) sqliteFile(':memory:', (path) => path)
}
