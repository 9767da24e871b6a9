import { existsSync } from 'node:fs'
import { posix, win32 } from 'node:path'
import type { PostgresAddress } from './address.ts'
import { ConnectError } from './error.ts'

export interface SslWishes {
  /** `sslmode`, or what JDBC, asyncpg and node-postgres write as `ssl`. */
  readonly mode: string | null
  readonly rootCertificate: string | null
  readonly certificate: string | null
  readonly key: string | null
  readonly keyPassword: string | null
  readonly unixSocket: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  readonly resolve: (path: string) => string
}

const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
type Mode = (typeof modes)[number]

const synonyms: Readonly<Record<string, Mode>> = {
  true: 'require',
  1: 'require',
  false: 'disable',
  0: 'disable',
  'no-verify': 'require',
}

/**
 * libpq's rules: `require` with a root certificate at hand verifies it, as `verify-ca` does; `sslrootcert=system` asks for `verify-full`;
 * a Unix socket has no TLS. `allow` becomes `prefer`: neither promises anything, and `prefer` encrypts where it can.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-SSLMODE
 */
export function readSsl(wishes: SslWishes): PostgresAddress['ssl'] {
  const mode = readMode(wishes.mode)
  const system = wishes.rootCertificate === 'system'
  if (system && mode !== null && mode !== 'verify-full') {
    throw new ConnectError(
      'URL_INVALID',
      'sslrootcert=system goes with no sslmode but verify-full',
      'Write sslmode=verify-full',
    )
  }
  if (wishes.unixSocket) return { mode: 'disable', rootCertificate: null }
  const client = readClient(wishes)
  if (system) return { mode: 'verify-full', rootCertificate: null, ...client }
  const named =
    wishes.rootCertificate === null ? inHome(wishes.env, 'root.crt') : wishes.resolve(wishes.rootCertificate)
  if (mode === 'disable') return { mode, rootCertificate: null }
  if (mode === null || mode === 'allow' || mode === 'prefer')
    return { mode: 'prefer', rootCertificate: null, ...client }
  return { mode: mode === 'require' && named !== null ? 'verify-ca' : mode, rootCertificate: named, ...client }
}

function readMode(text: string | null): Mode | null {
  if (text === null) return null
  const known = modes.find((mode) => mode === text) ?? (Object.hasOwn(synonyms, text) ? synonyms[text] : undefined)
  if (known === undefined) {
    throw new ConnectError('URL_INVALID', 'sslmode has a value that it cannot have', `Write one of ${modes.join(', ')}`)
  }
  return known
}

/** As libpq, what lies at its usual place is used where nothing is named; a certificate is nothing without its key. */
function readClient({
  certificate,
  key,
  keyPassword,
  env,
  resolve,
}: SslWishes): Pick<PostgresAddress['ssl'], 'client'> {
  const files = {
    certificate: certificate === null ? inHome(env, 'postgresql.crt') : resolve(certificate),
    key: key === null ? inHome(env, 'postgresql.key') : resolve(key),
  }
  if (files.certificate !== null && files.key !== null)
    return { client: { certificate: files.certificate, key: files.key, keyPassword } }
  if (certificate === null && key === null) return {}
  throw new ConnectError(
    'URL_INVALID',
    'A client certificate needs its key, and a key its certificate',
    'Name both files: sslcert=client.crt&sslkey=client.key',
  )
}

function inHome(env: SslWishes['env'], name: string): string | null {
  const path = env['APPDATA']
    ? win32.join(env['APPDATA'], 'postgresql', name)
    : env['HOME']
      ? posix.join(env['HOME'], '.postgresql', name)
      : null
  return path !== null && existsSync(path) ? path : null
}
