import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { useDatabase } from '@rowferry/vitest-preset/database'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serverAddress } from '../../test/addresses.ts'
import { collect, tuple } from '../../test/tuples.ts'
import { beginCrossing } from '../crossing/begin.ts'
import { commitCrossing, rollback, transactionOutcome } from '../crossing/end.ts'
import { openSession } from '../open-session.ts'
import type { Session } from '../session.ts'

const database = useDatabase()
const open = (): Promise<Session> => openSession(serverAddress(database.url))

let observer: Session
beforeAll(async () => {
  observer = await open()
  await observer.query('create table public.t (id bigint primary key, name text)')
})
afterAll(() => observer?.close())

const kill = (victim: Session): Promise<unknown> =>
  observer.query('select pg_terminate_backend($1)', [victim.server.pid])
const into = 'copy public.t from stdin (format binary)'
const lost = { code: 'TARGET_LOST', name: 'PostgresError' }

describe('a backend that is killed', () => {
  test('while rows go in', async () => {
    const session = await open()
    await session.query('begin')
    const copy = await session.copyIn(into)
    const part = (from: number) =>
      Buffer.concat(Array.from({ length: 1000 }, (_, index) => tuple(from + index, 'x'.repeat(60))))
    const sending = (async () => {
      for (let from = 0; ; from += 1000) await copy.write(part(from))
    })()
    sending.catch(() => {})
    await kill(session)
    await expect(sending).rejects.toMatchObject(lost)
    await expect(copy.finish()).rejects.toMatchObject(lost)
    await copy.fail('nobody hears')
    await expect(session.query('select 1')).rejects.toMatchObject(lost)
    await rollback(session)
    await session.close()
    expect(await observer.query('select count(*) from public.t')).toEqual([{ count: '0' }])
  })

  test('while rows come out', async () => {
    const session = await open()
    const rows = session.copyOut(
      "copy (select n, repeat('x', 1000) from generate_series(1, 10000000) n) to stdout (format binary)",
    )
    const pieces = rows[Symbol.asyncIterator]()
    await pieces.next()
    await kill(session)
    const rest = (async () => {
      for (;;) if ((await pieces.next()).done) return
    })()
    await expect(rest).rejects.toMatchObject(lost)
    await session.close()
  })

  test('while nothing was going on: the next statement says so', async () => {
    const session = await open()
    await kill(session)
    await expect(session.query('select pg_sleep(10)')).rejects.toMatchObject(lost)
    await expect(collect(session.copyOut('copy public.t to stdout (format binary)'))).rejects.toMatchObject(lost)
    await session.close()
  })
})

describe('a COMMIT whose answer is lost', () => {
  test('was committed', async () => {
    const session = await open()
    const { xid } = await beginCrossing(session)
    await session.query(`insert into public.t values (1, 'kept')`)
    expect(await commitCrossing(cutAfter(session, 'commit'), xid)).toBe('committed')
    expect(await observer.query('select name from public.t')).toEqual([{ name: 'kept' }])
  })

  test('was rolled back', async () => {
    const session = await open()
    const { xid } = await beginCrossing(session)
    await session.query(`insert into public.t values (2, 'gone')`)
    await kill(session)
    await expect(commitCrossing(session, xid)).rejects.toMatchObject(lost)
    await session.close()
    expect(await transactionOutcome(observer, xid)).toBe('aborted')
    expect(await observer.query('select name from public.t where id = 2')).toEqual([])
  })

  test('because of an abort signal, and was committed all the same', async () => {
    const controller = new AbortController()
    const session = await openSession(serverAddress(database.url), { signal: controller.signal })
    const { xid } = await beginCrossing(session)
    await session.query(`insert into public.t values (3, 'kept')`)
    const interrupted: Session = {
      ...session,
      async execute(sql) {
        await session.execute(sql)
        controller.abort()
        return session.execute('select 1')
      },
    }
    expect(await commitCrossing(interrupted, xid)).toBe('committed')
    await session.close()
  })

  test('of an xid that the server never gave out', async () => {
    expect(await transactionOutcome(observer, '4000000000')).toBe('aborted')
  })
})

describe('an abort signal', () => {
  test('ends sessions in the middle of a statement, and the statements on the server, even those that have hardly begun', async () => {
    const controller = new AbortController()
    const options = { signal: controller.signal, applicationName: 'to be aborted' }
    const sessions = await Promise.all(
      Array.from({ length: 24 }, () => openSession(serverAddress(database.url), options)),
    )
    const sleeping = sessions.map((session) => session.query('select pg_sleep(60)'))
    for (const each of sleeping) each.catch(() => {})
    controller.abort()
    for (const each of sleeping) await expect(each).rejects.toMatchObject({ code: 'ABORTED' })
    await Promise.all(sessions.map((session) => session.close()))
    await expect
      .poll(() => observer.query(`select from pg_stat_activity where application_name = 'to be aborted'`))
      .toEqual([])
  })

  test('fired before, opens nothing', async () => {
    await expect(openSession(serverAddress(database.url), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    })
  })
})

describe('a server that says nothing', () => {
  const lag: { readonly name: string; readonly answers: number }[] = [
    { name: 'at all', answers: 0 },
    { name: 'after the session has begun', answers: 1 },
  ]
  test.each(lag)('$name is left when the signal fires', async ({ answers }) => {
    const { hostname, port } = new URL(database.url)
    const silent = createServer((client) => {
      const server = connect(Number(port), hostname)
      let messages = 0
      client.on('data', (bytes) => messages++ < answers && server.write(bytes))
      client.on('error', () => {}).on('close', () => server.destroy())
      server.on('data', (bytes) => client.write(bytes)).on('error', () => {})
    })
    await new Promise<void>((ready) => silent.listen(0, '127.0.0.1', ready))
    const address = serverAddress(database.url, {
      host: '127.0.0.1',
      port: (silent.address() as AddressInfo).port,
      ssl: { mode: 'disable', rootCertificate: null },
    })
    const opening = openSession(address, { signal: AbortSignal.timeout(300) })
    await expect(opening).rejects.toMatchObject({ code: 'ABORTED' })
    silent.close()
  })
})

/** The same session, whose connection breaks after the server has done what was asked and before it could be heard. */
function cutAfter(session: Session, statement: string): Session {
  return {
    ...session,
    async execute(sql) {
      const answer = await session.execute(sql)
      if (sql !== statement) return answer
      await kill(session)
      await session.query('select pg_sleep(10)')
      return answer
    },
  }
}
