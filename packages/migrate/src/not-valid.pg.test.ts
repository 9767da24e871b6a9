import { join } from 'node:path'
import { needs } from '@rowferry/vitest-preset/features'
import { expect, test } from 'vitest'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'

const source = (rows: number) => `
  create table p (id integer primary key); insert into p values (1), (2);
  create table c (id integer primary key, p integer);
  with recursive n (i) as (select 1 union all select i + 1 from n where i < ${rows})
  insert into c select i, case when i = ${rows} then 9 else 1 end from n;`
const TARGET = `
  create table p (id int primary key); create table c (id int primary key, p int);
  alter table c add constraint loose foreign key (p) references p not valid`

test.each([10, 50_000])('a foreign key that is not valid judges new rows all the same: %i of them', async (rows) => {
  await using at = await rig(source(rows), TARGET)
  expect(await migrate(at.input())).toMatchObject({
    outcome: 'refused',
    findings: [{ code: 'ORPHANS', table: 'c', count: 1, keys: [`id=${rows}`] }],
  })
})

test('also where it was away for the load, since its parent loads later', async () => {
  await using at = await rig(source(10), TARGET)
  expect(await migrate(at.input({ order: ['c', 'p'] }))).toMatchObject({
    outcome: 'refused',
    findings: [{ code: 'ORPHANS', table: 'c', count: 1, keys: ['id=10'] }],
  })
})

test('one that is not enforced judges nothing', async (context) => {
  needs(context, 'constraints without enforcement')
  await using at = await rig(source(10), TARGET.replace('not valid', 'not enforced'))
  expect(await migrate(at.input({ order: ['c', 'p'] }))).toMatchObject({ outcome: 'done', error: null })
})

const CIRCLE = `
  create table a (id int primary key, b int); create table b (id int primary key, a int);
  insert into a values (1, null), (2, 70); insert into b values (1, 1), (2, 80), (3, 81);
  alter table a add constraint a_b foreign key (b) references b not valid;
  alter table b add constraint b_a foreign key (a) references a not valid`
const more = (inA: string, inB: string) => `
  create table a (id integer primary key, b integer); create table b (id integer primary key, a integer);
  insert into a values (10, 10), (80, null), (81, ${inA}); insert into b values (10, 10), (11, ${inB});`

test.each([
  ['a', 'id=81', more('99', '1')],
  ['b', 'id=11', more('2', '99')],
])('in a circle, new rows beside old ones are judged: in %s', async (table, key, sql) => {
  await using at = await rig(sql, CIRCLE)
  expect(await migrate(at.input({ onExisting: 'append' }))).toMatchObject({
    outcome: 'refused',
    findings: [{ code: 'ORPHANS', table, count: 1, keys: [key] }],
  })
  expect(await at.rows('select count(*) from b')).toEqual([['3']])
})

test('in a circle, old rows that meet no parent stay as they are', async () => {
  await using at = await rig(more('2', '1'), CIRCLE)
  expect(await migrate(at.input({ onExisting: 'append' }))).toMatchObject({ outcome: 'done', error: null })
  expect(await at.rows('select id, a from b order by id')).toEqual([
    ['1', '1'],
    ['2', '80'],
    ['3', '81'],
    ['10', '10'],
    ['11', '1'],
  ])
})

test('with a quarantine only new orphans are set aside, beside those that the target has', async () => {
  await using at = await rig(more('98', '99'), CIRCLE)
  const report = await migrate(
    at.input({ onExisting: 'append', onBadRow: 'quarantine', quarantineDir: join(at.folder, 'aside') }),
  )
  expect(report).toMatchObject({ outcome: 'partial', error: null })
  expect(report.tables).toMatchObject([
    { target: 'a', written: 2, rejected: 1 },
    { target: 'b', written: 1, rejected: 1 },
  ])
  expect(await at.rows('select id from a order by id')).toEqual([['1'], ['2'], ['10'], ['80']])
  expect(await at.rows('select id from b order by id')).toEqual([['1'], ['2'], ['3'], ['10']])
})
