import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'
import { plan } from './plan-command.ts'

const checks = `select pg_get_constraintdef(oid) from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace order by conname`

test('checks and predicates are tried on every row of both sides, and made where they come to the same', async () => {
  await using at = await rig(`create table t (id integer primary key, n integer check (n > 0) -- more than nothing
      , s text, big as (n > 4), constraint named check (s <> '' or n is null), check (typeof(n) in ('integer', 'null') and n < 100));
    create index few on t (s) where n > 2; create table keyless (a text check (length(a) < 9), b text); create unique index some on keyless (a) where b = 'x';
    insert into t values (1, 5, 'a'), (2, null, ''), (3, 2, null); insert into keyless values ('a', 'x'), ('a', 'y'), (null, null);`)
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'done', error: null, notCarried: [] })
  expect((await at.rows(checks)).length).toBe(4)
  expect(await at.rows("select indexname from pg_indexes where indexdef like '%WHERE%' order by 1")).toEqual([
    ['few'],
    ['some'],
  ])
})

/** As an older version of the application may have left it. */
function rewrite(path: string, from: string, to: string): void {
  const file = new Database(path).unsafeMode()
  file.pragma('writable_schema = on')
  file.prepare('update sqlite_schema set sql = replace(sql, ?, ?)').run(from, to)
  file.close()
}

test('a row that breaks a check on both sides is refused, told and set aside by its key', async () => {
  await using at = await rig(
    `create table t (id integer primary key, n integer check (n > 3)); insert into t values (1, 5);`,
  )
  rewrite(at.path, 'n > 3', 'n > 7')
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'refused', findings: [{ severity: 'refuse', table: 't' }] })
  expect(await migrate(at.input({ onBadRow: 'quarantine', quarantineDir: `${at.folder}/aside` }))).toMatchObject({
    outcome: 'partial',
    tables: [{ rejected: 1 }],
  })
})

test('what comes to something else for a row is left off, and the row is told', async () => {
  await using at = await rig(`create table t (id integer primary key, n integer, check (n < 9), check (n <> 3));
    create index late on t (n) where n > 1; insert into t values (4, 1), (7, 2), (8, null);`)
  const planned = (await plan(at.input())).plan!
  // As a translation would be that is wrong for these rows
  const wrong = JSON.parse(
    JSON.stringify(planned).replaceAll('\\"n\\" < 9', '\\"n\\" < 2').replaceAll('\\"n\\" > 1', '\\"n\\" > 0'),
  )
  const report = await migrate({ ...at.input(), plan: wrong })
  expect(report).toMatchObject({ outcome: 'done', error: null })
  expect(report.notCarried.toSorted((a, b) => (a.object < b.object ? -1 : 1))).toEqual([
    {
      object: 'check on t',
      definition: 'CHECK (n < 9)',
      why: 'id=7 passes it only in SQLite',
      suggestion: '("n" < 2)',
    },
    {
      object: 'index late',
      definition: 'WHERE n > 1',
      why: 'id=4 belongs to it only in PostgreSQL',
      suggestion: '("n" > 0)',
    },
  ])
  expect(await at.rows(checks)).toEqual([['CHECK ((n <> 3))']])
  expect(await at.rows("select indexname from pg_indexes where indexname = 'late'")).toEqual([])
})
