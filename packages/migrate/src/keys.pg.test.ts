import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'

const CONSTRAINTS =
  "select conrelid::regclass::text, contype, pg_get_constraintdef(oid) from pg_constraint where contype in ('f', 'p', 'u') and connamespace = 'public'::regnamespace order by 1, 2, 3"

test('a primary key that holds NULL becomes a unique key, and foreign keys to it stay', async () => {
  await using at = await rig(`
    create table p (code text primary key, v text); create table k (id integer primary key, code text references p);
    insert into p values ('a', 'x'), (null, 'y'), (null, 'z'); insert into k values (1, 'a'), (2, null)`)
  const report = await migrate(at.input())
  expect(report.error).toBeNull()
  expect(report.notCarried.map((each) => each.object)).toEqual(['primary key of p'])
  expect(await at.rows(CONSTRAINTS)).toEqual([
    ['k', 'f', 'FOREIGN KEY (code) REFERENCES p(code)'],
    ['k', 'p', 'PRIMARY KEY (id)'],
    ['p', 'u', 'UNIQUE (code)'],
  ])
})

test('a key over json, which PostgreSQL does not compare, is left off and said', async () => {
  await using at = await rig(`
    create table p (doc json primary key, other json unique); create table k (doc json references p);
    insert into p values ('{"a":1,"a":2}', '{"b":1,"b":1}'); insert into k values ('{"a":1,"a":2}')`)
  const report = await migrate(at.input())
  expect(report.error).toBeNull()
  expect(report.notCarried.map((each) => each.object)).toEqual(
    expect.arrayContaining(['unique key of p', 'unique key of p', 'foreign key k(doc)']),
  )
  expect(await at.rows(CONSTRAINTS)).toEqual([])
})

test('a column takes the type of the column that it references', async () => {
  const id = '550e8400-e29b-41d4-a716-446655440000'
  await using at = await rig(`
    create table child (id integer primary key, bare references p, uid char(36) references u(id), up references child, "by" text references p(id), odd text references p);
    create table p (id integer primary key); create table u (id uuid primary key);
    insert into p values (1), (2); insert into u values ('${id}');
    insert into child values (1, 2, '${id}', null, '1', null), (2, null, null, 1, null, null)`)
  expect(await migrate(at.input())).toMatchObject({ outcome: 'done', notCarried: [] })
  expect(
    await at.rows(
      "select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'child'::regclass and attnum > 1 order by attnum",
    ),
  ).toEqual([
    ['bare', 'bigint'],
    ['uid', 'uuid'],
    ['up', 'bigint'],
    ['by', 'bigint'],
    ['odd', 'bigint'],
  ])
  expect(await at.rows("select count(*) from pg_constraint where contype = 'f'")).toEqual([['5']])
})

test('a reference that the type of its parent cannot hold keeps a type of its own, and the foreign key is said to be lost', async () => {
  await using at = await rig(`
    create table p (id integer primary key); create table k (p references p); insert into p values (1); insert into k values (1), ('one')`)
  const report = await migrate(at.input())
  expect(report.error).toBeNull()
  expect(report.notCarried.map((each) => each.object)).toEqual(['foreign key k(p)'])
  expect(await at.rows('select p from k order by p')).toEqual([['1'], ['one']])
})

test('1 and 1.0 stay apart in ANY columns of STRICT tables', async () => {
  await using at = await rig(
    "create table t (id integer primary key, v any) strict; insert into t values (1, 1), (2, 1.0), (3, 'x'), (4, 1e15)",
  )
  expect(await migrate(at.input())).toMatchObject({ outcome: 'done' })
  expect(await at.rows('select v from t order by id')).toEqual([['1'], ['1.0'], ['x'], ['1000000000000000.0']])
})

test('1 and 1.0 stay apart under a domain over a domain over text', async () => {
  await using at = await rig(
    'create table t (id integer primary key, v); insert into t values (1, 1), (2, 1.0)',
    'create domain inner_text as text; create domain outer_text as inner_text; create table t (id bigint primary key, v outer_text)',
  )
  expect(await migrate(at.input())).toMatchObject({ outcome: 'done' })
  expect(await at.rows('select v from t order by id')).toEqual([['1'], ['1.0']])
})

test('a quarantine needs no key of a table, not even for rows without a parent', async () => {
  const source = (rows: string) =>
    `create table p (id integer primary key); create table k (p integer references p, n integer); insert into p values (1), (2); insert into k values ${rows}`
  const target = 'create table p (id bigint primary key); create table k (p bigint references p, n integer)'
  await using good = await rig(source("(1, 1), (2, 'two')"), target)
  const quarantine = (folder: string) => ({
    onBadRow: 'quarantine' as const,
    quarantineDir: join(folder, 'quarantine'),
  })
  expect(await migrate(good.input(quarantine(good.folder)))).toMatchObject({
    outcome: 'partial',
    totals: { read: 4, written: 3, rejected: 1 },
  })
  await using bad = await rig(source('(1, 1), (3, 2)'), target)
  expect(await migrate(bad.input(quarantine(bad.folder)))).toMatchObject({ error: null, exitCode: 2 })
  expect(await bad.rows('select * from k')).toEqual([['1', '1']])
})
