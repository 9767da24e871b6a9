import { expect, test } from 'vitest'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'
import { plan } from './plan-command.ts'
import { verify } from './verify-command.ts'

const units = ['s', 'ms', 'us', 'ns', 'ticks'] as const

test('numbers become intervals by their unit, text by what it says, and verification reads both with code of its own', async () => {
  const row = "90061, 90061000, 90061000000, 90061000000000, 900610000000, '1.01:01:01.5'"
  await using at = await rig(
    `create table t (id integer primary key, s, ms, us, ns, ticks, span text);
     insert into t values (1, ${row}), (2, -1.5, '-1500', -1500000, -1500000000, -15000000, '-1.00:00:00'),
       (3, null, null, null, null, null, null);`,
    'create table t (id int primary key, s interval, ms interval, us interval, ns interval, ticks interval, span interval)',
  )
  const input = at.input({ epoch: units.map((unit) => ({ column: `t.${unit}`, unit })) })
  const report = await migrate(input)
  expect(report).toMatchObject({ outcome: 'done', findings: [] })
  expect(report.tables[0]?.changed).toEqual(units.map((column) => ({ column, rule: 'epoch', from: null, count: 2 })))
  expect(await at.rows('select s, ms, us, ns, ticks, span from t order by id')).toEqual([
    [...Array(5).fill('25:01:01'), '1 day 01:01:01.5'],
    [...Array(5).fill('-00:00:01.5'), '-1 days'],
    Array(6).fill(null),
  ])
  expect(await verify(input)).toMatchObject({ outcome: 'done' })
  for (const column of [...units, 'span']) await at.rows(`update t set ${column} = ${column} + '1 us' where id = 1`)
  expect((await verify(input)).tables[0]).toMatchObject({ verdict: 'different', mismatches: [{ key: 'id=1' }] })
})

test('what a number of a duration counts is asked for, and offered where Django stored it', async () => {
  const source = 'create table t (took bigint); insert into t values (1500000);'
  const remedyOf = async (more: string) => {
    await using at = await rig(`${source}${more}`, 'create table t (took interval)')
    const { report } = await plan(at.input())
    return report.findings.find(({ code }) => code === 'DURATION_UNIT_NEEDED')?.remedy
  }
  expect(await remedyOf('')).toBe("--epoch 't.took=<s, ms, us, ns or ticks>'")
  expect(await remedyOf('create table django_migrations (id integer primary key, app, name, applied);')).toBe(
    "--epoch 't.took=us'",
  )
})
