import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { DataSet, SetTable } from './data-sets.ts'
import { openRandom } from './random.ts'

/** The set's SQLite file, made when the folder does not hold it: the same rows every time. Returns its path. */
export function makeSource(set: DataSet, folder: string): string {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${set.name}-${set.tables.reduce((rows, table) => rows + table.rows, 0)}.db`)
  if (existsSync(path)) return path
  const unfinished = `${path}.partial`
  rmSync(unfinished, { force: true })
  const db = new Database(unfinished)
  db.pragma('journal_mode = off')
  db.pragma('synchronous = off')
  db.exec('BEGIN')
  for (const [at, table] of set.tables.entries()) fill(db, table, 12_345 + at)
  db.exec('COMMIT')
  db.close()
  renameSync(unfinished, path)
  return path
}

function fill(db: Database.Database, table: SetTable, seed: number): void {
  const columns = table.columns.map(({ name, declared }) => `${name} ${declared}`)
  if (table.parent !== null) columns.push(`FOREIGN KEY (parent_id) REFERENCES ${table.parent} (id)`)
  db.exec(`CREATE TABLE ${table.name} (${columns.join(', ')})`)
  const insert = db.prepare(`INSERT INTO ${table.name} VALUES (${table.columns.map(() => '?').join(', ')})`)
  const random = openRandom(seed)
  for (let id = 1; id <= table.rows; id += 1) insert.run(...table.row(id, random))
  for (const column of table.indexed) db.exec(`CREATE INDEX ${table.name}_${column}_idx ON ${table.name} (${column})`)
}
