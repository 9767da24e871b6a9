import { randomBytes } from 'node:crypto'
import mysql from 'mysql2/promise'
import { afterAll, beforeAll, beforeEach, inject } from 'vitest'
import type { MysqlForTests } from './mysql.ts'

/** What the tests of this run found: asked for at any time. */
export const mysqlServer = (): MysqlForTests => inject('mysql')

export interface MysqlTestDatabase {
  readonly name: string
  readonly url: string
  /** Runs statements as another program would. */
  run(sql: string, values?: readonly unknown[]): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** One more database of MySQL or MariaDB: `await using database = await createMysqlDatabase()`. */
export async function createMysqlDatabase(): Promise<MysqlTestDatabase> {
  const server = mysqlServer()
  if ('missing' in server) throw new Error(server.missing)
  const name = `rowferry_${randomBytes(6).toString('hex')}`
  const url = new URL(server.url)
  url.pathname = `/${name}`
  const command = async (uri: string, sql: string, values: readonly unknown[] = []): Promise<void> => {
    const connection = await mysql.createConnection({ uri, multipleStatements: true, charset: 'utf8mb4' })
    try {
      await connection.query('set session lock_wait_timeout = 20')
      await connection.query(sql, values as unknown[])
    } finally {
      await connection.end()
    }
  }
  await command(server.url, `create database ${name} character set utf8mb4`)
  return {
    name,
    url: url.href,
    run: (sql, values) => command(url.href, sql, values),
    [Symbol.asyncDispose]: () => command(server.url, `drop database if exists ${name}`),
  }
}

/** A fresh database for the tests of one file; they are skipped where no server is there, and fail where one has to be. */
export function useMysqlDatabase(): Pick<MysqlTestDatabase, 'name' | 'url' | 'run'> {
  let database: MysqlTestDatabase | undefined
  needsMysql()
  beforeAll(async () => {
    if ('url' in mysqlServer()) database = await createMysqlDatabase()
  })
  afterAll(() => database?.[Symbol.asyncDispose]())
  const ready = (): MysqlTestDatabase => {
    if (!database)
      throw new Error('useMysqlDatabase() has its database from beforeAll on: read it inside hooks and tests')
    return database
  }
  return {
    get name() {
      return ready().name
    },
    get url() {
      return ready().url
    },
    run: (sql, values) => ready().run(sql, values),
  }
}

/** Each test of this file is skipped without a server, or fails where `ROWFERRY_REQUIRE_SERVICES` is 1. */
export function needsMysql(): void {
  beforeEach((context) => {
    const server = mysqlServer()
    if (!('missing' in server)) return
    if (server.required) throw new Error(server.missing)
    context.skip(server.missing)
  })
}
