import { copyFileSync, mkdtempSync, renameSync, rmSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDatabase } from '@rowferry/connect'
import { migrate, type TargetAddress } from '@rowferry/migrate'
import { sqlite } from '@rowferry/source-sqlite'
import { createDatabase } from '@rowferry/vitest-preset/database'
import Database from 'better-sqlite3'
import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import { figures, points } from './figures.ts'

const folder = mkdtempSync(join(tmpdir(), 'rowferry-moving-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function make(journal: string): string {
  const path = join(folder, 'source.db')
  rmSync(path, { force: true })
  const db = new Database(path)
  db.pragma(`journal_mode = ${journal}`)
  db.exec(`create table t (id integer primary key, v text);
    with recursive n (i) as (select 1 union all select i + 1 from n where i < 60000) insert into t select i, 'value ' || i from n;`)
  db.close()
  return path
}

const moves: Record<string, (path: string) => void> = {
  'another file under its name'(path) {
    const other = join(folder, 'other.db')
    copyFileSync(path, other)
    const db = new Database(other)
    db.exec('delete from t where id > 100')
    db.close()
    renameSync(other, path)
  },
  'cut off in the middle': (path) => truncateSync(path, 40 * 4096),
  'written over': (path) => writeFileSync(path, Buffer.alloc(400_000, 'x')),
  deleted: (path) => unlinkSync(path),
}

const count = figures('source replaced, cut off, overwritten or deleted while it is read')
const cases = Object.entries(moves).flatMap(([what, move]) =>
  ['delete', 'wal'].flatMap((journal) =>
    (['plan', 'data', 'verify'] as const).map((phase) => ({ what, move, journal, phase })),
  ),
)

/** Each of the moves, and in the short sweep none at every phase. */
const chosen = cases.filter((_, at) => at % points(1, 5) === 0)

test.each(chosen)('$what, journal $journal, while it is at $phase', async ({ move, journal, phase }) => {
  const path = make(journal)
  await using database = await createDatabase()
  const client = new pg.Client(database.url)
  await client.connect()
  await client.query('create table t (id int primary key, v text)')
  const report = await migrate({
    source: { adapter: sqlite, options: { path }, label: path },
    target: parseDatabase(database.url, { env: {} }) as TargetAddress,
    options: {},
    onEvent(event) {
      if (event.type === 'phase' && event.phase === phase) move(path)
    },
  })
  const { rows } = await client.query<{ state: string }>(
    `select count(*) || ' ' || coalesce(sum(id), 0) as state from t`,
  )
  await client.end()
  // What is deleted stays readable for who has it open
  const told = `${report.outcome === 'done' ? 'done' : report.error?.code}: ${rows[0]?.state}`
  expect(['SOURCE_CHANGED: 0 0', 'SOURCE_DAMAGED: 0 0', 'SOURCE_UNREADABLE: 0 0', 'done: 60000 1800030000']).toContain(
    told,
  )
  count(told.startsWith('done') ? 'exact, from the file as it was' : `refused, nothing written`)
})
