import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { SourceRow, TableName } from '@rowferry/introspect'
import type { ReadOptions, Source } from '@rowferry/source'
import Database from 'better-sqlite3'
import { onTestFinished } from 'vitest'
import { urisWork } from '../src/handle.ts'
import { openSqlite, type SqliteOptions } from '../src/index.ts'

// Decided when better-sqlite3 is loaded, which the fixtures here would do first
urisWork()

export function folder(): string {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'source-sqlite-'))
  onTestFinished(() => fs.rmSync(made, { recursive: true, force: true }))
  return made
}

/** A database file made by statements, in a folder of its own; closed, so that nothing is left beside it. */
export function database(sql: string, name = 'app.db'): string {
  const file = path.join(folder(), name)
  const db = new Database(file)
  db.exec(sql)
  db.close()
  return file
}

export async function open(file: string, options: Partial<SqliteOptions> = {}): Promise<Source> {
  const source = await openSqlite({ path: file, ...options })
  onTestFinished(() => source.close())
  return source
}

export const main = (name: string): TableName => ({ schema: 'main', name })

export async function rowsOf(
  source: Source,
  table: string,
  columns: readonly string[],
  options: Omit<ReadOptions, 'columns'> = {},
): Promise<SourceRow[]> {
  const rows: SourceRow[] = []
  for await (const batch of source.readBatches(main(table), { columns, ...options })) rows.push(...batch)
  return rows
}

/** Every file of a folder with the digest of its bytes: equal before and after means that nothing was created and nothing changed. */
export function traces(of: string): Record<string, string> {
  const names = fs.readdirSync(of).toSorted()
  return Object.fromEntries(names.map((name) => [name, digest(path.join(of, name))]))
}

function digest(file: string): string {
  return fs.statSync(file).isFile() ? createHash('sha256').update(fs.readFileSync(file)).digest('hex') : 'no file'
}
