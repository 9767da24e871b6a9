import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabase } from '@rowferry/vitest-preset/database'
import { parseDatabase } from '@rowferry/connect'
import { sqlite } from '@rowferry/source-sqlite'
import Database from 'better-sqlite3'
import pg from 'pg'
import type { CrossingEvent } from '../src/events.ts'
import type { CrossingOptionsInput } from '../src/options.ts'
import type { TargetAddress } from '../src/options.ts'
import { migrate } from '../src/migrate-command.ts'

/** A crossing to try: a SQLite file made from SQL, and a fresh database whose tables were made from SQL. */
export interface Rig extends AsyncDisposable {
  readonly path: string
  readonly folder: string
  readonly target: TargetAddress
  readonly url: string
  readonly events: CrossingEvent[]
  readonly input: (options?: CrossingOptionsInput) => Parameters<typeof migrate>[0]
  /** Rows of a query as text, one array a row. */
  readonly rows: (sql: string) => Promise<(string | null)[][]>
}

export async function rig(sourceSql: string, targetSql = ''): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'rowferry-migrate-'))
  const path = join(folder, 'source.db')
  const file = new Database(path)
  file.pragma('foreign_keys = off')
  file.exec(sourceSql)
  file.close()
  const database = await createDatabase()
  const run = async (sql: string) => {
    const client = new pg.Client({
      connectionString: database.url,
      types: { getTypeParser: () => (value: unknown) => value },
    })
    await client.connect()
    try {
      return await client.query({ text: sql, rowMode: 'array' })
    } finally {
      await client.end()
    }
  }
  if (targetSql !== '') await run(targetSql)
  const target = parseDatabase(database.url, { env: {} }) as TargetAddress
  const events: CrossingEvent[] = []
  return {
    path,
    folder,
    target,
    url: database.url,
    events,
    input: (options = {}) => ({
      source: { adapter: sqlite, options: { path }, label: path },
      target,
      options,
      onEvent: (event) => events.push(event),
    }),
    rows: async (sql) => (await run(sql)).rows as (string | null)[][],
    async [Symbol.asyncDispose]() {
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
