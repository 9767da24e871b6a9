import { expect, test } from 'vitest'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'
import { plan } from './plan-command.ts'
import { verify } from './verify-command.ts'

const told = (findings: readonly { severity: string; code: string; table: string | null }[]) =>
  findings.map(({ severity, code, table }) => [severity, code, table])

test('partitions of every kind, inheritance, generated columns, loose sequences, domains and composites take their rows', async () => {
  await using at = await rig(
    `create table by_day (id integer, day text); insert into by_day values (1, '2024-01-01'), (2, '2025-06-01');
     create table by_key (id integer, k text); insert into by_key values (1, 'a'), (2, null), (3, 'b'), (4, 'a');
     create table base (id integer, k text); insert into base values (1, 'x');
     create table child (id integer, k text, extra integer); insert into child values (2, 'y', 7);
     create table always (id integer primary key autoincrement, a integer, double integer); insert into always values (5, 2, 4);
     create table loose (id integer, k text); insert into loose values (41, 'z');
     create table domains (id integer, k text, n integer); insert into domains values (1, 'a', 0);
     create table points (id integer, p text); insert into points values (1, '(1,"a b")'), (2, null);
     create table span (d text); insert into span values ('[2024-01-01,2024-02-01)'), ('[2024-02-01,2024-03-01)');
     create table scratch (id integer); insert into scratch values (1);`,
    `create table by_day (id int, day date) partition by range (day);
     create table day_24 partition of by_day for values from ('2024-01-01') to ('2025-01-01');
     create table day_25 partition of by_day for values from ('2025-01-01') to ('2026-01-01');
     create table by_key (id int, k text) partition by list (k);
     create table key_a partition of by_key for values in ('a') partition by hash (id);
     create table key_a0 partition of key_a for values with (modulus 2, remainder 0);
     create table key_a1 partition of key_a for values with (modulus 2, remainder 1);
     create table key_rest partition of by_key default;
     create table base (id int, k text); create table child (extra int) inherits (base);
     create table always (id int generated always as identity primary key, a int, double int generated always as (a * 2) stored);
     create sequence loose_ids; create table loose (id int default nextval('loose_ids'), k text);
     create domain letter as text check (value ~ '^[a-z]$'); create domain whole as int not null;
     create table domains (id int, k letter, n whole);
     create type point_name as (x int, name varchar(5)); create table points (id int, p point_name);
     create table span (d daterange, exclude using gist (d with &&));
     create unlogged table scratch (id int);
     create materialized view counted as select count(*) from base`,
  )
  const input = at.input()
  const report = await migrate(input)
  expect(told(report.findings)).toEqual([['warning', 'TARGET_UNLOGGED', 'scratch']])
  expect(report).toMatchObject({ outcome: 'done', exitCode: 0 })
  expect(await at.rows('select tableoid::regclass, id from by_key order by id')).toEqual([
    [expect.stringMatching(/^key_a[01]$/), '1'],
    ['key_rest', '2'],
    ['key_rest', '3'],
    [expect.stringMatching(/^key_a[01]$/), '4'],
  ])
  expect(await at.rows('select tableoid::regclass, id from base order by id')).toEqual([
    ['base', '1'],
    ['child', '2'],
  ])
  expect(await at.rows('insert into always (a) values (1) returning id, double')).toEqual([['6', '2']])
  expect(await at.rows("insert into loose (k) values ('n') returning id")).toEqual([['42']])
  expect(await at.rows('select * from counted')).toEqual([['0']])
  await at.rows('delete from always where id > 5; delete from loose where id > 41')
  expect(await verify(input)).toMatchObject({ outcome: 'done' })
})

test('what would not take the rows, or take them elsewhere, is refused before anything is written, all at once', async () => {
  const names = ['by_day', 'instead', 'also', 'remote', 'remote_part', 'seen', 'gathered', 'plain', 'span']
  await using at = await rig(
    names.map((name) => `create table ${name} (id integer, k text); insert into ${name} values (1, 'a');`).join('\n') +
      `update by_day set k = '2027-01-01'; update span set k = '[1,5)'; insert into span values (2, '[4,9)');`,
    `create table by_day (id int, k date) partition by range (k);
     create table day_24 partition of by_day for values from ('2024-01-01') to ('2025-01-01');
     create table instead (id int, k text); create rule nothing as on insert to instead do instead nothing;
     create table also (id int, k text); create rule twice as on insert to also do also insert into plain values (new.id, new.k);
     create foreign data wrapper nowhere; create server far foreign data wrapper nowhere;
     create foreign table remote (id int, k text) server far;
     create table remote_part (id int, k text) partition by list (k); create foreign table far_part partition of remote_part default server far;
     create table span (id int, k int4range, exclude using gist (k with &&))`
      .replace('create table also', 'create table plain (id int, k text); create table also')
      .concat('; create view seen as select * from plain; create materialized view gathered as select * from plain'),
  )
  const { report } = await plan(at.input())
  expect(report).toMatchObject({ outcome: 'refused', exitCode: 1 })
  expect(new Set(told(report.findings).map((each) => each.join(' ')))).toEqual(
    new Set([
      'refuse TARGET_IS_VIEW seen',
      'refuse TARGET_IS_VIEW gathered',
      'refuse TARGET_HAS_RULES instead',
      'refuse TARGET_HAS_RULES also',
      'refuse TARGET_IS_FOREIGN remote',
      'refuse TARGET_IS_FOREIGN remote_part',
      'refuse NO_PARTITION by_day',
      'refuse EXCLUSION_VIOLATION span',
    ]),
  )
})

test('rows of inheriting tables are none of a truncated one, and stay', async () => {
  await using at = await rig(
    "create table base (id integer, k text); insert into base values (1, 'new')",
    `create table base (id int, k text); insert into base values (1, 'old');
     create table child () inherits (base); insert into child values (2, 'kept')`,
  )
  expect(await migrate(at.input({ onExisting: 'truncate' }))).toMatchObject({ outcome: 'done' })
  expect(await at.rows('select k from base order by id')).toEqual([['new'], ['kept']])
})

test('names of the chosen schema go before those of any other', async () => {
  await using at = await rig(
    "create table t (id integer primary key, mood text, label text); insert into t values (1, 'calm', 'x')",
    `create schema app; create type app.mood as enum ('calm'); create type public.mood as enum ('wild');
     create domain app.text as int; create function app.lower(pg_catalog.text) returns pg_catalog.text language sql as $$ select 'wrong' $$;
     create table public.t (id int, mood public.mood); insert into public.t values (9, 'wild');
     create table app.t (id int primary key, mood app.mood default 'calm'::app.mood, label pg_catalog.text)`,
  )
  const input = at.input({ schema: 'app' })
  expect(await migrate(input)).toMatchObject({ outcome: 'done', findings: [] })
  expect(await verify(input)).toMatchObject({ outcome: 'done' })
  expect(await at.rows('select id, mood, label from app.t')).toEqual([['1', 'calm', 'x']])
  expect(await at.rows('select id, mood from public.t')).toEqual([['9', 'wild']])
})

test('a column that the target computes otherwise is named, also without a key', async () => {
  await using at = await rig(
    'create table g (a integer, b integer); insert into g values (1, 3)',
    'create table g (a int, b int generated always as (a * 2) stored)',
  )
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'different', exitCode: 4 })
  expect(report.error?.remedy).toMatch(/^the target computes b itself/)
  expect(await at.rows('select count(*) from g')).toEqual([['0']])
})

test('a CHECK that lists what a column may hold is told like an enum: values with counts, and what each may have meant', async () => {
  await using at = await rig(
    `create table t (id integer primary key, role text);
     insert into t (role) values ('admin'), ('Guest'), ('Guest'), ('INDIVIDUAL'), (null)`,
    "create table t (id int primary key, role varchar(20) check (role in ('admin', 'guest', 'member')))",
  )
  const { report } = await plan(at.input())
  expect(report.findings).toMatchObject([
    {
      code: 'CHECK_VIOLATION',
      count: 3,
      examples: ['"Guest" (2×)', '"INDIVIDUAL" (1×)'],
      message: expect.stringContaining('the target takes only admin, guest, member'),
      remedy: expect.stringContaining("--map 't.role:Guest=guest' --map 't.role:INDIVIDUAL=<label>', or"),
    },
  ])
  const map = [
    { column: 't.role', from: 'Guest', to: 'guest' },
    { column: 't.role', from: 'INDIVIDUAL', to: 'member' },
  ]
  expect(await migrate(at.input({ map }))).toMatchObject({ outcome: 'done', findings: [] })
})
