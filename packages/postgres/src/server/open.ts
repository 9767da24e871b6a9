import type { PostgresAddress } from '@rowferry/connect'
import pg from 'pg'
import { clientSession } from '../client-session.ts'
import { asPostgresError } from '../error.ts'
import { readServerFacts } from '../server-facts.ts'
import { PostgresError, type Session } from '../session.ts'
import { applySettings } from '../settings.ts'
import { cancelUntil } from './cancel.ts'
import { aborted, connect, connectToAny, untilAborted } from './connect.ts'
import { copyIntoServer } from './copy-in.ts'
import { copyAllIntoServer } from './copy-in-all.ts'
import { copyAllFromServer, copyFromServer } from './copy-out.ts'
import { patiently } from './patience.ts'
import { refuseSharedProcess } from './pooler.ts'
import { watchConnection } from './stall.ts'
import { endProcess, standingOf } from './standing.ts'
import { wireOf } from './wire.ts'

const goodbyeMs = 2000

export interface OpenOptions {
  /** Shown in `pg_stat_activity`; the address's own by default. */
  readonly applicationName?: string
  /** Ends the session whenever it fires: a running statement is cancelled on the server and everything rejects with `ABORTED`. */
  readonly signal?: AbortSignal
  /**
   * Milliseconds of silence on the connection while an answer is awaited and the server, asked on another connection, is not at work: then everything
   * rejects with `TARGET_STALLED`, and the process on the server is ended. Default 60000; 0 waits for ever.
   */
  readonly stallTimeoutMs?: number
  /**
   * Milliseconds to go on trying while nothing can be reached at the address. Default 0, since a wrong address looks like this, too; what the server itself says
   * while it starts, or has no connection left, is tried again for ten seconds in any case.
   */
  readonly whileAwayMs?: number
}

const whileStartingMs = 10_000

const defaultStallMs = 60_000

export async function openServerSession(address: PostgresAddress, options: OpenOptions): Promise<Session> {
  const { applicationName, signal, stallTimeoutMs = defaultStallMs } = options
  const origin = { label: address.label, secret: address.password }
  const { client, at } = await patiently({ whileStartingMs, whileAwayMs: options.whileAwayMs ?? 0, signal }, () =>
    connectToAny(address, options),
  )
  const { host, port } = at
  const { processID: pid, secretKey: key } = client as pg.Client & {
    processID: number | null
    secretKey: number | null
  }

  let fate: Error | undefined
  const toError = (error: unknown): Error => fate ?? asPostgresError(error, origin)
  client.on('error', (error) => (fate ??= asPostgresError(error, origin)))
  const close = async (busy: boolean): Promise<void> => {
    signal?.removeEventListener('abort', abort)
    // Without this the server would build its index to the end before it noticed
    if (busy && pid !== null && key !== null) {
      let ended = false
      client.once('drain', () => (ended = true)).once('end', () => (ended = true))
      await cancelUntil(() => ended, { host, port, pid, key })
    }
    watch.stop()
    await endClient(client)
  }
  const abort = (): void => {
    fate = aborted(address)
    void session.close()
  }

  const late = stallTimeoutMs === 0 ? undefined : AbortSignal.timeout(stallTimeoutMs)
  const facts = untilAborted(
    readServerFacts((sql) => client.query(sql)),
    signal,
  )
  const server = await untilAborted(facts, late).catch((error: unknown) => {
    if (signal?.aborted) return giveUp(client, aborted(address))
    return giveUp(client, late?.aborted ? stalled(address, stallTimeoutMs) : toError(error))
  })
  const again = (asking: AbortSignal): Promise<pg.Client> => connect(at, { ...options, signal: asking })
  const watch = watchConnection(wireOf(client).stream, {
    patienceMs: stallTimeoutMs,
    ask: () => standingOf(server, pid !== server.pid, again),
    onStalled() {
      fate ??= stalled(address, stallTimeoutMs)
      // First, so that what is asked about a COMMIT then has its final answer
      void endProcess(server, again).finally(() => wireOf(client).stream.destroy())
    },
  })
  const session: Session = clientSession({
    kind: 'server',
    label: address.label,
    server,
    client,
    toError,
    copyIn: (sql, over) => copyIntoServer(client, sql, toError, over, watch.awaiting),
    copyOut: (sql) => copyFromServer(client, sql, toError, watch.awaiting),
    copyInAll: (loads) => copyAllIntoServer(client, loads, toError),
    copyOutAll: (sql) => copyAllFromServer(client, sql, toError, watch.awaiting),
    // Not under the signal: what became of a COMMIT is asked after the interruption, too
    another: (more) =>
      openServerSession(at, {
        ...(applicationName === undefined ? {} : { applicationName }),
        stallTimeoutMs,
        ...more,
      }),
    awaiting: watch.awaiting,
    close,
  })
  signal?.addEventListener('abort', abort)
  try {
    if (signal?.aborted) throw aborted(address)
    // Before anything is set
    await watch.awaiting(refuseSharedProcess(client, server.pid, again, address.label))
    await applySettings(session, 'session')
    await noticeLostClient(session)
    return session
  } catch (error) {
    await session.close()
    throw error
  }
}

async function giveUp(client: pg.Client, error: Error): Promise<never> {
  await endClient(client)
  throw error
}

/** Says goodbye, and does not wait for ever for an answer to it. */
async function endClient(client: pg.Client): Promise<void> {
  const patience = setTimeout(() => wireOf(client).stream.destroy(), goodbyeMs)
  await client.end().finally(() => clearTimeout(patience))
}

function stalled({ label }: PostgresAddress, afterMs: number): PostgresError {
  return new PostgresError(
    'TARGET_STALLED',
    `The connection to ${label} stands still: nothing came for ${afterMs / 1000} s, and the server is not at work`,
    {
      remedy:
        'Something between here and the server (a proxy, a firewall, a tunnel) takes what is sent and does not hand it on. What was not committed is rolled back: run it again.',
    },
  )
}

/**
 * So that the server, too, misses a client that is gone, and frees its locks: one whose machine went silent after a minute (otherwise by the
 * system's rule, often two hours), one that ended during a long statement after seconds (from PostgreSQL 14; some platforms cannot, and refuse).
 */
async function noticeLostClient(session: Session): Promise<void> {
  await session.query(
    `select set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false), set_config('tcp_keepalives_count', '3', false)`,
  )
  if (session.server.version < 140_000) return
  await session.query(`select set_config('client_connection_check_interval', '5s', false)`).catch((error: unknown) => {
    if (!(error instanceof PostgresError) || error.code !== '22023') throw error
  })
}
