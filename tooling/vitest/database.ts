import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, inject } from 'vitest'
import type { PostgresForTests } from './postgres.ts'

export interface TestDatabase extends AsyncDisposable {
  readonly name: string
  /** A superuser's URL of this database. */
  readonly url: string
  /** Drops the database together with whatever is still connected to it. */
  drop(): Promise<void>
}

/** A fresh database for the tests of one file, dropped after the last. Its `url` is there inside hooks and tests. */
export function useDatabase(): { readonly name: string; readonly url: string } {
  let database: TestDatabase | undefined
  const server: PostgresForTests = inject('postgres')

  beforeAll(async () => {
    if ('url' in server) database = await createDatabase()
  })
  beforeEach((context) => {
    if ('missing' in server) context.skip(server.missing)
  })
  afterAll(() => database?.drop())

  const ready = (): TestDatabase => {
    if (!database) throw new Error('useDatabase() has its database from beforeAll on: read it inside hooks and tests')
    return database
  }
  return {
    get name() {
      return ready().name
    },
    get url() {
      return ready().url
    },
  }
}

/** One more database, for tests that need their own: `await using database = await createDatabase()`. */
export async function createDatabase(): Promise<TestDatabase> {
  const server: PostgresForTests = inject('postgres')
  if ('missing' in server) throw new Error(server.missing)
  const name = `rowferry_${randomBytes(6).toString('hex')}`
  await command(server.url, `create database ${name} template template0`)
  const url = new URL(server.url)
  url.pathname = `/${name}`
  const drop = (): Promise<void> => command(server.url, `drop database if exists ${name} with (force)`)
  return { name, url: url.href, drop, [Symbol.asyncDispose]: drop }
}

async function command(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
