import { expect, test } from 'vitest'
import { rig } from '../../test/rig.ts'
import { migrate } from '../migrate-command.ts'
import { verify } from '../verify-command.ts'

const SOURCE = `create table p (id integer primary key autoincrement, code text not null unique);
  create table c (id integer primary key, p integer references p (id), n integer not null);
  insert into p values (1, 'a'), (2, 'b'), (9, 'z'); delete from p where id = 9; insert into c values (1, 1, 5), (2, 2, 6)`

const told = ({ findings }: Awaited<ReturnType<typeof verify>>) =>
  findings
    .filter(({ severity }) => severity !== 'note')
    .map(({ code, severity, table, column, count }) => ({ code, severity, table, column, count }))

test('without its plan, what the source asks and the target does not is told, and fails nothing', async () => {
  await using at = await rig(SOURCE)
  expect((await migrate(at.input())).outcome).toBe('done')
  expect(told(await verify(at.input()))).toEqual([])
  await at.rows('alter table c drop constraint c_p_fkey')
  await at.rows('alter table p drop constraint p_code_key')
  await at.rows('alter table c alter n drop not null')
  await at.rows('alter table c add check (n > 0) not valid')
  const report = await verify(at.input())
  expect(report.outcome).toBe('done')
  const warning = { severity: 'warning', column: null, count: null }
  expect(told(report)).toEqual(
    expect.arrayContaining([
      { ...warning, code: 'SCHEMA_LACKS', table: 'p' },
      { ...warning, code: 'SCHEMA_LACKS', table: 'c' },
      { ...warning, code: 'NOT_ENFORCED', table: 'c' },
    ]),
  )
  expect(report.findings.map(({ message }) => message)).toEqual(
    expect.arrayContaining([
      'c has no foreign key (p) → p, and the source has one',
      "c.n takes NULL, and the source's column does not",
      'check c_n_check of c is not valid',
    ]),
  )
})

test('rules are read off the rows, not off the catalog, and sequences go on past the mark of the source', async () => {
  await using at = await rig(SOURCE)
  await migrate(at.input())
  await at.rows('alter table c add constraint small check (n < 6) not valid')
  await at.rows("select setval('p_id_seq', 4)")
  await at.rows('alter table c disable trigger all')
  const report = await verify(at.input())
  expect(report).toMatchObject({ outcome: 'different', exitCode: 4 })
  expect(told(report)).toEqual(
    expect.arrayContaining([
      { code: 'CHECK_VIOLATION', severity: 'refuse', table: 'c', column: null, count: 1 },
      { code: 'CONSTRAINT_SWITCHED_OFF', severity: 'refuse', table: 'c', column: null, count: null },
      { code: 'SEQUENCE_BEHIND', severity: 'refuse', table: 'p', column: 'id', count: null },
    ]),
  )
})
