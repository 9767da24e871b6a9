import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createApi } from '@rowferry/api'
import { parseDatabase } from '@rowferry/connect'
import { migrate } from '@rowferry/migrate'
import type { TargetAddress } from '@rowferry/migrate'
import { sqlite } from '@rowferry/source-sqlite'
import { createDatabase } from '@rowferry/vitest-preset/database'
import Database from 'better-sqlite3'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from './workspace.ts'

const folder = mkdtempSync(join(tmpdir(), 'rowferry-three-ways-'))
const source = join(folder, 'app.db')

const CASES = {
  'a refusal': { options: {}, flags: [], outcome: 'refused' },
  'a crossing': {
    options: { map: [{ column: 'users.role', from: 'INDIVIDUAL', to: 'STUDENT' }] },
    flags: ['--map', 'users.role:INDIVIDUAL=STUDENT'],
    outcome: 'done',
  },
} as const

beforeAll(() => {
  const file = new Database(source)
  file.exec(`create table users (id integer primary key autoincrement, role text not null, active boolean, seen text);
    insert into users values (1, 'INDIVIDUAL', 1, '2024-01-02T03:04:05Z'), (2, 'TEACHER', 0, null), (3, 'INDIVIDUAL', null, null)`)
  file.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function target(): Promise<Awaited<ReturnType<typeof createDatabase>>> {
  const database = await createDatabase()
  const client = new pg.Client(database.url)
  await client.connect()
  await client.query(
    "create type role as enum ('STUDENT', 'TEACHER'); create table users (id bigint generated always as identity primary key, role role not null, active boolean, seen timestamptz)",
  )
  await client.end()
  return database
}

/** What may differ between runs: when it was, how long it took, which database and path were named, and by which words. */
function comparable(report: unknown): unknown {
  const timeless = JSON.stringify(report, (key, value: unknown) =>
    /^(ms|loadMs|verifyMs|\w*[rR]owsPerSecond|startedAt|label|line)$/.test(key) ? undefined : value,
  )
  return JSON.parse(timeless)
}

test.each(Object.entries(CASES))(
  '%s reads the same from the library, the command line and the API',
  { timeout: 60_000 },
  async (_, { options, flags, outcome }) => {
    await using forLibrary = await target()
    const library = await migrate({
      source: { adapter: sqlite, options: { path: source }, label: source },
      target: parseDatabase(forLibrary.url) as TargetAddress,
      options: { ...options, map: [...('map' in options ? options.map : [])] },
    })

    await using forCli = await target()
    const file = join(folder, `${outcome}.json`)
    const cli = promisify(execFile)(process.execPath, [
      '--conditions=@rowferry/source',
      join(root, 'apps/cli/src/bin.ts'),
      'migrate',
      source,
      forCli.url,
      '--report',
      file,
      '--quiet',
      ...flags,
    ])
    await cli.catch(() => {})
    const fromCli: unknown = JSON.parse(readFileSync(file, 'utf8'))

    await using forApi = await target()
    const { app, jobs } = createApi({ sourceRoot: folder })
    const started = await app.request('/v1/migrations', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ source: 'app.db', target: forApi.url, options }),
    })
    const { id } = (await started.json()) as { id: string }
    await jobs.idle()
    const { report: fromApi } = (await (await app.request(`/v1/migrations/${id}`)).json()) as { report: unknown }

    expect(library.outcome).toBe(outcome)
    expect(comparable(fromCli)).toEqual(comparable(library))
    expect(comparable(fromApi)).toEqual(comparable(library))
  },
)
