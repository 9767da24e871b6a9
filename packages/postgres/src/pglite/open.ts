import { mkdir, readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import type { PgliteAddress } from '@rowferry/connect'
import pg from 'pg'
import { clientSession } from '../client-session.ts'
import { asPostgresError } from '../error.ts'
import type { OpenOptions } from '../server/open.ts'
import { readServerFacts } from '../server-facts.ts'
import { PostgresError, type Session } from '../session.ts'
import { applySettings } from '../settings.ts'
import { copyFromPglite, copyIntoPglite } from './copy.ts'
import { loadExtensions } from './extensions.ts'
import { lockFolder } from './lock-file.ts'

export async function openPgliteSession(
  address: PgliteAddress,
  { applicationName, signal }: OpenOptions,
): Promise<Session> {
  const { folder, label } = address
  const unlock = folder === 'memory://' ? async () => {} : await claim(address)
  let database: PGlite | undefined
  try {
    refuseWhenAborted(signal, label)
    database = await boot(address)
    const session = await over(database, label, unlock)
    await applySettings(session, 'session', { application_name: applicationName ?? 'rowferry' })
    refuseWhenAborted(signal, label)
    signal?.addEventListener('abort', () => void session.close(), { once: true })
    return session
  } catch (error) {
    await database?.close().catch(() => {})
    await unlock()
    throw error
  }
}

/** The lock comes before anything in the folder is touched, and a folder that holds something else is left alone. */
async function claim({ folder, label }: PgliteAddress): Promise<() => Promise<void>> {
  await mkdir(dirname(folder), { recursive: true })
  const unlock = await lockFolder(folder)
  const entries = await readdir(folder).catch(async (error: NodeJS.ErrnoException): Promise<string[]> => {
    if (error.code === 'ENOENT') return []
    await unlock()
    throw new PostgresError('TARGET_NOT_PGLITE', `${label} is not a folder that can be read (${error.code})`, {
      remedy: 'Name another folder.',
    })
  })
  if (entries.length === 0 || entries.includes('PG_VERSION')) return unlock
  await unlock()
  throw new PostgresError(
    'TARGET_NOT_PGLITE',
    `${label} is a folder that holds something other than a PGlite database`,
    {
      remedy: 'Name an empty folder, one that does not exist yet, or one that PGlite made.',
    },
  )
}

async function boot({ folder, label }: PgliteAddress): Promise<PGlite> {
  const { PGlite } = await import('@electric-sql/pglite')
  try {
    return await PGlite.create(folder, { extensions: await loadExtensions() })
  } catch (error) {
    throw new PostgresError(
      'TARGET_PGLITE',
      `PGlite cannot open ${label}: ${error instanceof Error ? error.message : String(error)}`,
      {
        remedy:
          'A folder made by a PostgreSQL server, or by another major version of PGlite, cannot be opened by this one.',
      },
    )
  }
}

async function over(database: PGlite, label: string, unlock: () => Promise<void>): Promise<Session> {
  const { createPgConfig } = await import('@electric-sql/pglite/node-postgres')
  const client = new pg.Client(createPgConfig(database))
  const toError = (error: unknown): Error => asPostgresError(error, { label, secret: null })
  client.on('error', () => {})
  await client.connect()
  const close = async (): Promise<void> => {
    await client.end()
    await database.close()
    await unlock()
  }
  return clientSession({
    kind: 'pglite',
    label,
    server: await readServerFacts((sql) => client.query(sql)),
    client,
    toError,
    copyIn: async (sql, done) =>
      copyIntoPglite({ database, sql, toError, over: done, alone: client.getTransactionStatus() === 'I' }),
    copyOut: (sql) => copyFromPglite(database, sql),
    another: () => Promise.reject(single(label)),
    close,
  })
}

function single(label: string): PostgresError {
  return new PostgresError('PGLITE_SINGLE', `${label} is PGlite, which takes one connection at a time`, {
    remedy: 'Use a PostgreSQL server where several connections are needed.',
  })
}

function refuseWhenAborted(signal: AbortSignal | undefined, label: string): void {
  if (signal?.aborted) throw new PostgresError('ABORTED', `The session with ${label} was ended on request`)
}
