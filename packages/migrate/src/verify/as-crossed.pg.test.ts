import type { Plan } from '@rowferry/plan'
import { expect, test } from 'vitest'
import { rig } from '../../test/rig.ts'
import { migrate } from '../migrate-command.ts'
import { plan } from '../plan-command.ts'
import { verify } from '../verify-command.ts'

const SOURCE = `create table t (id integer primary key, n integer, m integer as (n + 1), k integer as (n * 2), check (n < 9), check (n <> 3));
  create index late on t (n) where n > 1; create index plain on t (n); create view small as select id from t where n < 2;
  insert into t (id, n) values (4, 1), (7, 2), (8, null)`

/** As if some of what SQLite says had been translated wrongly. */
const mistaken = (planned: Plan): Plan =>
  JSON.parse(
    JSON.stringify(planned)
      .replaceAll(String.raw`\"n\" < 9`, String.raw`\"n\" < 2`)
      .replaceAll(String.raw`\"n\" > 1`, String.raw`\"n\" > 0`),
  ) as Plan

const told = ({ findings }: Awaited<ReturnType<typeof verify>>) =>
  findings.filter(({ code }) => code === 'SCHEMA_DIFFERS').map(({ severity, message }) => [severity, message])

test('what the crossing left off is told from what went since, if its report is there', async () => {
  await using at = await rig(SOURCE)
  const planned = mistaken((await plan(at.input())).plan!)
  const crossing = await migrate({ ...at.input(), plan: planned })
  expect(crossing).toMatchObject({ outcome: 'done', notCarried: [{}, {}] })
  const left = await verify({ ...at.input(), plan: planned })
  expect(left).toMatchObject({ outcome: 'done' })
  expect(told(left)).toEqual([
    ['warning', 'check (("n" < 2)) of t is gone'],
    ['warning', 'index late of t is gone'],
  ])
  expect(left.findings.find(({ code }) => code === 'SCHEMA_DIFFERS')?.remedy).toContain('--crossing')
  const known = await verify({ ...at.input(), plan: planned, crossing })
  expect([known.outcome, told(known)]).toEqual(['done', []])

  await at.rows(
    'alter table t drop constraint t_n_check; drop index plain; drop view small; alter table t alter m drop expression',
  )
  const gone = [
    'column m of t holds plain data and was made to be generated',
    'check (("n" <> 3)) of t is gone',
    'index plain of t is gone',
    'view small of the plan is not there',
  ]
  const later = await verify({ ...at.input(), plan: planned, crossing })
  expect([later.outcome, told(later)]).toEqual(['different', gone.map((message) => ['refuse', message])])
  expect(await verify({ ...at.input(), plan: planned })).toMatchObject({ outcome: 'done' })
})

test('a generated column that the crossing left as plain data is not missed', async () => {
  await using at = await rig(SOURCE)
  const planned = (await plan(at.input())).plan!
  const crossing = await migrate({
    ...at.input(),
    plan: JSON.parse(JSON.stringify(planned).replaceAll('* 2', '* 3')) as Plan,
  })
  expect(crossing.outcome).toBe('done')
  expect(crossing.notCarried.map(({ object }) => object)).toEqual(['generated column t.m', 'generated column t.k'])
  const known = await verify({ ...at.input(), plan: planned, crossing })
  expect([known.outcome, told(known)]).toEqual(['done', []])
  const without = await verify(at.input())
  expect(without.findings.map(({ message }) => message)).toContain('t.m holds plain data, and the source generates it')
  expect(without.findings).toContainEqual(expect.objectContaining({ code: 'PLAN_NOT_GIVEN', severity: 'note' }))
})

test('the report of anything else than a crossing says nothing', async () => {
  await using at = await rig(SOURCE)
  const { plan: planned, report } = await plan(at.input())
  await migrate({ ...at.input(), plan: planned! })
  expect(await verify({ ...at.input(), plan: planned!, crossing: report })).toMatchObject({
    outcome: 'failed',
    error: { code: 'REPORT_OF_NO_CROSSING' },
  })
})
