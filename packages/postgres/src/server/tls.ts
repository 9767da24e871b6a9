import { readFile } from 'node:fs/promises'
import type { ConnectionOptions } from 'node:tls'
import type { PostgresAddress } from '@rowferry/connect'

type Tls = false | ConnectionOptions

/**
 * The ways to try, in order: libpq's sslmodes (https://www.postgresql.org/docs/current/libpq-ssl.html) as explicit options, so that no driver's
 * own reading of the word applies. A Unix socket is never encrypted; `require` with a root certificate verifies it, as libpq does.
 */
export async function tlsAttempts({ host, ssl }: Pick<PostgresAddress, 'host' | 'ssl'>): Promise<readonly Tls[]> {
  if (ssl.mode === 'disable' || host.startsWith('/')) return [false]
  const authority = await readAuthority(ssl.rootCertificate)
  if (ssl.mode === 'verify-full') return [{ ...authority, rejectUnauthorized: true }]
  // Checks the chain but not whose name the certificate bears
  const chainOnly = { ...authority, rejectUnauthorized: true, checkServerIdentity: () => undefined }
  if (ssl.mode === 'verify-ca' || (ssl.mode === 'require' && 'ca' in authority)) return [chainOnly]
  const unverified = { rejectUnauthorized: false }
  return ssl.mode === 'require' ? [unverified] : [unverified, false]
}

/** The PEM file with the authorities to trust; null: those that Node.js trusts. */
async function readAuthority(path: string | null): Promise<{ ca?: string }> {
  return path === null ? {} : { ca: await readFile(path, 'utf8') }
}
