import fs from 'node:fs'
import { SourceError } from '@rowferry/source'
import type { ConnectionOptions } from 'mysql2'

export interface MysqlOptions {
  /**
   * `mysql://user:password@host:3306/database`, with percent-encoded parts. Parameters: `ssl-mode` (`DISABLED`, `PREFERRED`, `REQUIRED`, `VERIFY_CA`,
   * `VERIFY_IDENTITY`; default `PREFERRED`), `ssl-ca` (a PEM file), `socket` (a path, instead of the host), `connect-timeout` (seconds).
   * Spellings of other tools are understood: `sslmode`, `sslaccept`, `sslcert`, `socketPath`, `unix_socket`, `connect_timeout`. Others are passed over.
   */
  readonly url: string
  /** How a person knows it, without its password. Default: made of the URL. */
  readonly label?: string
}

type SslMode = 'disabled' | 'preferred' | 'required' | 'verify_ca' | 'verify_identity'

/** A server to reach, and whether it may be reached in the clear. */
export interface Address {
  readonly label: string
  readonly database: string
  readonly connection: ConnectionOptions
  readonly sslMode: SslMode
}

/** Throws `SourceError` (`SOURCE_URL_INVALID`). */
export function readOptions({ url, label }: MysqlOptions): Address {
  const parsed = URL.parse(url)
  if (parsed === null || !/^(?:mysql|mariadb):$/.test(parsed.protocol)) {
    throw new SourceError('SOURCE_URL_INVALID', 'The URL of the MySQL database cannot be read', {
      remedy: 'Write mysql://user:password@host:3306/database, with reserved characters percent-encoded.',
    })
  }
  const database = decode(parsed.pathname.slice(1))
  const parameters = new Map([...parsed.searchParams].map(([name, value]) => [name.toLowerCase(), value]))
  const first = (...names: readonly string[]): string | undefined =>
    names.map((name) => parameters.get(name)).find((value) => value !== undefined)
  const host = decode(parsed.hostname).replace(/^\[(.*)\]$/, '$1') || 'localhost'
  const user = decode(parsed.username)
  const shown = label ?? `mysql://${user === '' ? '' : `${user}@`}${parsed.host}/${database}`
  if (database === '') {
    throw new SourceError('SOURCE_URL_INVALID', `${shown} names no database`, {
      remedy: 'Write it after the host: mysql://user@host/database.',
    })
  }
  const sslMode = sslModeOf(first('ssl-mode', 'ssl_mode', 'sslmode', 'ssl'), first('sslaccept'), shown)
  const socketPath = first('socket', 'socketpath', 'unix_socket')
  const seconds = Number(first('connect-timeout', 'connect_timeout') ?? 10)
  return {
    label: shown,
    database,
    sslMode,
    connection: {
      ...(socketPath === undefined ? { host, port: parsed.port === '' ? 3306 : Number(parsed.port) } : { socketPath }),
      user: user === '' ? 'root' : user,
      password: decode(parsed.password),
      database,
      connectTimeout: Math.max(1, Number.isFinite(seconds) ? seconds : 10) * 1000,
      ...tls(sslMode, first('ssl-ca', 'ssl_ca', 'sslrootcert', 'sslcert'), shown),
    },
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const modes: Readonly<Record<string, SslMode>> = {
  disabled: 'disabled',
  disable: 'disabled',
  false: 'disabled',
  '0': 'disabled',
  preferred: 'preferred',
  prefer: 'preferred',
  required: 'required',
  require: 'required',
  true: 'required',
  '1': 'required',
  verify_ca: 'verify_ca',
  verify_identity: 'verify_identity',
  verify_full: 'verify_identity',
}

function sslModeOf(mode: string | undefined, accept: string | undefined, label: string): SslMode {
  if (accept === 'strict') return 'verify_identity'
  if (mode === undefined) return accept === undefined ? 'preferred' : 'required'
  const known = modes[mode.toLowerCase().replaceAll('-', '_')]
  if (known !== undefined) return known
  throw new SourceError('SOURCE_URL_INVALID', `${label}: ssl-mode ${JSON.stringify(mode)} is none`, {
    remedy: 'Write DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY.',
  })
}

function tls(mode: SslMode, file: string | undefined, label: string): Pick<ConnectionOptions, 'ssl'> {
  if (mode === 'disabled') return {}
  const verified = mode === 'verify_ca' || mode === 'verify_identity'
  return {
    ssl: {
      rejectUnauthorized: verified,
      verifyIdentity: mode === 'verify_identity',
      ...(file === undefined ? {} : { ca: readAuthorities(file, label) }),
    },
  }
}

function readAuthorities(file: string, label: string): string {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch (error) {
    throw new SourceError('SOURCE_URL_INVALID', `${label}: the file of ssl-ca cannot be read: ${file}`, {
      remedy: 'Give the path of a PEM file with the authorities to trust.',
      cause: error,
    })
  }
}
