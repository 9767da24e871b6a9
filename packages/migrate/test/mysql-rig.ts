import { parseDatabase } from '@rowferry/connect'
import { mysql } from '@rowferry/source-mysql'
import { createDatabase } from '@rowferry/vitest-preset/database'
import { createMysqlDatabase } from '@rowferry/vitest-preset/mysql'
import pg from 'pg'
import type { OpenInput } from '../src/opened.ts'
import type { CrossingOptionsInput, TargetAddress } from '../src/options.ts'

/** A crossing to try: a MySQL database made from SQL, and a fresh PostgreSQL database whose tables were made from SQL. */
export interface MysqlRig extends AsyncDisposable {
  readonly name: string
  input(options?: CrossingOptionsInput): OpenInput & { readonly target: TargetAddress }
  /** Statements in MySQL, as another program would run them. */
  run(sql: string): Promise<void>
  /** Rows of a query in PostgreSQL as text. */
  rows(sql: string): Promise<(string | null)[][]>
}

export async function mysqlRig(sourceSql: string, targetSql = ''): Promise<MysqlRig> {
  const source = await createMysqlDatabase()
  const database = await createDatabase()
  const rows = async (sql: string): Promise<(string | null)[][]> => {
    const client = new pg.Client({
      connectionString: database.url,
      types: { getTypeParser: () => (value: string) => value },
    })
    await client.connect()
    try {
      await client.query("set timezone = 'UTC'")
      return (await client.query({ text: sql, rowMode: 'array' })).rows as (string | null)[][]
    } finally {
      await client.end()
    }
  }
  await source.run(`set sql_mode = '', foreign_key_checks = 0; ${sourceSql}`)
  if (targetSql !== '') await rows(targetSql)
  const target = parseDatabase(database.url, { env: {} }) as TargetAddress
  return {
    name: source.name,
    input: (options = {}) => ({
      source: { adapter: mysql, options: { url: source.url, label: 'shop' }, label: 'shop' },
      target,
      options,
    }),
    run: (sql) => source.run(sql),
    rows,
    async [Symbol.asyncDispose]() {
      await database.drop()
      await source[Symbol.asyncDispose]()
    },
  }
}
