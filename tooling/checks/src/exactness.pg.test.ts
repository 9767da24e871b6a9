import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDatabase } from '@rowferry/connect'
import { verify } from '@rowferry/migrate'
import type { TargetAddress } from '@rowferry/migrate'
import { sqlite } from '@rowferry/source-sqlite'
import { useDatabase } from '@rowferry/vitest-preset/database'
import Database from 'better-sqlite3'
import pg from 'pg'
import { expect, test } from 'vitest'
import { root } from './workspace.ts'

const page = readFileSync(join(root, 'docs/exactness.md'), 'utf8')
const setup = /<!-- runs: types -->\s*```sql\n(.*?)\n```/s.exec(page)![1]!
const database = useDatabase()

interface Example {
  readonly table: string
  readonly type: string
  /** SQL for what SQLite holds. */
  readonly holds: string
  /** SQL for what PostgreSQL holds; row i of the table holds the i-th, from 1. */
  readonly targets: readonly string[]
  /** How many of `targets`, from the first, equal it. */
  readonly equal: number
}

const examples = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line, i): Example => {
    const [type, , holds, equal, different] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!))
    const targets = [...equal!, ...different!]
    return { table: `t${i}`, type: type![0]!, holds: holds![0]!, targets, equal: equal!.length }
  })

test('each row of the page has values that are equal and values that are not', () => {
  expect(examples.length).toBeGreaterThan(50)
  expect(examples.filter(({ equal, targets }) => equal === 0 || equal === targets.length)).toEqual([])
})

test('the page tells what the examiner finds equal, and what not', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rowferry-exactness-'))
  const path = join(folder, 'source.db')
  const file = new Database(path)
  const client = new pg.Client(database.url)
  await client.connect()
  try {
    await client.query(setup)
    for (const { table, type, holds, targets } of examples) {
      file.exec(`create table ${table} (id integer primary key, v)`)
      for (const id of targets.keys()) file.exec(`insert into ${table} values (${id + 1}, ${holds})`)
      const rows = targets.map((sql, i) => `(${i + 1}, cast(${sql} as ${type}))`).join(', ')
      await client.query(`create table ${table} (id int primary key, v ${type}); insert into ${table} values ${rows}`)
    }
    const report = await verify({
      source: { adapter: sqlite, options: { path }, label: path },
      target: parseDatabase(database.url, { env: {} }) as TargetAddress,
      options: {},
    })
    expect(report).toMatchObject({ outcome: 'different', exitCode: 4 })
    const told = new Map(report.tables.map(({ source, mismatches }) => [source, mismatches]))
    const found = examples.map(({ table, targets, type, holds }) => {
      const unlike = new Set(told.get(table)?.map(({ key }) => key))
      return { type, holds, equal: targets.filter((_, i) => !unlike.has(`id=${i + 1}`)) }
    })
    expect(found).toEqual(
      examples.map(({ targets, type, holds, equal }) => ({ type, holds, equal: targets.slice(0, equal) })),
    )
  } finally {
    file.close()
    await client.end()
    rmSync(folder, { recursive: true, force: true })
  }
})
