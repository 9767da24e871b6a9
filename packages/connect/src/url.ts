import { ConnectError } from './error.ts'

/** A URL taken apart, percent-decoded but for `path` and `query`. */
export interface UrlParts {
  readonly user: string | null
  readonly password: string | null
  /** Empty when left out; IPv6 without its brackets; several with commas between. */
  readonly host: string
  /** The same; empty where there is none. */
  readonly port: string
  /** Still encoded, without the slash in front. */
  readonly path: string
  /** Still encoded, without the question mark; empty when there is none. */
  readonly query: string
}

const encodeHint =
  'Percent-encode the reserved characters in the user name and password: @ as %40, : as %3A, / as %2F, ? as %3F, # as %23, % as %25'
const host = String.raw`(?:\[[0-9a-fA-F:.]+(?:%25[\w.~-]+)?\]|(?:[\p{L}\p{N}._~-]|%[0-9a-fA-F]{2})*)(?::\d{0,5})?`
const hostList = new RegExp(`^${host}(?:,${host})*$`, 'u')

/**
 * Takes apart what follows `scheme://`. A password may hold unencoded `@ / ? #` as long as only one reading of the whole is a URL:
 * every `@` is tried as the end of the user part, and where two readings hold, nothing is guessed.
 */
export function splitUrl(rest: string): UrlParts {
  const readings: { userInfo: string | null; authority: string; tail: string }[] = []
  for (let at = -1; ;) {
    const userInfo = at === -1 ? null : rest.slice(0, at)
    const after = rest.slice(at + 1)
    const end = after.search(/[/?#]/)
    const authority = end === -1 ? after : after.slice(0, end)
    if (isAuthority(authority) && (userInfo === null || !/[/?#]/.test(userInfo.split(':', 1)[0] ?? ''))) {
      readings.push({ userInfo, authority, tail: end === -1 ? '' : after.slice(end) })
    }
    at = rest.indexOf('@', at + 1)
    if (at === -1) break
  }
  const [reading, another] = readings
  if (another) {
    throw new ConnectError(
      'URL_AMBIGUOUS',
      'The URL can be read in more than one way: a reserved character in it is not encoded',
      encodeHint,
    )
  }
  if (!reading) {
    throw new ConnectError(
      'URL_INVALID',
      'The URL has no valid host and port',
      `Write scheme://user:password@host:port/database, an IPv6 address in brackets. ${encodeHint}`,
    )
  }
  return { ...readUserInfo(reading.userInfo), ...readAuthority(reading.authority), ...readTail(reading.tail) }
}

/** Decodes a user name or password. An unencoded reserved character shows that it was written without encoding: then it stands as it is. */
function decodeSecret(raw: string, what: string): string {
  if (!/[@/?#]/.test(raw)) return decodePart(raw, what)
  if (/%[0-9a-fA-F]{2}/.test(raw)) {
    throw new ConnectError(
      'URL_AMBIGUOUS',
      `The ${what} holds both percent-escapes and unencoded characters`,
      encodeHint,
    )
  }
  return raw
}

/** Decodes one part of a URL. A `%` that begins no escape is taken as it stands, unless the same part also holds escapes. */
export function decodePart(raw: string, what: string): string {
  const bare = /%(?![0-9a-fA-F]{2})/.test(raw)
  if (bare && /%[0-9a-fA-F]{2}/.test(raw)) {
    throw new ConnectError('URL_AMBIGUOUS', `The ${what} holds both percent-escapes and a bare %`, encodeHint)
  }
  const text = bare ? raw : decode(raw)
  if (text === null || text.includes('\0')) {
    throw new ConnectError('URL_INVALID', `The ${what} is no valid UTF-8 text once it is percent-decoded`, encodeHint)
  }
  return text
}

function decode(raw: string): string | null {
  try {
    return decodeURIComponent(raw)
  } catch {
    return null
  }
}

function isAuthority(text: string): boolean {
  return hostList.test(text) && [...text.matchAll(/:(\d+)(?=,|$)/g)].every(([, port]) => Number(port) <= 65_535)
}

function readUserInfo(text: string | null): Pick<UrlParts, 'user' | 'password'> {
  if (text === null) return { user: null, password: null }
  const colon = text.indexOf(':')
  const user = decodeSecret(colon === -1 ? text : text.slice(0, colon), 'user name')
  return {
    user: user === '' ? null : user,
    password: colon === -1 ? null : decodeSecret(text.slice(colon + 1), 'password'),
  }
}

function readAuthority(text: string): Pick<UrlParts, 'host' | 'port'> {
  const parts = text.split(',').map((each) => {
    const port = /:(\d*)$/.exec(each.startsWith('[') ? each.slice(each.indexOf(']')) : each)
    const name = port ? each.slice(0, -port[0].length) : each
    return { host: decodePart(name.startsWith('[') ? name.slice(1, -1) : name, 'host'), port: port?.[1] ?? '' }
  })
  const ports = parts.map(({ port }) => port)
  return {
    host: parts.map(({ host: name }) => name).join(','),
    port: ports.some((port) => port !== '') ? ports.join(',') : '',
  }
}

function readTail(tail: string): Pick<UrlParts, 'path' | 'query'> {
  if (tail.includes('#')) {
    throw new ConnectError('URL_AMBIGUOUS', 'A # stands unencoded in the URL', 'Write it as %23')
  }
  const mark = tail.indexOf('?')
  const path = mark === -1 ? tail : tail.slice(0, mark)
  return { path: path.slice(1), query: mark === -1 ? '' : tail.slice(mark + 1) }
}
