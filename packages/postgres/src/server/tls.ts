import { readFile, stat } from 'node:fs/promises'
import type { ConnectionOptions } from 'node:tls'
import type { PostgresAddress } from '@rowferry/connect'
import { PostgresError } from '../session.ts'

type Tls = false | ConnectionOptions

/**
 * The ways to try, in order: libpq's sslmodes (https://www.postgresql.org/docs/current/libpq-ssl.html) as explicit options, so that no driver's
 * own reading of the word applies. A Unix socket is never encrypted; `require` with a root certificate verifies it, as libpq does.
 */
export async function tlsAttempts({ host, ssl }: Pick<PostgresAddress, 'host' | 'ssl'>): Promise<readonly Tls[]> {
  if (ssl.mode === 'disable' || host.startsWith('/')) return [false]
  const authority = { ...(await readAuthority(ssl.rootCertificate)), ...(await readClient(ssl.client)) }
  if (ssl.mode === 'verify-full') return [{ ...authority, rejectUnauthorized: true }]
  // Checks the chain but not whose name the certificate bears
  const chainOnly = { ...authority, rejectUnauthorized: true, checkServerIdentity: () => undefined }
  if (ssl.mode === 'verify-ca' || (ssl.mode === 'require' && 'ca' in authority)) return [chainOnly]
  const unverified = { ...authority, rejectUnauthorized: false }
  return ssl.mode === 'require' ? [unverified] : [unverified, false]
}

/** The PEM file with the authorities to trust; null: those that Node.js trusts. */
async function readAuthority(path: string | null): Promise<{ ca?: string }> {
  return path === null ? {} : { ca: await readFile(path, 'utf8') }
}

/** As libpq, with no key that others can read; root may own one that its group reads, as services have them. */
async function readClient(
  files: PostgresAddress['ssl']['client'],
): Promise<{ cert?: string; key?: string; passphrase?: string }> {
  if (!files) return {}
  const { mode, uid } = await stat(files.key).catch(() => ({ mode: 0, uid: -1 }))
  if (process.platform !== 'win32' && (mode & (uid === 0 ? 0o037 : 0o077)) !== 0) {
    throw new PostgresError('TARGET_TLS', `The key ${files.key} can be read by others`, {
      remedy: `chmod 600 ${files.key}`,
    })
  }
  const [cert, key] = await Promise.all([readFile(files.certificate, 'utf8'), readFile(files.key, 'utf8')])
  return { cert, key, ...(files.keyPassword === null ? {} : { passphrase: files.keyPassword }) }
}
