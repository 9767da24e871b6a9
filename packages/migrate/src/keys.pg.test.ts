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

test('a key over JSON texts keeps apart what jsonb would hold equal', async () => {
  await using at = await rig(`
    create table p (doc json primary key, other json); create unique index p_other on p (other); create table k (doc json references p);
    insert into p values ('{"a":1}', '{"b":1,"b":1}'), ('{"a": 1}', '{"b":1}'); insert into k values ('{"a": 1}')`)
  expect(await migrate(at.input())).toMatchObject({ outcome: 'done', notCarried: [] })
  expect(await at.rows(CONSTRAINTS)).toEqual([
    ['k', 'f', 'FOREIGN KEY (doc) REFERENCES p(doc)'],
    ['p', 'p', 'PRIMARY KEY (doc)'],
  ])
  expect(await at.rows('select doc from k')).toEqual([['{"a": 1}']])
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

const LOOSE = `create table p (code text primary key); create table k (code text primary key, p text references p, v);
  insert into p values ('x'); insert into k values ('a', 'x', 1), ('b', 'gone', 2), ('c', 'x', 3), (null, 'x', 4), (null, 'x', 5)`
const FIRM =
  'create table p (code text primary key); create table k (code text primary key, p text references p, v integer)'

test('rows are named by a primary key in which SQLite would have taken NULL, where the target takes none', async () => {
  await using at = await rig(LOOSE, FIRM)
  const report = await migrate(at.input({ onBadRow: 'quarantine', quarantineDir: join(at.folder, 'quarantine') }))
  expect(report.error).toBeNull()
  expect(report).toMatchObject({ outcome: 'partial', totals: { read: 6, written: 3, rejected: 3 } })
  expect(await at.rows('select code, v from k order by 1')).toEqual([
    ['a', '1'],
    ['c', '3'],
  ])
})

test('skip keeps a row that differs, also under such a key', async () => {
  await using at = await rig(
    "create table t (code text primary key, v); insert into t values ('a', 1), ('b', 2)",
    "create table t (code text primary key, v integer); insert into t values ('a', 9)",
  )
  expect(await migrate(at.input({ onExisting: 'skip' }))).toMatchObject({ outcome: 'done', totals: { kept: 1 } })
  expect(await at.rows('select * from t order by 1')).toEqual([
    ['a', '9'],
    ['b', '2'],
  ])
})

test.each(['skip', 'merge'] as const)(
  '%s by a deferrable key is refused before anything is asked',
  async (onExisting) => {
    await using at = await rig(
      'create table t (id integer primary key); insert into t values (1)',
      'create table t (id bigint primary key deferrable)',
    )
    const report = await migrate(at.input({ onExisting }))
    expect(report).toMatchObject({ outcome: 'refused', error: null })
    expect(report.findings.map((each) => each.code)).toEqual(['KEY_DEFERRABLE'])
  },
)

test.each([
  'create view t as select 1 as id',
  'create sequence t',
  'create table other (id integer); create index t on other (id)',
])('a table is not made under a name that is taken: %s', async (sql) => {
  await using at = await rig('create table t (id integer primary key)', sql)
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'refused', error: null })
  expect(report.findings.map((each) => each.code)).toEqual(['NAME_TAKEN'])
})

test('a created table may reference one that was there, whose schema stays as it was', async () => {
  await using at = await rig(
    'create table p (id integer primary key); create table q (id integer primary key, p references p); insert into p values (1); insert into q values (7, 1)',
    'create table p (id integer primary key)',
  )
  const report = await migrate(at.input({ missingTables: 'create' }))
  expect(report.error).toBeNull()
  expect(report.outcome).toBe('done')
  expect(await at.rows(CONSTRAINTS)).toEqual([
    ['p', 'p', 'PRIMARY KEY (id)'],
    ['q', 'f', 'FOREIGN KEY (p) REFERENCES p(id)'],
    ['q', 'p', 'PRIMARY KEY (id)'],
  ])
})

test('MATCH FULL: a reference that is NULL only in part is set aside', async () => {
  await using at = await rig(
    'create table parent (a integer, b integer, primary key (a, b)); insert into parent values (1, 1); create table child (id integer primary key, a integer, b integer); insert into child values (1, 1, null), (2, 1, 1), (3, null, null)',
    'create table parent (a integer, b integer, primary key (a, b)); create table child (id integer primary key, a integer, b integer, foreign key (a, b) references parent match full)',
  )
  const report = await migrate(at.input({ onBadRow: 'quarantine', quarantineDir: join(at.folder, 'aside') }))
  expect(report.error).toBeNull()
  expect(report.findings).toMatchObject([{ code: 'ORPHANS', keys: ['id=1'] }])
  expect(await at.rows('select id from child order by id')).toEqual([['2'], ['3']])
})
