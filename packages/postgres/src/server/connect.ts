import type { PostgresAddress, SessionAttributes } from '@rowferry/connect'
import pg from 'pg'
import { PostgresError } from '../session.ts'
import { demandBinding } from './channel-binding.ts'
import { asConnectError, mayBeForWantOfTls } from './connect-error.ts'
import type { OpenOptions } from './open.ts'
import { tlsAttempts } from './tls.ts'
import { wireOf } from './wire.ts'

export interface Connected {
  readonly client: pg.Client
  /** The address with the place that was taken in front. */
  readonly at: PostgresAddress
}

/**
 * As libpq: the places in their order, the next where one cannot be reached or is not of the kind that is wanted; a place that refuses the login ends it
 * (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS).
 */
export async function connectToAny(address: PostgresAddress, options: OpenOptions): Promise<Connected> {
  const { host, port, password, others = [], sessionAttributes = 'any' } = address
  const places = [{ host, port, password }, ...others]
  const rounds: SessionAttributes[] = sessionAttributes === 'prefer-standby' ? ['standby', 'any'] : [sessionAttributes]
  let failure: unknown
  for (const wanted of rounds) {
    for (const [index, place] of places.entries()) {
      const at = { ...address, ...place, others: places.filter((_, other) => other !== index) }
      try {
        const client = await connect(at, options)
        const is = await kindOf(client, wanted, options.signal)
        if (is) return { client, at }
        void client.end().catch(() => {})
        failure = unwanted(at, wanted)
      } catch (error) {
        failure = error
        if (places.length === 1 || options.signal?.aborted || refusesLogin(error)) throw error
      }
    }
  }
  throw failure
}

async function kindOf(client: pg.Client, wanted: SessionAttributes, signal: AbortSignal | undefined): Promise<boolean> {
  if (wanted === 'any') return true
  const { rows } = await untilAborted(
    client.query<{ read_only: boolean; standby: boolean }>(
      "select pg_catalog.current_setting('transaction_read_only') = 'on' as read_only, pg_catalog.pg_is_in_recovery() as standby",
    ),
    signal,
  )
  const { read_only: readOnly, standby } = rows[0]!
  return { 'read-write': !readOnly, 'read-only': readOnly, primary: !standby, standby, 'prefer-standby': true }[wanted]
}

/** Classes of SQLSTATE that another place would answer in the same way. */
function refusesLogin(error: unknown): boolean {
  return error instanceof PostgresError && /^(?:28|3D|42)/.test(error.code)
}

function unwanted({ label }: PostgresAddress, wanted: SessionAttributes): PostgresError {
  return new PostgresError(
    'TARGET_UNWANTED',
    `No server of ${label} is what target_session_attrs asks for: ${wanted}`,
    {
      remedy: 'Name the server that is, among the hosts; or choose another target_session_attrs.',
    },
  )
}

/** To the first place of the address. */
export async function connect(address: PostgresAddress, { applicationName, signal }: OpenOptions): Promise<pg.Client> {
  let failure: unknown
  try {
    for (const ssl of await tlsAttempts(address)) {
      if (signal?.aborted) throw aborted(address)
      if (failure !== undefined && !mayBeForWantOfTls(failure)) break
      const client = new pg.Client({
        enableChannelBinding: address.channelBinding === 'require',
        host: address.host,
        port: address.port,
        database: address.database,
        user: address.user,
        // A function, or the driver would look into the environment and into ~/.pgpass by itself
        password: () => binding.ifProven(address.password ?? ''),
        application_name: applicationName ?? address.applicationName,
        connectionTimeoutMillis: address.connectTimeoutMs,
        keepAlive: true,
        keepAliveInitialDelayMillis: 30_000,
        ssl,
        ...(address.options === null ? {} : { options: address.options }),
      })
      // An error event without a listener would end the process
      client.on('error', () => {})
      const binding = demandBinding(client, address)
      try {
        await untilAborted(client.connect(), signal)
        binding.ifProven('')
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
export async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
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

export function aborted({ label }: PostgresAddress): PostgresError {
  return new PostgresError('ABORTED', `The session with ${label} was ended on request`)
}
