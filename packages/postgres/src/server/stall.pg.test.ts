import { setTimeout } from 'node:timers/promises'
import { useDatabase } from '@rowferry/vitest-preset/database'
import { openProxy, type Fate, type Passing } from '@rowferry/vitest-preset/proxy'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverAddress } from '../../test/addresses.ts'
import { tuple } from '../../test/tuples.ts'
import { beginCrossing } from '../crossing/begin.ts'
import { commitCrossing } from '../crossing/end.ts'
import { openSession } from '../open-session.ts'
import type { Session } from '../session.ts'

const database = useDatabase()
const patience = { stallTimeoutMs: 400 }
const stalled = { code: 'TARGET_STALLED', name: 'PostgresError' }

let observer: Session
beforeAll(async () => {
  observer = await openSession(serverAddress(database.url))
  await observer.query('create table public.t (id bigint primary key, name text)')
})
afterAll(() => observer?.close())

/** A session through a proxy whose fault begins when `armed` is set, on the first connection only. */
async function through(decide: (passing: Passing) => Fate) {
  const fault = { armed: false }
  const proxy = await openProxy(database.url, (passing) =>
    fault.armed && passing.connection === 0 ? decide(passing) : 'pass',
  )
  const address = serverAddress(database.url, {
    host: '127.0.0.1',
    port: proxy.port,
    ssl: { mode: 'disable', rootCertificate: null },
  })
  const session = await openSession(address, patience)
  const processGone = () =>
    expect
      .poll(() => observer.query('select from pg_stat_activity where pid = $1', [session.server.pid]), {
        timeout: 10_000,
      })
      .toEqual([])
  return {
    fault,
    session,
    processGone,
    async [Symbol.asyncDispose]() {
      await session.close()
      await proxy[Symbol.asyncDispose]()
    },
  }
}

test.each(['up', 'down'] as const)('a question lost on its way %s is not waited for for ever', async (direction) => {
  await using at = await through((passing) => (passing.direction === direction ? 'swallow' : 'pass'))
  at.fault.armed = true
  await expect(at.session.query('select 1')).rejects.toMatchObject(stalled)
  await expect(at.session.query('select 1')).rejects.toMatchObject(stalled)
  await at.processGone()
})

test('rows lost on their way in', async () => {
  await using at = await through(({ direction, before }) =>
    direction === 'up' && before > 100_000 ? 'swallow' : 'pass',
  )
  at.fault.armed = true
  await at.session.query('begin')
  const copy = await at.session.copyIn('copy public.t from stdin (format binary)')
  const sending = (async () => {
    for (let id = 0; id < 3000; id += 1) await copy.write(tuple(id, 'x'.repeat(60)))
    return copy.finish()
  })()
  await expect(sending).rejects.toMatchObject(stalled)
  await at.processGone()
})

test('rows lost on their way out', async () => {
  await using at = await through(({ direction, before }) =>
    direction === 'down' && before > 100_000 ? 'swallow' : 'pass',
  )
  at.fault.armed = true
  const reading = (async () => {
    const rows = at.session.copyOut(
      `copy (select repeat('x', 1000) from generate_series(1, 10000)) to stdout (format binary)`,
    )
    for await (const piece of rows) expect(piece.length).toBeGreaterThan(0)
  })()
  await expect(reading).rejects.toMatchObject(stalled)
  await at.processGone()
})

test('a COMMIT whose answer does not come is settled', async () => {
  await using kept = await through(({ direction }) => (direction === 'down' ? 'swallow' : 'pass'))
  const first = await beginCrossing(kept.session)
  await kept.session.query(`insert into public.t values (-1, 'kept')`)
  kept.fault.armed = true
  expect(await commitCrossing(kept.session, first.xid)).toBe('committed')

  await using gone = await through(({ direction }) => (direction === 'up' ? 'swallow' : 'pass'))
  const second = await beginCrossing(gone.session)
  await gone.session.query(`insert into public.t values (-2, 'gone')`)
  gone.fault.armed = true
  await expect(commitCrossing(gone.session, second.xid)).rejects.toMatchObject(stalled)
  expect(await observer.query('select id from public.t where id < 0')).toEqual([{ id: '-1' }])
})

test('a server that works, a client that does, and a slow link are waited for', async () => {
  await using at = await through(({ direction }) => (direction === 'up' ? 150 : 'pass'))
  expect(await at.session.query(`select 'done' as it, pg_sleep(1.5)`)).toMatchObject([{ it: 'done' }])
  await at.session.query('begin')
  const copy = await at.session.copyIn('copy public.t from stdin (format binary)')
  await setTimeout(1200)
  at.fault.armed = true
  for (let id = 0; id < 12_000; id += 1) await copy.write(tuple(id, 'x'.repeat(60)))
  expect(await copy.finish()).toBe(12_000)
  await at.session.query('rollback')
})
