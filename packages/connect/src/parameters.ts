import { ConnectError } from './error.ts'
import { decodePart } from './url.ts'

const used = [
  'host',
  'hostaddr',
  'port',
  'user',
  'password',
  'dbname',
  'sslmode',
  'ssl',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslpassword',
  'channel_binding',
  'target_session_attrs',
  'gssencmode',
  'service',
  'servicefile',
  'connect_timeout',
  'application_name',
  'ApplicationName',
  'options',
  'passfile',
  'schema',
  'currentSchema',
] as const

export type Parameter = (typeof used)[number]

// Settings of pools, drivers and keep-alives change nothing about which database is meant or what its answers are
const ignored = new Set(
  `async_fallback client_encoding connection_limit fallback_application_name
  keepalives keepalives_count keepalives_idle keepalives_interval load_balance_hosts max_protocol_version min_protocol_version
  pgbouncer pool_max_conns pool_size pool_timeout prepareThreshold prepared_statement_cache_size prepared_statement_name_func
  socket_timeout sslcompression sslnegotiation sslsni statement_cache_size supa tcp_user_timeout
  uselibpqcompat workaround`.split(/\s+/),
)

const refused: Readonly<Record<string, string>> = {
  sslidentity: 'Name the files of certificate and key: sslcert and sslkey',
  sslcrl: 'Revocation lists are not looked at; leave the parameter out',
  sslcrldir: 'Revocation lists are not looked at; leave the parameter out',
  requirepeer: 'The owner of the server process is not looked at; leave the parameter out',
  require_auth: 'The way of logging in is the server’s choice; leave the parameter out',
  replication: 'rowferry writes rows and needs an ordinary connection; leave the parameter out',
}

export interface Parameters {
  readonly values: ReadonlyMap<Parameter, string>
  /** Names of parameters that were passed over. */
  readonly ignored: readonly string[]
}

/** Reads a connection URL's query. Values and unknown names stay out of every message, as they may be pieces of a password. */
export function readParameters(query: string, plusIsBlank: boolean): Parameters {
  const values = new Map<Parameter, string>()
  const passedOver: string[] = []
  const pairs = query === '' ? [] : query.split('&')
  for (const [index, pair] of pairs.entries()) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = equals === -1 ? pair : pair.slice(0, equals)
    const why = Object.hasOwn(refused, name) ? refused[name] : undefined
    if (why !== undefined)
      throw new ConnectError('URL_UNSUPPORTED', `The URL’s parameter ${name} is not supported`, why)
    if (ignored.has(name)) {
      passedOver.push(name)
      continue
    }
    if (!isParameter(name) || equals === -1) throw unknownParameter(name, index)
    const raw = pair.slice(equals + 1)
    const value = decodePart(plusIsBlank ? raw.replaceAll('+', ' ') : raw, `parameter ${name}`)
    const several = (name === 'host' || name === 'port') && values.has(name)
    values.set(name, several ? `${values.get(name)},${value}` : value)
  }
  return { values, ignored: passedOver }
}

export function isParameter(name: string): name is Parameter {
  return (used as readonly string[]).includes(name)
}

function unknownParameter(name: string, index: number): ConnectError {
  const near = [...used, ...Object.keys(refused), ...ignored].find((known) =>
    isNear(name.toLowerCase(), known.toLowerCase()),
  )
  return new ConnectError(
    'URL_UNSUPPORTED',
    `Parameter ${index + 1} of the URL is not one that rowferry knows`,
    near === undefined
      ? `Known are ${used.join(', ')}. If it is part of a password, encode ? as %3F and & as %26`
      : `Did you mean ${near}=…? Known are ${used.join(', ')}`,
  )
}

/** One letter added, left out or changed, or two neighbours swapped. */
function isNear(left: string, right: string): boolean {
  const [short, long] = left.length <= right.length ? [left, right] : [right, left]
  if (short.length < 3 || long.length - short.length > 1) return false
  let start = 0
  while (start < short.length && short[start] === long[start]) start++
  if (short.length < long.length) return short.slice(start) === long.slice(start + 1)
  const swapped = short[start] === long[start + 1] && short[start + 1] === long[start]
  return (
    short.slice(start + 1) === long.slice(start + 1) || (swapped && short.slice(start + 2) === long.slice(start + 2))
  )
}
