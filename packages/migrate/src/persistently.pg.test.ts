import type { Passing } from '@rowferry/vitest-preset/proxy'
import { openProxy, type Fate } from '@rowferry/vitest-preset/proxy'
import pg from 'pg'
import { expect, test } from 'vitest'
import { rig, type Rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'
import type { CrossingInput, TargetAddress } from './options.ts'

const SOURCE = `
  create table t (id integer primary key, v text);
  with recursive n (i) as (select 1 union all select i + 1 from n where i < 5000) insert into t select i, 'value ' || i from n;`
const TARGET = 'create table t (id int primary key, v text)'

async function through(at: Rig, decide: (passing: Passing) => Fate, more: Partial<CrossingInput> = {}) {
  await using proxy = await openProxy(at.url, decide)
  const ssl = { mode: 'disable', rootCertificate: null }
  const target = { ...at.target, host: '127.0.0.1', port: proxy.port, ssl } as TargetAddress
  const report = await migrate({ ...at.input(), ...more, target })
  return { report, connections: proxy.connections() }
}

const notices = (at: Rig): string[] => at.events.flatMap((event) => (event.type === 'notice' ? [event.message] : []))
const onlyFirst = (decide: (passing: Passing) => Fate) => (passing: Passing) =>
  passing.connection === 0 ? decide(passing) : 'pass'

test.each(['reset', 'end'] as const)(
  'a connection that breaks by %s before COMMIT: from the beginning',
  async (fate) => {
    await using at = await rig(SOURCE, TARGET)
    const { report } = await through(
      at,
      onlyFirst(({ direction, before }) => (direction === 'up' && before > 60_000 ? fate : 'pass')),
    )
    expect(report).toMatchObject({ outcome: 'done', error: null })
    expect(report.phases.filter(({ name }) => name === 'data')).toHaveLength(1)
    expect(notices(at).join('\n')).toMatch(/was lost.*nothing was committed\n.*1 of 2 times/s)
    expect(await at.rows('select count(*) from t')).toEqual([['5000']])
  },
)

test('one that breaks each time: three times in all, then it is told', async () => {
  await using at = await rig(SOURCE, TARGET)
  const { report, connections } = await through(at, ({ direction, before }) =>
    direction === 'up' && before > 60_000 ? 'reset' : 'pass',
  )
  expect(report).toMatchObject({ outcome: 'failed', exitCode: 1, error: { code: 'TARGET_LOST' } })
  expect(connections).toBe(3)
  expect(await at.rows('select count(*) from t')).toEqual([['0']])
})

test('once COMMIT was sent it is asked after, and never done again', async () => {
  await using at = await rig(SOURCE, TARGET)
  const sent = ({ direction, bytes }: Passing): boolean =>
    direction === 'up' && /^Q.{4}commit/is.test(bytes.toString('latin1'))
  const { report } = await through(
    at,
    onlyFirst((passing) => (sent(passing) ? 'reset' : 'pass')),
  )
  expect(report).toMatchObject({ outcome: 'failed', error: { code: 'TARGET_LOST' } })
  expect(notices(at).join('\n')).not.toContain('from the beginning')
  expect(await at.rows('select count(*) from t')).toEqual([['0']])
})

test('somebody who ends the session is obeyed', async () => {
  await using at = await rig(SOURCE, TARGET)
  const holder = new pg.Client(at.url)
  await holder.connect()
  // The crossing waits for it, and so is there to be ended
  await holder.query('begin; lock table t')
  const migrating = migrate(at.input())
  const end = `select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'rowferry' and datname = current_database() and wait_event_type = 'Lock'`
  await expect.poll(async () => (await at.rows(end)).length, { timeout: 20_000 }).toBe(1)
  const report = await migrating
  await holder.end()
  expect(report).toMatchObject({ outcome: 'failed', error: { code: 'TARGET_LOST' } })
  expect(await at.rows('select count(*) from t')).toEqual([['0']])
})
