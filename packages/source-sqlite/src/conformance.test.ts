import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { SourceRow, SourceValue } from '@rowferry/introspect'
import { describeSource, type SeedTable, type SourceHarness } from '@rowferry/source-conformance'
import Database from 'better-sqlite3'
import { describe, test } from 'vitest'
import { quoteName } from './quote.ts'
import { urisWork } from './handle.ts'
import { openSqlite, type SqliteOptions } from './index.ts'

urisWork()

const declaredTypes = { integer: 'BigInt', real: 'Double Precision', text: 'Text', bytes: 'Blob' } as const

interface Variant {
  readonly journal: 'delete' | 'wal'
  readonly withoutRowid?: boolean
  readonly options?: Partial<SqliteOptions>
}

function harness({ journal, withoutRowid = false, options }: Variant): SourceHarness {
  return {
    supports: {
      snapshot: true,
      aggregates: true,
      realResidues: true,
      aggregatesFirst: true,
      replacements: true,
      orphans: true,
      resume: true,
      views: true,
      conditions: true,
    },
    declaredTypes,
    async seed(tables) {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conformance-'))
      const file = path.join(folder, 'app.db')
      const write = (run: (db: Database.Database) => void): void => {
        const db = new Database(file)
        db.pragma('foreign_keys = OFF')
        db.pragma('synchronous = OFF')
        run(db)
        db.close()
      }
      write((db) => {
        db.pragma(`journal_mode = ${journal}`)
        for (const table of tables) {
          db.exec(createTable(table, withoutRowid))
          insert(db, table.name, table.rows)
        }
      })
      return {
        open: () => openSqlite({ path: file, ...options }),
        insert: async (table, rows) => write((db) => insert(db, table, rows)),
        remove: async () => fs.rmSync(folder, { recursive: true }),
      }
    },
  }
}

function createTable(table: SeedTable, withoutRowid: boolean): string {
  const list = (columns: readonly string[]): string => columns.map(quoteName).join(', ')
  const parts = table.columns.map(
    ({ name, kind, nullable }) => `${quoteName(name)} ${declaredTypes[kind]}${nullable ? '' : ' NOT NULL'}`,
  )
  if (table.primaryKey.length > 0) parts.push(`PRIMARY KEY (${list(table.primaryKey)})`)
  for (const key of table.foreignKeys) {
    parts.push(`FOREIGN KEY (${list(key.columns)}) REFERENCES ${quoteName(key.parent)} (${list(key.parentColumns)})`)
  }
  return `CREATE TABLE ${quoteName(table.name)} (${parts.join(', ')})${withoutRowid && table.primaryKey.length > 0 ? ' WITHOUT ROWID' : ''}`
}

function insert(db: Database.Database, table: string, rows: readonly SourceRow[]): void {
  if (rows.length === 0) return
  const statement = db.prepare(`INSERT INTO ${quoteName(table)} VALUES (${rows[0]?.map(() => '?').join(', ')})`)
  // better-sqlite3 binds every number as a double
  const bound = (value: SourceValue): unknown =>
    typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 53 ? BigInt(value) : value
  db.transaction(() => rows.forEach((row) => statement.run(row.map(bound))))()
}

const variants: Record<string, Variant> = {
  'rollback journal, from a private copy': { journal: 'delete', options: { privateCopy: true } },
  'write-ahead log, in place': { journal: 'wal' },
  'write-ahead log, from a private copy': { journal: 'wal', options: { privateCopy: true } },
  'write-ahead log, in place, WITHOUT ROWID': { journal: 'wal', withoutRowid: true },
}

for (const [name, variant] of Object.entries(variants)) {
  describe(`${name}:`, () => {
    describeSource({ test, harness: harness(variant) })
  })
}
