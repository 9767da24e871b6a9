import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createDatabase } from '@rowferry/vitest-preset/database'
import Database from 'better-sqlite3'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

const ROWS = 200_000
const MOMENTS = 10
const folder = mkdtempSync(join(tmpdir(), 'rowferry-killed-'))
const source = join(folder, 'app.db')
const bin = fileURLToPath(new URL('bin.ts', import.meta.url))
const SCHEMA =
  'create table owner (id bigint generated always as identity primary key, name text not null); create table item (id bigint generated always as identity primary key, owner bigint not null references owner(id), name text, price numeric(10,2)); create index item_owner on item (owner); create index item_name on item (name);'

beforeAll(() => {
  const file = new Database(source)
  file.exec(`create table owner (id integer primary key autoincrement, name text not null);
    create table item (id integer primary key autoincrement, owner integer not null references owner(id), name text, price decimal(10,2));
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000) insert into owner select i, 'owner ' || i from n;
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${ROWS}) insert into item select i, 1 + i % 1000, 'item ' || i, i / 100.0 from n;`)
  file.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function query(url: string, sql: string): Promise<string[][]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const { rows } = (await client.query({ text: sql, rowMode: 'array' })) as { rows?: unknown[][] }
    return (rows ?? []).map((row) => row.map(String))
  } finally {
    await client.end()
  }
}

/** Rows, where the sequences stand, and every index, constraint and trigger with its definition. */
const STATE = `select 'rows', (select count(*) from owner) || '/' || (select count(*) from item)
  union all select sequencename, coalesce(last_value::text, 'fresh') from pg_sequences
  union all select indexname, indexdef from pg_indexes where schemaname = 'public'
  union all select conname, pg_get_constraintdef(oid) || convalidated from pg_constraint where connamespace = 'public'::regnamespace
  order by 1, 2`

function start(url: string, say = '--quiet') {
  const child = spawn(process.execPath, ['--conditions=@rowferry/source', bin, 'migrate', source, url, say], {
    stdio: ['ignore', say === '--quiet' ? 'ignore' : 'pipe', 'ignore'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return { child, ended }
}

async function sessionsLeft(url: string): Promise<number> {
  for (let waited = 0; ; waited += 100) {
    const [row] = await query(
      url,
      "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'",
    )
    if (row![0] === '0' || waited >= 5000) return Number(row![0])
    await sleep(100)
  }
}

test(
  'killed at any moment, the target is as before or whole, no session stays, and running again ends it',
  { timeout: 120_000 },
  async () => {
    await using first = await createDatabase()
    await query(first.url, SCHEMA)
    const began = performance.now()
    expect(await start(first.url).ended).toBe(0)
    const whole = performance.now() - began
    const complete = await query(first.url, STATE)
    await using database = await createDatabase()
    await query(database.url, SCHEMA)
    const before = await query(database.url, STATE)
    let killed = 0
    for (let moment = 0; moment < MOMENTS; moment++) {
      const { child, ended } = start(database.url)
      await sleep((whole * (moment + 0.5)) / MOMENTS)
      child.kill('SIGKILL')
      if ((await ended) === null) killed++
      expect(await sessionsLeft(database.url)).toBe(0)
      const after = await query(database.url, STATE)
      expect([before, complete]).toContainEqual(after)
      await query(database.url, 'truncate owner, item restart identity')
    }
    // Later runs may be faster than the first: what matters is that most died on the way
    expect(killed).toBeGreaterThanOrEqual(MOMENTS / 2)
    expect(await start(database.url).ended).toBe(0)
    expect(await query(database.url, STATE)).toEqual(complete)
  },
)

test.each([
  ['once: it rolls back', 1],
  ['twice: it leaves at once, and the server rolls back', 2],
])('Ctrl-C %s; exit code 130, the target as before, no session left', { timeout: 60_000 }, async (_what, times) => {
  await using database = await createDatabase()
  await query(database.url, SCHEMA)
  const before = await query(database.url, STATE)
  const { child, ended } = start(database.url, '--json')
  let said = ''
  await new Promise<void>((resolve) => {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      said += text
      // Rows are on their way, and many more have to follow
      if (/"phase":"data","table":"item"/.test(said)) resolve()
    })
  })
  for (let n = 0; n < times; n++) {
    child.kill('SIGINT')
    // Two that come as one are one
    if (n + 1 < times) await sleep(1)
  }
  expect(await ended).toBe(130)
  expect(await sessionsLeft(database.url)).toBe(0)
  expect(await query(database.url, STATE)).toEqual(before)
})

test('a SIGTERM once everything is done changes nothing about the exit code', { timeout: 60_000 }, async () => {
  const small = join(folder, 'small.db')
  new Database(small).exec('create table t (id integer primary key); insert into t values (1)').close()
  await using database = await createDatabase()
  for (const delay of [0, 8, 20]) {
    const argv = ['--conditions=@rowferry/source', bin, 'migrate', small, database.url, '--rehearse']
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'ignore'] })
    child.stdout.once('data', () => setTimeout(() => child.kill('SIGTERM'), delay))
    const [code] = (await once(child, 'close')) as [number | null]
    expect(code).toBe(0)
  }
})
