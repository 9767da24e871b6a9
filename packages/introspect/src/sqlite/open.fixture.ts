import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { afterEach } from 'vitest'
import type { Catalog, Table } from '../catalog.ts'
import { readSqliteCatalog, type ReadSqliteOptions } from './read.ts'

let opened: Database.Database[] = []
afterEach(() => {
  for (const database of opened) database.close()
  opened = []
})

/** A database in memory, closed after the test. */
export function open(content: string | Buffer): Database.Database {
  const database = typeof content === 'string' ? new Database(':memory:') : new Database(content)
  opened.push(database)
  if (typeof content === 'string') database.exec(content)
  return database
}

/** As another program would find the file: none of this connection's functions, modules or collations. */
export function reopen(database: Database.Database): Database.Database {
  return open(database.serialize())
}

export function read(database: Database.Database, options?: ReadSqliteOptions): Promise<Catalog> {
  return readSqliteCatalog(new Kysely({ dialect: new SqliteDialect({ database }) }), options)
}

export async function tablesOf(ddl: string): Promise<Map<string, Table>> {
  const { tables } = await read(open(ddl))
  return new Map(tables.map((table) => [table.name.name, table]))
}

export async function tableOf(ddl: string): Promise<Table> {
  const [table] = (await tablesOf(ddl)).values()
  if (table === undefined) throw new Error('No table')
  return table
}
