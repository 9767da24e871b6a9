import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseDatabase } from '@rowferry/connect'
import { migrate } from '@rowferry/migrate'
import type { TargetAddress } from '@rowferry/migrate'
import { sqlite } from '@rowferry/source-sqlite'
import { createDatabase } from '@rowferry/vitest-preset/database'
import Database from 'better-sqlite3'
import pg from 'pg'
import { afterAll, expect, test } from 'vitest'

/** Every step, not only those around COMMIT: `ROWFERRY_TEST_MOMENTS=all`. */
const all = process.env['ROWFERRY_TEST_MOMENTS'] === 'all'
const folder = mkdtempSync(join(tmpdir(), 'rowferry-replay-killed-'))
const path = join(folder, 'app.db')
const bin = fileURLToPath(new URL('bin.ts', import.meta.url))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Kills its own process before the n-th step that changes a file of the folder, as a power cut would. */
const killer = `
  import fs from 'node:fs/promises'
  import { syncBuiltinESMExports } from 'node:module'
  let left = Number(process.env.KILL_BEFORE)
  for (const name of ['mkdir', 'open', 'rename', 'rm']) {
    const step = fs[name]
    fs[name] = (path, ...rest) => {
      if (String(path).startsWith(process.env.KILL_FOLDER) && --left === 0) process.kill(process.pid, 'SIGKILL')
      return step(path, ...rest)
    }
  }
  syncBuiltinESMExports()`

async function query(url: string, sql: string): Promise<unknown[][]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows as unknown[][]
  } finally {
    await client.end()
  }
}

const lines = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []

/** Replays in a process of its own, which is killed at that step. Was it? */
async function killedBefore(step: number, url: string, aside: string): Promise<boolean> {
  const start = ['--conditions=@rowferry/source', '--import', `data:text/javascript,${encodeURIComponent(killer)}`, bin]
  const env = { ...process.env, KILL_BEFORE: String(step), KILL_FOLDER: aside }
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...start, 'migrate', path, url, '--replay', aside, '--quiet'], { env }, (error) => {
      if (error?.signal === 'SIGKILL') resolve(true)
      else if (error === null || error.code === 2) resolve(false)
      else reject(error)
    })
  })
}

test('a replay that is killed at any step loads each row exactly once', { timeout: 600_000 }, async () => {
  const file = new Database(path)
  // Without a key nothing but the journal tells what has been loaded
  file.exec("create table t (n); insert into t values (1), ('x'), ('x'), ('y')")
  file.close()
  await using database = await createDatabase()
  await query(database.url, 'create table t (n int)')
  const cross = (options: { quarantineDir?: string }, replay?: string) =>
    migrate({
      source: { adapter: sqlite, options: { path }, label: path },
      target: parseDatabase(database.url, { env: {} }) as TargetAddress,
      options: { onBadRow: 'quarantine', ...options },
      ...(replay === undefined ? {} : { replay }),
    })
  const made = join(folder, 'made')
  expect(await cross({ quarantineDir: made })).toMatchObject({
    outcome: 'partial',
    totals: { written: 1, rejected: 3 },
  })
  const mended = lines(join(made, 't.ndjson')).map((line) =>
    line.replace('"class":"text","value":"x"', '"class":"integer","value":"7"'),
  )
  writeFileSync(join(made, 't.ndjson'), `${mended.join('\n')}\n`)

  const told = { killed: 0, committed: 0 }
  for (let step = 1; ; step += all ? 1 : 3) {
    const aside = join(folder, `aside-${step}`)
    cpSync(made, aside, { recursive: true })
    await query(database.url, 'truncate t; insert into t values (1)')
    if (!(await killedBefore(step, database.url, aside))) break
    told.killed++
    // The server needs a moment to notice; until then the transaction's end is not known
    await expect
      .poll(
        () =>
          query(
            database.url,
            "select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'",
          ),
        { timeout: 10_000 },
      )
      .toEqual([])
    const before = await query(database.url, 'select n from t order by n')
    expect([[[1]], [[1], [7], [7]]]).toContainEqual(before)
    if (before.length > 1) told.committed++
    const report = await cross({}, aside)
    expect([step, report.error]).toEqual([step, null])
    expect([step, await query(database.url, 'select n from t order by n')]).toEqual([step, [[1], [7], [7]]])
    expect(lines(join(aside, 't.ndjson')).map((line) => line.includes('"value":"y"'))).toEqual([true])
    const done = readdirSync(join(aside, 'done')).flatMap((run) => lines(join(aside, 'done', run, 't.ndjson')))
    expect([step, done.length]).toEqual([step, 2])
    expect(existsSync(join(aside, '.replay'))).toBe(false)
  }
  expect(told.killed).toBeGreaterThan(3)
  expect(told.committed).toBeGreaterThan(0)
  expect(told.killed - told.committed).toBeGreaterThan(1)
})
