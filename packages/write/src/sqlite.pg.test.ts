import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqlite } from '@rowferry/source-sqlite'
import { useDatabase } from '@rowferry/vitest-preset/database'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTarget, planOf, rowsOf } from '../test/target.ts'
import { checkTable } from './check.ts'
import { writeGuarded } from './guarded.ts'
import { openQuarantine } from './quarantine.ts'
import type { Reject } from './reject.ts'
import { writeTable } from './write-table.ts'

const database = useDatabase()
let home: string
let path: string

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'rowferry-write-'))
  path = join(home, 'app.db')
  const file = new Database(path)
  file.exec(`
    create table t (v, n integer);
    insert into t values
      (1, 1), (1.0, 1), (9223372036854775807, 9007199254740993), (-0.0, 1), (0.1, 1), (9e999, 1), (null, 1), ('', 1), ('a' || char(0, 10, 8232) || 'é', 1),
      (x'00ff', 1), (x'', 1), (cast(x'61ff' as text), 1), ('fits', 9007199254740993);
    create table numbers (id integer primary key, name text not null);
    insert into numbers with recursive n (i) as (select 1 union all select i + 1 from n where i < 30000) select i, 'name ' || i from n;`)
  file.close()
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** What SQLite's own literal says of a value. */
function literal({ class: storageClass, value }: Reject['values'][number]): string {
  if (value === null) return 'null NULL'
  if (typeof value === 'object') return `${storageClass} ${Buffer.from(value.base64, 'base64').toString('hex')}`
  return `${storageClass} ${value}`
}

test('a quarantine holds exactly what SQLite held: class and bytes', async () => {
  await using session = await openTarget(database.url, 'create table t (v text, n int)')
  const source = await sqlite.open({ path })
  const quarantine = await openQuarantine(join(home, 'aside'))
  // Integers past int4 and everything that is no text of valid bytes go aside; so that all do, n takes no 1 either
  await session.query('alter table public.t add check (n <> 1)')
  const table = await planOf(session, 't', { key: [], targetKey: [], rowIdentifier: 'rowid', classedIntegers: true })
  const written = await writeGuarded({ table, source, session, onReject: (reject) => quarantine.add(reject) })
  await source.close()
  expect(written).toMatchObject({ read: 13, written: 0, rejected: 13 })
  const [file] = await quarantine.publish()
  const rejects = readFileSync(file!, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Reject)
  expect(rejects.map(({ row }) => row).toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))).toEqual(
    Array.from({ length: 13 }, (_, index) => `rowid=${index + 1}`),
  )
  const told = new Map(rejects.map(({ row, values: [v, n] }) => [row, [literal(v!), literal(n!)]]))
  expect(Object.fromEntries(told)).toEqual({
    'rowid=1': ['integer 1', 'integer 1'],
    'rowid=2': ['real 1.0', 'integer 1'],
    'rowid=3': ['integer 9223372036854775807', 'integer 9007199254740993'],
    'rowid=4': [expect.stringMatching(/^real -?0\.0$/), 'integer 1'],
    'rowid=5': ['real 0.1', 'integer 1'],
    'rowid=6': ['real Infinity', 'integer 1'],
    'rowid=7': ['null NULL', 'integer 1'],
    'rowid=8': ['text ', 'integer 1'],
    'rowid=9': ['text a\0\n\u2028é', 'integer 1'],
    'rowid=10': ['blob 00ff', 'integer 1'],
    'rowid=11': ['blob ', 'integer 1'],
    'rowid=12': ['invalid text 61ff', 'integer 1'],
    'rowid=13': ['text fits', 'integer 9007199254740993'],
  })
})

test('check and load agree on a file of thirty thousand rows', async () => {
  await using session = await openTarget(database.url, 'create table numbers (id bigint primary key, name text)')
  const source = await sqlite.open({ path })
  const table = await planOf(session, 'numbers')
  expect(await checkTable({ table, source })).toEqual({ rows: 30_000, misfitRows: 0, findings: [], changed: [] })
  expect(await writeTable({ table, source, session, freeze: false })).toMatchObject({
    outcome: 'written',
    read: 30_000,
    written: 30_000,
  })
  await source.close()
  expect(
    await rowsOf(session, "select count(*) as rows, bool_and(name = 'name ' || id) as same from public.numbers"),
  ).toEqual([['30000', 't']])
})
