import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { PostgresAddress } from './address.ts'
import { ConnectError } from './error.ts'
import { type Parameter, readParameters } from './parameters.ts'
import { readPasswordFile } from './pgpass.ts'
import { readSsl } from './ssl.ts'
import { decodePart, splitUrl } from './url.ts'

export interface PostgresContext {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly resolve: (path: string) => string
  readonly password: string | null
  /** SQLAlchemy, known by its driver suffix, writes blanks in a query as `+`; libpq does not. */
  readonly plusIsBlank: boolean
}

const defaultConnectTimeoutMs = 10_000
// Debian's and PostgreSQL's own
const socketDirectories = ['/var/run/postgresql', '/tmp']

/**
 * What follows `postgres://`. What the URL leaves out comes from the PG* variables, then from libpq's defaults.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 */
export function readPostgresUrl(rest: string, context: PostgresContext): PostgresAddress {
  const url = splitUrl(rest)
  const parameters = readParameters(url.query, context.plusIsBlank)
  const get = (name: Parameter, variable?: string): string | null =>
    notBlank(parameters.values.get(name)) ?? (variable === undefined ? null : notBlank(context.env[variable]))

  const inUrl = get('host') ?? notBlank(url.host) ?? get('hostaddr')
  if (inUrl === null && notBlank(context.env['PGSERVICE']) !== null) {
    throw new ConnectError(
      'URL_UNSUPPORTED',
      'PGSERVICE names a connection service, and the service file is not read',
      'Write the service’s host, port, user and dbname into the URL, or unset PGSERVICE',
    )
  }
  const port = readPort(get('port') ?? url.port ?? notBlank(context.env['PGPORT']))
  const host =
    readHost(inUrl ?? notBlank(context.env['PGHOST']) ?? notBlank(context.env['PGHOSTADDR'])) ?? localHost(port)
  const user = get('user') ?? url.user ?? notBlank(context.env['PGUSER']) ?? systemUser()
  const database = get('dbname') ?? readDatabase(url.path) ?? notBlank(context.env['PGDATABASE']) ?? user
  const written = context.password ?? get('password') ?? notBlank(url.password) ?? notBlank(context.env['PGPASSWORD'])
  const looked =
    written === null
      ? readPasswordFile({ host, port, database, user }, context.env, get('passfile'))
      : { password: written, note: null }
  const schema = get('schema') ?? get('currentSchema')
  const notes = [
    ...(parameters.ignored.length === 0 ? [] : [`Not used of the URL: ${parameters.ignored.join(', ')}`]),
    ...(looked.note === null ? [] : [looked.note]),
  ]
  return {
    kind: 'postgres',
    host,
    port,
    database,
    user,
    password: looked.password,
    ssl: readSsl({
      mode: get('sslmode') ?? get('ssl') ?? notBlank(context.env['PGSSLMODE']),
      rootCertificate: get('sslrootcert', 'PGSSLROOTCERT'),
      unixSocket: host.startsWith('/'),
      env: context.env,
      resolve: context.resolve,
    }),
    applicationName: get('application_name') ?? get('ApplicationName', 'PGAPPNAME') ?? 'rowferry',
    connectTimeoutMs: readTimeout(get('connect_timeout', 'PGCONNECT_TIMEOUT')),
    options: get('options', 'PGOPTIONS'),
    ...(schema === null ? {} : { schema }),
    ...(notes.length === 0 ? {} : { notes }),
    label: label({ user, host, port, database }),
  }
}

/** libpq takes an empty value for none. */
function notBlank(text: string | null | undefined): string | null {
  return text === undefined || text === null || text === '' ? null : text
}

function readDatabase(path: string): string | null {
  if (path.includes('/')) {
    throw new ConnectError(
      'URL_INVALID',
      'The URL’s path has more than the database’s name in it',
      'Write a / in a name as %2F',
    )
  }
  return notBlank(decodePart(path, 'database name'))
}

function readHost(text: string | null): string | null {
  if (text === null) return null
  if (text.includes(',')) {
    throw new ConnectError('URL_UNSUPPORTED', 'Several hosts are named', 'Name the one server to write to')
  }
  if (text.startsWith('@')) {
    throw new ConnectError(
      'URL_UNSUPPORTED',
      'Sockets in the abstract namespace cannot be reached',
      'Name the socket’s directory',
    )
  }
  if (!text.startsWith('/') && !/^[\p{L}\p{N}._~%:-]+$/u.test(text)) {
    throw new ConnectError(
      'URL_INVALID',
      'The host is no name, no IP address and no absolute path',
      'Write host=/directory for a Unix socket',
    )
  }
  return text
}

function localHost(port: number): string {
  if (process.platform === 'win32') return 'localhost'
  return socketDirectories.find((directory) => existsSync(`${directory}/.s.PGSQL.${port}`)) ?? 'localhost'
}

function readPort(value: string | number | null): number {
  const port = value === null ? 5432 : Number(value)
  if (!/^\d+$/.test(String(value ?? port)) || port < 1 || port > 65_535) {
    throw new ConnectError(
      'URL_INVALID',
      'The port is no number from 1 to 65535',
      'PostgreSQL listens on 5432 unless it is told otherwise',
    )
  }
  return port
}

function readTimeout(text: string | null): number {
  if (text === null) return defaultConnectTimeoutMs
  if (!/^-?\d{1,7}$/.test(text)) {
    throw new ConnectError(
      'URL_INVALID',
      'connect_timeout is no number of seconds',
      'Write for example connect_timeout=10, or 0 to wait for ever',
    )
  }
  return Math.max(0, Number(text)) * 1000
}

function systemUser(): string {
  try {
    return userInfo().username
  } catch {
    throw new ConnectError(
      'URL_INVALID',
      'The URL names no user, and this process runs as one without a name',
      'Write postgres://user@host/database',
    )
  }
}

function label(of: { user: string; host: string; port: number; database: string }): string {
  const [user, database] = [encodeURIComponent(of.user), encodeURIComponent(of.database)]
  if (of.host.startsWith('/')) return `postgres://${user}@/${database}?host=${encodeURI(of.host)}&port=${of.port}`
  return `postgres://${user}@${of.host.includes(':') ? `[${of.host}]` : of.host}:${of.port}/${database}`
}
