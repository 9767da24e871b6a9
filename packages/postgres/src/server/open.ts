import type { PostgresAddress } from '@rowferry/connect'
import pg from 'pg'
import { clientSession } from '../client-session.ts'
import { asPostgresError } from '../error.ts'
import { readServerFacts } from '../server-facts.ts'
import { PostgresError, type Session } from '../session.ts'
import { applySettings } from '../settings.ts'
import { cancelUntil } from './cancel.ts'
import { asConnectError, mayBeForWantOfTls } from './connect-error.ts'
import { copyIntoServer } from './copy-in.ts'
import { copyAllIntoServer } from './copy-in-all.ts'
import { copyAllFromServer, copyFromServer } from './copy-out.ts'
import { refuseSharedProcess } from './pooler.ts'
import { tlsAttempts } from './tls.ts'
import { wireOf } from './wire.ts'

const goodbyeMs = 2000

export interface OpenOptions {
  /** Shown in `pg_stat_activity`; the address's own by default. */
  readonly applicationName?: string
  /** Ends the session whenever it fires: a running statement is cancelled on the server and everything rejects with `ABORTED`. */
  readonly signal?: AbortSignal
}

export async function openServerSession(address: PostgresAddress, options: OpenOptions): Promise<Session> {
  const { applicationName, signal } = options
  const origin = { label: address.label, secret: address.password }
  const client = await connect(address, options)
  const { host, port } = address
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
    await endClient(client)
  }
  const abort = (): void => {
    fate = aborted(address)
    void session.close()
  }

  const server = await untilAborted(
    readServerFacts((sql) => client.query(sql)),
    signal,
  ).catch((error: unknown) => giveUp(client, signal?.aborted ? aborted(address) : toError(error)))
  const session: Session = clientSession({
    kind: 'server',
    label: address.label,
    server,
    client,
    toError,
    copyIn: (sql, over) => copyIntoServer(client, sql, toError, over),
    copyOut: (sql) => copyFromServer(client, sql, toError),
    copyInAll: (loads) => copyAllIntoServer(client, loads, toError),
    copyOutAll: (sql) => copyAllFromServer(client, sql, toError),
    // Not under the signal: what became of a COMMIT is asked after the interruption, too
    another: (more) =>
      openServerSession(address, { ...(applicationName === undefined ? {} : { applicationName }), ...more }),
    close,
  })
  signal?.addEventListener('abort', abort)
  try {
    if (signal?.aborted) throw aborted(address)
    // Before anything is set
    await refuseSharedProcess(
      client,
      server.pid,
      (probing) => connect(address, { ...options, signal: probing }),
      address.label,
    )
    await applySettings(session, 'session')
    await noticeLostClient(session)
    return session
  } catch (error) {
    await session.close()
    throw error
  }
}

async function connect(address: PostgresAddress, { applicationName, signal }: OpenOptions): Promise<pg.Client> {
  let failure: unknown
  try {
    for (const ssl of await tlsAttempts(address)) {
      if (signal?.aborted) throw aborted(address)
      if (failure !== undefined && !mayBeForWantOfTls(failure)) break
      const client = new pg.Client({
        host: address.host,
        port: address.port,
        database: address.database,
        user: address.user,
        // A function, or the driver would look into the environment and into ~/.pgpass by itself
        password: () => address.password ?? '',
        application_name: applicationName ?? address.applicationName,
        connectionTimeoutMillis: address.connectTimeoutMs,
        keepAlive: true,
        keepAliveInitialDelayMillis: 30_000,
        ssl,
        ...(address.options === null ? {} : { options: address.options }),
      })
      // An error event without a listener would end the process
      client.on('error', () => {})
      try {
        await untilAborted(client.connect(), signal)
        return client
      } catch (error) {
        failure = signal?.aborted ? aborted(address) : error
        wireOf(client).stream.destroy()
      }
    }
  } catch (error) {
    failure = error
  }
  throw asConnectError(failure, address)
}

/** The driver's own promise never settles when its client is ended while it connects, nor while the network is silent. */
async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  let stop = (): void => {}
  const abort = new Promise<never>((_, reject) => {
    stop = () => reject(signal!.reason)
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop)
  })
  try {
    return await Promise.race([work, abort])
  } finally {
    signal?.removeEventListener('abort', stop)
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

function aborted({ label }: PostgresAddress): PostgresError {
  return new PostgresError('ABORTED', `The session with ${label} was ended on request`)
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
