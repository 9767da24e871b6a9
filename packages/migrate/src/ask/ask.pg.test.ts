import { openSession } from '@rowferry/postgres'
import { sqlite } from '@rowferry/source-sqlite'
import { needs, supports } from '@rowferry/vitest-preset/features'
import pg from 'pg'
import { expect, test } from 'vitest'
import { rig } from '../../test/rig.ts'
import { migrate } from '../migrate-command.ts'
import { plan } from '../plan-command.ts'
import { openPlanAsking } from './ask-plan.ts'

const SOURCE = `
  create table parent (id integer primary key, code text, tag text);
  insert into parent values (1, 'a', 'A'), (2, 'b', 'a'), (3, 'x', 'c'), (4, 'c', null), (5, 'd', null);
  create table t (id integer primary key, n, mail, price text, flags text, ip text, span text, day text, parent, outside, at text, doc text, m);
  insert into t values
    (1, 1, 'Ann', '1.0', '101', '::1', '[1,5)', '2024-01-01', 'A', 7, '2024-01-01 00:00:00Z', '{"a":1,"b":2}', 1),
    (2, -1, 'ann', '1', '1010', 'x', '[4,9)', '2030-01-01', 'zz', 8, '2024-01-01 01:00:00+01:00', '{"b":2, "a":1}', 200),
    (3, 'two', 'É', '2', '1', '1.2.3.256', '[9,10)', '2024-02-01', null, 7, '2024-01-02 00:00:00Z', '[1]', 2),
    (4, 4, 'é', '3', '111', '::4', '[20,21)', '2024-03-01', 'C', null, null, null, -5);`
const TARGET = `
  create extension citext;
  create collation nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
  create domain small as int check (value > 0) constraint "VALUE" check (value < 100);
  create table outside (id int primary key); insert into outside values (7);
  create table parent (id int primary key, code varchar(3) unique, tag citext unique);
  create table t (id int primary key, n int check (n > 0), mail text collate nocase unique, price numeric unique, flags bit(3), ip inet,
    span int4range, day date, parent text references parent (code), outside int references outside, at timestamptz unique, doc jsonb, m small,
    exclude using gist (span with &&));
  create unique index by_doc on t ((doc -> 'a')) where id < 3;`

const summary = (
  findings: readonly {
    code: string
    severity: string
    table: string | null
    column: string | null
    count: number | null
    keys: readonly string[]
  }[],
) =>
  findings
    .filter(({ severity }) => severity === 'refuse')
    .map(({ code, table, column, count, keys }) => [table, code, column, count, keys.join('; ')])
    .toSorted((a, b) => (String(a) < String(b) ? -1 : 1))

const EVERYTHING = [
  ['parent', 'UNIQUE_VIOLATION', 'tag', 1, 'id=2'],
  ['t', 'CHECK_VIOLATION', 'n', 1, 'id=2'],
  ['t', 'DOMAIN_VIOLATION', 'm', 1, 'id=2'],
  ['t', 'DOMAIN_VIOLATION', 'm', 1, 'id=4'],
  ['t', 'EXCLUSION_VIOLATION', 'span', 1, 'id=2'],
  ['t', 'NOT_AN_INTEGER', 'n', 1, 'id=3'],
  ['t', 'ORPHANS', 'outside', 1, 'id=2'],
  ['t', 'ORPHANS', 'parent', 1, 'id=2'],
  ['t', 'SERVER_REFUSED', 'ip', 2, 'id=2; id=3'],
  ['t', 'UNIQUE_VIOLATION', 'at', 1, 'id=2'],
  ['t', 'UNIQUE_VIOLATION', 'id, doc', 1, 'id=2'],
  ['t', 'UNIQUE_VIOLATION', 'mail', 2, 'id=2; id=4'],
  ['t', 'UNIQUE_VIOLATION', 'price', 1, 'id=2'],
  ['t', 'WRONG_LENGTH', 'flags', 2, 'id=2; id=3'],
]
const MAP = [
  { column: 't.parent', from: 'A', to: 'a' },
  { column: 't.parent', from: 'C', to: 'c' },
]

test('a plan lists everything that the server would refuse, in order to mend it at once, and writes nothing', async (context) => {
  needs(context, 'record hashes')
  await using at = await rig(SOURCE, TARGET)
  // Not those of the whole database, where autovacuum writes as well
  const wrote = 'select relname, n_tup_ins, n_tup_upd, n_tup_del from pg_stat_user_tables order by 1'
  await at.rows('select pg_stat_force_next_flush()').catch(() => {})
  const before = await at.rows(wrote)
  const made = await plan(at.input({ map: MAP }))
  expect(made.report.error).toBeNull()
  expect(summary(made.report.findings)).toEqual(EVERYTHING)
  expect(made.report.findings.filter(({ severity, remedy }) => severity === 'refuse' && remedy === null)).toEqual([])
  expect(await at.rows(wrote)).toEqual(before)
})

test('a refused crossing lists the same', async (context) => {
  needs(context, 'record hashes')
  await using at = await rig(SOURCE, TARGET)
  const report = await migrate(at.input({ map: MAP }))
  expect(report).toMatchObject({ outcome: 'refused', exitCode: 1 })
  expect(summary(report.findings)).toEqual(EVERYTHING)
  expect(await at.rows('select (select count(*) from parent), (select count(*) from t)')).toEqual([['0', '0']])
})

test('a plan waits for no one, and no one waits for it', async (context) => {
  needs(context, 'record hashes')
  await using at = await rig(SOURCE, TARGET)
  const holder = new pg.Client({ connectionString: at.url })
  await holder.connect()
  const held: Promise<unknown>[] = []
  try {
    const made = await plan({
      ...at.input({ map: MAP, lockTimeoutMs: 500 }),
      onEvent(event) {
        if (event.type !== 'table' || event.phase !== 'check') return
        held.push(holder.query('begin; lock table t, parent, outside in exclusive mode; rollback'))
      },
    })
    expect(made.report.error).toBeNull()
    expect(summary(made.report.findings)).toEqual(EVERYTHING)
    expect(held.length).toBeGreaterThan(2)
    await Promise.all(held)
  } finally {
    await holder.end()
  }
})

const KEPT_SOURCE = `create table p (id integer primary key, name text); insert into p values (1, 'one'), (2, 'new');
  create table c (id integer primary key, p integer, mail text);
  insert into c values (10, 1, 'x@x'), (11, 5, 'a@a'), (12, 6, 'b@b'), (13, null, 'c@c');`
const KEPT_TARGET = `create extension citext; create table p (id int primary key, name text unique); insert into p values (5, 'five'), (1, 'old');
  create table c (id int primary key, p int references p, mail citext unique); insert into c values (10, 5, 'A@A'), (99, 1, 'zzz');`

test.each([
  [
    'append',
    [
      ['c', 'ORPHANS', 'p', 1, 'id=12'],
      ['c', 'UNIQUE_VIOLATION', 'id', 1, 'id=10'],
      ['c', 'UNIQUE_VIOLATION', 'mail', 1, 'id=11'],
      ['p', 'UNIQUE_VIOLATION', 'id', 1, 'id=1'],
    ],
  ],
  [
    'merge',
    [
      ['c', 'ORPHANS', 'p', 1, 'id=12'],
      ['c', 'UNIQUE_VIOLATION', 'mail', 1, 'id=11'],
    ],
  ],
  [
    'skip',
    [
      ['c', 'ORPHANS', 'p', 1, 'id=12'],
      ['c', 'UNIQUE_VIOLATION', 'mail', 1, 'id=11'],
    ],
  ],
] as const)('rows that stay in the target count too: %s', async (onExisting, expected) => {
  if (!supports('record hashes')) return
  await using at = await rig(KEPT_SOURCE, KEPT_TARGET)
  const made = await plan(at.input({ onExisting }))
  expect(made.report.error).toBeNull()
  expect(summary(made.report.findings)).toEqual(expected)
})

test('rows that no partition takes, values of arrays, computed and filled-in columns', async () => {
  await using at = await rig(
    `create table t (a integer, tags text, n integer);
     insert into t values (1, '{"{1,2}"}', 1), (15, '{3}', 2), (25, '{}', 3), (null, null, -4);`,
    `create table t (a int, tags text[] check (cardinality(tags) > 0), n int, twice int generated always as (n * 2) stored check (twice > -5),
       kind text default 'plain' check (kind <> 'odd'), serial serial check (serial > 0), unique (kind, a)) partition by range (a);
     create table t0 partition of t for values from (0) to (10);
     create table t1 partition of t for values from (10) to (30) partition by list (a);
     create table t10 partition of t1 for values in (15, 16)`,
  )
  const made = await plan(at.input())
  expect(made.report.error).toBeNull()
  expect(summary(made.report.findings)).toEqual([
    ['t', 'CHECK_VIOLATION', null, 1, 'rowid=4'],
    ['t', 'CHECK_VIOLATION', 'tags', 1, 'rowid=3'],
    ['t', 'NO_PARTITION', 'a', 2, 'rowid=3; rowid=4'],
  ])
  expect(made.report.findings).toContainEqual(
    expect.objectContaining({
      code: 'CHECKED_BY_SERVER',
      severity: 'note',
      message: expect.stringContaining('t_serial_check'),
    }),
  )
})

test('a table that is to be made: what its keys would meet', async (context) => {
  needs(context, 'record hashes')
  await using at = await rig(
    `create table t (k primary key, v); insert into t values (1, 'a'), ('1', 'b'), (2.0, 'c'); create table u (k text primary key); insert into u values ('a'), ('A')`,
  )
  const made = await plan(at.input())
  expect(made.report.error).toBeNull()
  expect(summary(made.report.findings)).toEqual([['t', 'UNIQUE_VIOLATION', 'k', 1, 'k=1']])
})

test('what raises for one row raises for it alone, and what cannot be asked is said once', async () => {
  await using at = await rig(
    `create table t (id integer primary key, a integer, s text); insert into t values (1, 0, 'x'), (2, 1, 'y'), (3, 2, 'z'), (4, 0, 'x')`,
    `create sequence q; create function odd(v int) returns boolean language plpgsql as $$ begin if v = 2 then raise 'two'; end if; return true; end $$;
     create function count_up() returns boolean language sql as $$ select nextval('public.q') > 0 $$;
     create table t (id int primary key, a int check (10 / a > 0), check (public.odd(a)), check (public.count_up()), s text check (s <> 'y'))`,
  )
  const made = await plan(at.input())
  expect(made.report.error).toBeNull()
  expect(summary(made.report.findings)).toEqual([
    ['t', 'CHECK_VIOLATION', 's', 1, 'id=2'],
    ['t', 'SERVER_REFUSED', null, 1, 'id=3'],
    ['t', 'SERVER_REFUSED', null, 2, 'id=1; id=4'],
  ])
  const notes = made.report.findings.filter(({ code }) => code === 'CHECKED_BY_SERVER')
  expect(notes).toHaveLength(1)
  expect(notes[0]!.message).toContain('nextval')
  expect(await at.rows('select is_called from q')).toEqual([['f']])
})

test('nothing is asked where the source itself promises it', async () => {
  await using at = await rig(
    `create table t (id integer primary key, name text unique, other varchar(9)); create unique index o on t (other, name); insert into t values (1, 'a', 'b'), (2, 'b', 'b')`,
    'create table t (id bigint primary key, name text unique, other text, unique (other, name))',
  )
  const session = await openSession(at.target)
  const source = await sqlite.open({ path: at.path })
  try {
    const made = (await plan(at.input())).plan!
    const asking = await openPlanAsking({
      plan: made,
      source,
      session,
      inSource: () => true,
      request: (table) => ({ table, source }),
    })
    expect(made.tables.map(asking.onRows)).toEqual([undefined])
    expect(await asking.finish()).toEqual([])
  } finally {
    await session.close()
    await source.close()
  }
})
