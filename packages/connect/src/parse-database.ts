import { isAbsolute, resolve, win32 } from 'node:path'
import type { DatabaseAddress, OtherAddress } from './address.ts'
import { ConnectError } from './error.ts'
import { readFileUri, readPgliteUrl, readSqliteUrl, sqliteFile } from './file-address.ts'
import { readPostgresUrl } from './postgres-address.ts'
import { splitUrl } from './url.ts'

export interface ParseOptions {
  /** Where what the text leaves out is looked up: PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, PGSSLMODE … Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** What relative paths are relative to. Default: `process.cwd()`. */
  readonly cwd?: string | undefined
  /** The password, from a prompt or a secret store; it wins over the URL's. */
  readonly password?: string | undefined
  /** Further schemes that an adapter knows: they become an `OtherAddress` instead of `SCHEME_UNKNOWN`. `mysql` and `mariadb` are known. */
  readonly schemes?: readonly string[] | undefined
}

const postgresSchemes = new Set(['postgres', 'postgresql', 'postgis', 'psql', 'pgsql'])
const sqliteSchemes = new Set(['sqlite', 'sqlite3'])
const otherSchemes = ['mysql', 'mariadb']
const windowsPath = /^[A-Za-z]:[\\/]/
const examples =
  'app.db, sqlite:///./app.db, file:app.db, postgres://user@host/database, pglite://./folder, mysql://user@host/database'

/**
 * Reads what a person or an environment calls a database: a path, or a URL in the spelling of libpq, SQLAlchemy, Prisma, Django or JDBC.
 * Opens no connection; looks only whether socket, certificate and password files are there. Throws `ConnectError`.
 */
export function parseDatabase(text: string, options: ParseOptions = {}): DatabaseAddress {
  const database = text.trim()
  const env = options.env ?? process.env
  const cwd = options.cwd ?? process.cwd()
  const absolute = (path: string): string => {
    const onWindows = !isAbsolute(path) && (windowsPath.test(path) || windowsPath.test(cwd))
    return onWindows ? win32.resolve(cwd, path) : resolve(cwd, path)
  }
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (database === '' || /[\u0000-\u001f\u007f]/.test(database)) {
    throw new ConnectError(
      'URL_INVALID',
      'The name of the database is empty or holds control characters',
      `Write one of these: ${examples}`,
    )
  }
  const match = /^(?:jdbc:)?([a-z][a-z0-9.-]*)(?:\+([a-z0-9_]+))?:/i.exec(database)
  if (!match?.[1] || windowsPath.test(database) || database === ':memory:')
    return sqliteFile(notConninfo(database), absolute)
  const scheme = match[1].toLowerCase()
  const driver = match[2]?.toLowerCase() ?? null
  const rest = database.slice(match[0].length)

  if (postgresSchemes.has(scheme)) {
    const context = { env, resolve: absolute, password: options.password ?? null, plusIsBlank: driver !== null }
    return readPostgresUrl(afterSlashes(rest, 'postgres'), context)
  }
  if (sqliteSchemes.has(scheme) && driver === 'pysqlcipher') {
    throw new ConnectError(
      'URL_UNSUPPORTED',
      'An encrypted SQLite database cannot be read',
      'Decrypt it first, then name its file',
    )
  }
  if (sqliteSchemes.has(scheme)) return readSqliteUrl(rest, absolute)
  if (scheme === 'file') return readFileUri(rest, absolute)
  if (scheme === 'pglite') return readPgliteUrl(rest, absolute)
  if (scheme === 'memory' && rest === '//') return readPgliteUrl('memory', absolute)
  if ([...otherSchemes, ...(options.schemes ?? [])].includes(scheme))
    return readOther(scheme, afterSlashes(rest, scheme))
  // Without slashes it may be a path with a colon, or anything at all: then nothing of it is shown
  const shown = rest.startsWith('//') ? ` ${scheme}://` : ''
  throw new ConnectError(
    'SCHEME_UNKNOWN',
    `No kind of database is known by this scheme${shown}`,
    `Known are ${examples}. A file with a colon in its name is written ./like:this`,
  )
}

function afterSlashes(rest: string, scheme: string): string {
  if (rest.startsWith('//')) return rest.slice(2)
  throw new ConnectError(
    'URL_INVALID',
    `Two slashes are missing after ${scheme}:`,
    `Write ${scheme}://user:password@host/database`,
  )
}

function notConninfo(text: string): string {
  if (!/^(?:host|hostaddr|port|dbname|user|password|service|sslmode)\s*=/.test(text)) return text
  throw new ConnectError(
    'URL_UNSUPPORTED',
    'This looks like a connection string of keywords and values',
    'Write it as a URL: postgres://user:password@host:port/database',
  )
}

function readOther(scheme: string, rest: string): OtherAddress {
  const { user, password, host, port, path, query } = splitUrl(rest)
  const secret = password === null ? '' : `:${encodeURIComponent(password)}`
  const who = user === null ? '' : `${encodeURIComponent(user)}@`
  const where = `${host.includes(':') ? `[${host}]` : encodeURIComponent(host)}${port === '' ? '' : `:${port}`}`
  return {
    kind: 'other',
    scheme,
    // Whatever was written, here every part is percent-encoded, as any reader of URLs expects
    url: `${scheme}://${user === null ? secret && `${secret}@` : `${encodeURIComponent(user)}${secret}@`}${where}${path === '' ? '' : `/${path}`}${query === '' ? '' : `?${query}`}`,
    label: `${scheme}://${who}${where}${path === '' ? '' : `/${path}`}`,
  }
}
