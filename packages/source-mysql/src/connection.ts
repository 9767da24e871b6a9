import { createConnection, type Connection, type RowDataPacket } from 'mysql2'
import type { Readable } from 'node:stream'
import { isPlainServer } from './trouble.ts'
import type { Address } from './options.ts'

/** What the driver gives for a cell, by the options below: integers of up to 32 bits are numbers, everything else is text or bytes. */
export type Cell = null | number | string | Buffer

/** One connection, on which one statement runs at a time: whoever comes later waits. */
export interface Lane {
  /** The driver's own, for Kysely. */
  readonly connection: Connection
  rows(sql: string): Promise<Cell[][]>
  /** Rows as they come, while nothing else runs; a stream left early is read to its end unseen. */
  stream(sql: string): AsyncGenerator<Cell[], void, undefined>
  destroy(): void
}

/** Connects, and puts every session on the same footing, whatever the server's defaults. */
export async function connect(address: Address): Promise<Lane> {
  const connection = await establish(address)
  const lane = laneOf(connection)
  // An error between two statements would otherwise end the process; the next statement meets it again
  connection.on('error', () => {})
  try {
    await settle(lane)
  } catch (error) {
    lane.destroy()
    throw error
  }
  return lane
}

/** One by one: a server that does not know one of them needs none. */
const settings = [
  'NAMES utf8mb4',
  "SESSION sql_mode = ''",
  "SESSION time_zone = '+00:00'",
  'SESSION sql_select_limit = DEFAULT',
  'SESSION sql_big_selects = 1',
  // The target may keep the source waiting for hours
  'SESSION net_write_timeout = 86400',
  'SESSION net_read_timeout = 86400',
  'SESSION wait_timeout = 86400',
  'SESSION lock_wait_timeout = 60',
  'SESSION max_statement_time = 0',
  'SESSION max_execution_time = 0',
  'SESSION idle_transaction_timeout = 0',
  'SESSION idle_readonly_transaction_timeout = 0',
  'SESSION information_schema_stats_expiry = 0',
  'SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
]

async function settle(lane: Lane): Promise<void> {
  for (const setting of settings) {
    try {
      await lane.rows(`SET ${setting}`)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ER_UNKNOWN_SYSTEM_VARIABLE')) throw error
    }
  }
}

async function establish({ connection: options, sslMode }: Address): Promise<Connection> {
  try {
    return await tryConnect(options)
  } catch (error) {
    if (sslMode !== 'preferred' || !isPlainServer(error)) throw error
    const { ssl: _, ...plain } = options
    return await tryConnect(plain)
  }
}

function tryConnect(options: Address['connection']): Promise<Connection> {
  const connection = createConnection({
    ...options,
    charset: 'UTF8MB4_GENERAL_CI',
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    jsonStrings: true,
    decimalNumbers: false,
    // Reads only: a server that asks for a file of this machine gets none
    flags: ['-LOCAL_FILES'],
  })
  return new Promise((resolve, reject) => {
    connection.once('error', reject)
    connection.connect((error) => {
      connection.off('error', reject)
      if (error === null) resolve(connection)
      else {
        connection.destroy()
        reject(error)
      }
    })
  })
}

function ask(connection: Connection, sql: string): Promise<Cell[][]> {
  return new Promise((resolve, reject) => {
    connection.query<RowDataPacket[][]>({ sql, rowsAsArray: true }, (error, rows) => {
      if (error !== null) reject(error)
      else resolve(rows as unknown as Cell[][])
    })
  })
}

function laneOf(connection: Connection): Lane {
  let free: Promise<unknown> = Promise.resolve()
  const enter = async (): Promise<() => void> => {
    const before = free
    let leave = (): void => {}
    free = new Promise<void>((resolve) => {
      leave = resolve
    })
    await before
    return leave
  }
  return {
    connection,
    async rows(sql) {
      const leave = await enter()
      try {
        return await ask(connection, sql)
      } finally {
        leave()
      }
    },
    async *stream(sql) {
      const leave = await enter()
      const query = connection.query({ sql, rowsAsArray: true })
      query.once('end', leave)
      query.once('error', leave)
      const rows: Readable = query.stream({ highWaterMark: 64 })
      try {
        for await (const row of rows) yield row as Cell[]
      } finally {
        // Left early, the rest still has to be taken off the wire
        connection.resume()
      }
    },
    destroy() {
      connection.destroy()
    },
  }
}
