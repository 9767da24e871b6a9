import type { PostgresAddress } from '@rowferry/connect'
import { isFromServer, withoutSecret } from '../error.ts'
import { quoteIdentifier } from '../quote.ts'
import { PostgresError } from '../session.ts'

/** Why no session came about: always with a code, who was asked for what, and a way out; never with the password. */
export function asConnectError(error: unknown, address: PostgresAddress): PostgresError {
  if (error instanceof PostgresError) return error
  const origin = { label: address.label, secret: address.password }
  const words = error instanceof Error ? error.message || error.name : String(error)
  const code = codeOf(error)
  const { at, remedy } = isUnknownRole(error) ? unknownRole(address) : explain(code, address)
  return new PostgresError(code, withoutSecret(`${at}: ${words}`, origin), {
    remedy,
    ...(isFromServer(error) ? { detail: error.detail ?? null, hint: error.hint ?? null } : {}),
  })
}

/** Would the same server perhaps take a connection that is not encrypted? */
export function mayBeForWantOfTls(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'TARGET_TLS' || code === '28000'
}

function codeOf(error: unknown): string {
  if (isFromServer(error)) return error.code
  if (!(error instanceof Error)) return 'TARGET_LOST'
  if (error.message.startsWith('SASL')) return '28P01'
  if (error.message === 'timeout expired') return 'TARGET_TIMEOUT'
  if (/SSL|TLS/.test(error.message)) return 'TARGET_TLS'
  // Of the files only the root certificate is opened
  if ('syscall' in error && error.syscall === 'open') return 'TARGET_TLS'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const known = networkCodes.get(code)
  if (known !== undefined) return known
  // X509 verdicts: CERT_HAS_EXPIRED, DEPTH_ZERO_SELF_SIGNED_CERT, UNABLE_TO_VERIFY_LEAF_SIGNATURE …
  if (/CERT|SIGNATURE|ISSUER|CRL|SSL|TLS|EPROTO|EISDIR/.test(code)) return 'TARGET_TLS'
  return 'TARGET_LOST'
}

const networkCodes: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'TARGET_REFUSED'],
  ['EACCES', 'TARGET_REFUSED'],
  ['ENOENT', 'TARGET_REFUSED'],
  ['EHOSTUNREACH', 'TARGET_UNREACHABLE'],
  ['ENETUNREACH', 'TARGET_UNREACHABLE'],
  ['ENOTFOUND', 'TARGET_UNKNOWN_HOST'],
  ['EAI_AGAIN', 'TARGET_UNKNOWN_HOST'],
  ['ETIMEDOUT', 'TARGET_TIMEOUT'],
])

/** A line in pg_hba.conf that is missing has the same code; the function that reports it is another, in every language. */
function isUnknownRole(error: unknown): boolean {
  return isFromServer(error) && error.code === '28000' && error.routine === 'InitializeSessionUserId'
}

function unknownRole(address: PostgresAddress): { at: string; remedy: string } {
  const { at } = explain('28000', address)
  return {
    at,
    remedy: `Name a user that the server has, or make it: CREATE ROLE ${quoteIdentifier(address.user)} LOGIN`,
  }
}

function explain(
  code: string,
  { host, port, user, password, database, connectTimeoutMs, label }: PostgresAddress,
): { at: string; remedy: string } {
  const place = host.startsWith('/') ? `the socket in ${host}, port ${port}` : `${host}:${port}`
  switch (code) {
    case 'TARGET_REFUSED':
      return {
        at: `Nothing takes connections at ${place}`,
        remedy:
          'Is the server running, and are host and port right? In a container, localhost is the container itself.',
      }
    case 'TARGET_UNREACHABLE':
      return {
        at: `No way leads to ${place}`,
        remedy: 'Check the network, the VPN and the firewall between here and the server.',
      }
    case 'TARGET_UNKNOWN_HOST':
      return {
        at: `The name ${host} is not known`,
        remedy: 'Check the spelling of the host, and that its name can be resolved from here.',
      }
    case 'TARGET_TIMEOUT':
      return {
        at: `${place} did not answer within ${connectTimeoutMs} ms`,
        remedy: 'A firewall may be dropping the packets; or allow more time with connect_timeout.',
      }
    case 'TARGET_TLS':
      return {
        at: `No encrypted connection to ${place}`,
        remedy:
          'Give the root certificate with sslrootcert, or choose another sslmode (disable for a server without TLS).',
      }
    case '28P01':
      return {
        at:
          password === null
            ? `${place} asks for the password of user ${user}, and none was given`
            : `${place} does not accept the password of user ${user}`,
        remedy: 'Give the right password in the URL (percent-encoded), in PGPASSWORD or in a password file.',
      }
    case '28000':
      return {
        at: `${place} does not let user ${user} into database ${database}`,
        remedy: 'Add a line for it to pg_hba.conf on the server, or choose another user, host or sslmode.',
      }
    case '42501':
      return {
        at: `${place} does not let user ${user} into database ${database}`,
        remedy: `GRANT CONNECT ON DATABASE ${quoteIdentifier(database)} TO ${quoteIdentifier(user)}`,
      }
    case '3D000':
      return {
        at: `There is no database ${database} at ${place}`,
        remedy: `Create it first: createdb --host ${host} --port ${port} --username ${user} ${database}`,
      }
    case '53300':
      return { at: `${place} has no connection left`, remedy: 'Close some sessions, or raise max_connections.' }
    case '57P03':
      return { at: `${place} is not ready yet`, remedy: 'Wait until it has started, then run it again.' }
    default:
      return {
        at: `No session with ${label}`,
        remedy: 'Check that a PostgreSQL server is what answers there, and look into its log.',
      }
  }
}
