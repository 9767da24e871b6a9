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
