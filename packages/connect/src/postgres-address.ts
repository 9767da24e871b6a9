import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { type PostgresAddress, sessionAttributes } from './address.ts'
import { ConnectError } from './error.ts'
import { type Parameter, readParameters } from './parameters.ts'
import { readPasswordFile } from './pgpass.ts'
import { readService } from './service-file.ts'
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
  const inUrl = (name: Parameter): string | null => notBlank(parameters.values.get(name))
  const serviceName = inUrl('service') ?? notBlank(context.env['PGSERVICE'])
  const service = serviceName === null ? null : readService(serviceName, context.env, inUrl('servicefile'))
  /** The URL over the service over the environment. */
  const get = (name: Parameter, variable?: string, own: string | null = null): string | null =>
    inUrl(name) ??
    own ??
    notBlank(service?.get(name)) ??
    (variable === undefined ? null : notBlank(context.env[variable]))

  const user = get('user', 'PGUSER', url.user) ?? systemUser()
  const database = get('dbname', 'PGDATABASE', readDatabase(url.path)) ?? user
  const places = readPlaces(
    get('host', 'PGHOST', notBlank(url.host) ?? inUrl('hostaddr')) ?? get('hostaddr', 'PGHOSTADDR'),
    get('port', 'PGPORT', notBlank(url.port)),
  )
  const written = context.password ?? get('password', 'PGPASSWORD', notBlank(url.password))
  const looked = places.map((place) =>
    written === null
      ? readPasswordFile({ ...place, database, user }, context.env, get('passfile'))
      : { password: written, note: null },
  )
  const [first, ...others] = places.map((place, at) => ({ ...place, password: looked[at]?.password ?? null }))
  const { host, port, password } = first!
  refuseGssOnly(get('gssencmode', 'PGGSSENCMODE'))
  const schema = get('schema') ?? get('currentSchema')
  const notes = [
    ...(parameters.ignored.length === 0 ? [] : [`Not used of the URL: ${parameters.ignored.join(', ')}`]),
    ...new Set(looked.flatMap(({ note }) => (note === null ? [] : [note]))),
  ]
  const attributes = readChoice(
    'target_session_attrs',
    get('target_session_attrs', 'PGTARGETSESSIONATTRS'),
    sessionAttributes,
  )
  const binding = readChoice('channel_binding', get('channel_binding', 'PGCHANNELBINDING'), [
    'disable',
    'prefer',
    'require',
  ])
  return {
    kind: 'postgres',
    host,
    port,
    database,
    user,
    password,
    ssl: readSsl({
      mode: get('sslmode') ?? get('ssl') ?? notBlank(context.env['PGSSLMODE']),
      rootCertificate: get('sslrootcert', 'PGSSLROOTCERT'),
      certificate: get('sslcert', 'PGSSLCERT'),
      key: get('sslkey', 'PGSSLKEY'),
      keyPassword: get('sslpassword'),
      unixSocket: places.every((place) => place.host.startsWith('/')),
      env: context.env,
      resolve: context.resolve,
    }),
    ...(binding === 'require' && { channelBinding: binding }),
    ...(others.length > 0 && { others }),
    ...(attributes !== null && attributes !== 'any' && { sessionAttributes: attributes }),
    applicationName: get('application_name') ?? get('ApplicationName', 'PGAPPNAME') ?? 'rowferry',
    connectTimeoutMs: readTimeout(get('connect_timeout', 'PGCONNECT_TIMEOUT')),
    options: get('options', 'PGOPTIONS'),
    ...(schema === null ? {} : { schema }),
    ...(notes.length === 0 ? {} : { notes }),
    label: label({ user, places, database }),
  }
}

/** Hosts and ports in pairs; one port holds for all hosts. */
function readPlaces(hosts: string | null, ports: string | null): { host: string; port: number }[] {
  const names = hosts?.split(',') ?? ['']
  const numbers = ports?.split(',') ?? ['']
  if (numbers.length > 1 && numbers.length !== names.length) {
    throw new ConnectError(
      'URL_INVALID',
      'There are not as many ports as hosts',
      'Name one port for all, or one for each',
    )
  }
  return names.map((name, at) => {
    const port = readPort(notBlank(numbers.length === 1 ? numbers[0] : numbers[at]))
    return { host: readHost(notBlank(name)) ?? localHost(port), port }
  })
}

function readChoice<Choice extends string>(
  name: string,
  text: string | null,
  choices: readonly Choice[],
): Choice | null {
  const known = choices.find((choice) => choice === text)
  if (text === null || known !== undefined) return known ?? null
  throw new ConnectError('URL_INVALID', `${name} has a value that it cannot have`, `Write one of ${choices.join(', ')}`)
}

function refuseGssOnly(mode: string | null): void {
  if (mode !== 'require') return
  throw new ConnectError(
    'URL_UNSUPPORTED',
    'Encryption by GSSAPI cannot be had',
    'Leave gssencmode out, and encrypt with sslmode=verify-full',
  )
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

function readPort(value: string | null): number {
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

function label({
  user,
  places,
  database,
}: {
  user: string
  places: readonly { host: string; port: number }[]
  database: string
}): string {
  const [name, to] = [encodeURIComponent(user), encodeURIComponent(database)]
  const [first, ...more] = places
  if (first!.host.startsWith('/') && more.length === 0)
    return `postgres://${name}@/${to}?host=${encodeURI(first!.host)}&port=${first!.port}`
  const where = places.map(
    ({ host, port }) =>
      `${host.includes(':') ? `[${host}]` : host.startsWith('/') ? encodeURIComponent(host) : host}:${port}`,
  )
  return `postgres://${name}@${where.join(',')}/${to}`
}
