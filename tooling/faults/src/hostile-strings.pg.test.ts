import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { createApi } from '@rowferry/api'
import { createRedactor, parseDatabase, secretsOf } from '@rowferry/connect'
import { crossingOptionsSchema, migrate, type TargetAddress } from '@rowferry/migrate'
import { sqlite } from '@rowferry/source-sqlite'
import { createDatabase } from '@rowferry/vitest-preset/database'
import Database from 'better-sqlite3'
import pg from 'pg'
import { expect, test } from 'vitest'
import { figures, points } from './figures.ts'
import { hostileString } from './hostile.ts'
import { randomNumbers } from './random.ts'

const timeout = 1_800_000
const SECRET = 'zX9-hidden-Qw7'

/** Values and names: everything that the source holds goes over, and comes back as it was. */
async function cross(sql: (db: Database.Database) => void) {
  const folder = mkdtempSync(join(tmpdir(), 'rowferry-hostile-'))
  const path = join(folder, 'source.db')
  const db = new Database(path)
  sql(db)
  db.close()
  const database = await createDatabase()
  const client = new pg.Client(database.url)
  await client.connect()
  await client.query('create table canary (id int); insert into canary values (1)')
  const target = parseDatabase(database.url, { env: {} }) as TargetAddress
  const report = await migrate({
    source: { adapter: sqlite, options: { path }, label: path },
    target,
    options: { missingTables: 'create' },
  })
  return {
    report,
    client,
    async [Symbol.asyncDispose]() {
      expect((await client.query('select * from canary')).rows).toEqual([{ id: 1 }])
      await client.end()
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const values = figures('hostile values')
test('values arrive as they are', { timeout }, async () => {
  const below = randomNumbers(31)
  const all = Array.from({ length: points(50_000, 1500) }, () => hostileString(below))
  await using crossed = await cross((db) => {
    db.exec('create table t (id integer primary key, v text)')
    const insert = db.prepare('insert into t (v) values (?)')
    db.transaction(() => all.forEach((value) => insert.run(value)))()
  })
  expect(crossed.report).toMatchObject({ outcome: 'done', error: null })
  const { rows } = await crossed.client.query<{ v: string }>('select v from t order by id')
  for (const [at, value] of all.entries()) {
    expect(rows[at]?.v).toBe(value)
    values('exact')
  }
})

const names = figures('hostile names of tables, columns, indexes, keys')
test('names are carried, or refused by name', { timeout }, async () => {
  const below = randomNumbers(32)
  const all = points(300, 6)
  for (let table = 0; table < all; table++) {
    const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
    // SQLite's names are the same whatever the case of their letters, and PostgreSQL cuts those past 63 bytes
    const fresh = new Set(['', 'canary'])
    const name = (): string => {
      for (;;) {
        const made = hostileString(below, 4)
        const folded = made.toLowerCase().trim()
        if (fresh.has(folded) || folded.startsWith('sqlite_') || Buffer.byteLength(made) > 50) continue
        fresh.add(folded)
        return made
      }
    }
    const [first, second, index, check] = [name(), name(), name(), name()]
    const columns = Array.from({ length: 8 }, name)
    await using crossed = await cross((db) => {
      db.exec(`create table ${quoted(first)} (id integer primary key, ${columns.map((column) => `${quoted(column)} text`).join(', ')},
          constraint ${quoted(check)} check (${quoted(columns[0]!)} <> ''));
        create table ${quoted(second)} (id integer primary key references ${quoted(first)} (id), ${quoted(columns[1]!)} text default 'x''y');
        create index ${quoted(index)} on ${quoted(first)} (${quoted(columns[2]!)});`)
      db.prepare(`insert into ${quoted(first)} values (1, ${columns.map(() => '?').join(', ')})`).run(...columns)
      db.prepare(`insert into ${quoted(second)} values (1, ?)`).run(second)
    })
    const { report, client } = crossed
    const isCarried = report.outcome === 'done' || report.outcome === 'partial'
    const { rows, fields } = isCarried
      ? await client.query({ text: `select * from public.${quoted(first)}`, rowMode: 'array' })
      : { rows: [['1', ...columns]], fields: ['id', ...columns].map((column) => ({ name: column })) }
    expect(['done', 'partial', 'refused']).toContain(report.outcome)
    expect(report.findings.filter(({ severity, remedy }) => severity === 'refuse' && remedy === null)).toEqual([])
    expect(rows).toEqual([['1', ...columns]])
    // PostgreSQL has a column of its own by this name
    const allowed = (column: string): string => (isCarried && column === 'ctid' ? 'ctid_' : column)
    expect(fields.slice(1).map((field) => field.name)).toEqual(columns.map(allowed))
    const outcome = isCarried ? 'carried' : 'refused by name'
    for (let each = 0; each < 12; each++) names(outcome)
  }
})

/** All that is told of such a URL: what it was understood as, its secrets cut out, or why it was not. */
function saidOf(written: string, password: string): string {
  try {
    const address = parseDatabase(`postgres://me:${written}@db.example.com:5433/shop?application_name=a`, { env: {} })
    if (written === encodeURIComponent(password) && !('password' in address && address.password === password))
      throw new TypeError('understood as another')
    const redact = createRedactor(secretsOf(address), [address.label])
    return redact(`${address.label} ${password} ${encodeURIComponent(password)} ${JSON.stringify(password)}`)
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || !String(error.code).startsWith('URL_')) throw error
    return inspect(error, { depth: 9, showHidden: true }).replaceAll(/^\s+at .*$/gm, '')
  }
}

const urls = figures('hostile passwords, in URLs as they are, encoded, and told back')
test('passwords in URLs: understood or refused, and never told', () => {
  const below = randomNumbers(33)
  for (let point = 0; point < points(30_000, 1500); point++) {
    const password = hostileString(below, 3) + SECRET + hostileString(below, 3)
    const written = point % 2 === 0 ? password : encodeURIComponent(password)
    const said = saidOf(written, password)
    expect(said).not.toContain(SECRET)
    urls(said.startsWith('postgres://') ? 'understood' : 'refused')
  }
})

const options = figures('hostile options, as a configuration holds them')
test('options are taken as they are, or refused', () => {
  const below = randomNumbers(34)
  const rule = (): unknown => {
    const [one, two] = [hostileString(below), hostileString(below)]
    const rules: Record<string, unknown>[] = [
      { tables: [one], schema: two },
      { rename: [{ from: one, to: two }] },
      { map: [{ column: `${one}.x`, from: one, to: two }] },
      { [one]: two },
      { timezone: one, quarantineDir: two },
      { cast: [{ column: `t.${one}`, type: two }] },
    ]
    return rules[below(rules.length)]
  }
  for (let point = 0; point < points(12_000, 500); point++) {
    const parsed = crossingOptionsSchema.safeParse(rule())
    options(parsed.success ? 'taken' : 'refused')
  }
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

const bodies = figures('hostile bodies of API requests')
test('the API answers every body with what it means, and tells nothing', { timeout }, async () => {
  const below = randomNumbers(35)
  const folder = mkdtempSync(join(tmpdir(), 'rowferry-hostile-'))
  const api = createApi({
    sourceRoot: folder,
    token: 'a-token-long-enough',
    targets: { main: `postgres://me:${SECRET}@127.0.0.1:1/none` },
  })
  for (let point = 0; point < points(8000, 300); point++) {
    const [one, two] = [hostileString(below), hostileString(below)]
    const body = [
      JSON.stringify({ source: one, target: two }),
      JSON.stringify({ source: `../${one}`, target: 'main' }),
      JSON.stringify({ source: one, target: `postgres://me:${SECRET}${two}@host/db` }),
      JSON.stringify({ source: one, target: 'main', options: { [two]: one } }),
      one + two,
    ][below(5)]!
    const answer = await api.app.request(point % 2 === 0 ? '/v1/plans' : '/v1/migrations', {
      method: 'POST',
      headers: { authorization: 'Bearer a-token-long-enough', 'content-type': 'application/json' },
      body,
    })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    const text = await answer.text()
    expect(text).not.toContain(SECRET)
    expect(text).not.toMatch(/\n\s+at /)
    bodies(`refused with ${answer.status}`)
  }
  rmSync(folder, { recursive: true })
})
