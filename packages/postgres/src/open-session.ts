import type { PgliteAddress, PostgresAddress } from '@rowferry/connect'
import { openPgliteSession } from './pglite/open.ts'
import { openServerSession, type OpenOptions } from './server/open.ts'
import type { Session } from './session.ts'

/**
 * Connects, pins the settings that change what values mean (UTC, ISO dates, hex bytes, empty `search_path`, `row_security = off` …) and
 * switches every timeout of the server off for this session.
 *
 * PGlite is loaded when first asked for. It locks its folder with a file beside it (`<folder>.rowferry-lock`), and it never calls fsync:
 * what it says is committed may be gone after a power cut.
 *
 * @throws PostgresError the server's SQLSTATE (`28P01` wrong password, `3D000` no such database …), or
 * `TARGET_REFUSED`, `TARGET_UNREACHABLE`, `TARGET_UNKNOWN_HOST`, `TARGET_TIMEOUT`, `TARGET_TLS`, `TARGET_LOST`, `TARGET_STALLED`, `TARGET_UNSUPPORTED`, `TARGET_POOLED`, `TARGET_UNWANTED`, `ABORTED`;
 * for PGlite `TARGET_BUSY`, `TARGET_NOT_PGLITE`, `TARGET_PGLITE`.
 */
export function openSession(address: PostgresAddress | PgliteAddress, options: OpenOptions = {}): Promise<Session> {
  return address.kind === 'postgres' ? openServerSession(address, options) : openPgliteSession(address, options)
}

export type { OpenOptions }
