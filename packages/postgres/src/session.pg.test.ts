import { useDatabase } from '@rowferry/vitest-preset/database'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memoryAddress, serverAddress } from '../test/addresses.ts'
import { openSession } from './open-session.ts'
import { pinnedSettings } from './settings.ts'
import { PostgresError, type Session } from './session.ts'

const database = useDatabase()

describe.each(['server', 'pglite'] as const)('%s', (kind) => {
  let session: Session

  beforeAll(async () => {
    session = await openSession(kind === 'server' ? serverAddress(database.url) : memoryAddress)
  })
  afterAll(() => session?.close())

  test('values come back as the text that PostgreSQL printed', async () => {
    const rows = await session.query(
      `select 1 as int, true as bool, null as nothing, '{"a": 1}'::jsonb as json, array[1, 2] as list, '\\xff'::bytea as bytes,
         '2020-01-01 00:00:00+02'::timestamptz as moment, 0.1::float8 + 0.2 as sum, interval '1 day 2 hours' as span`,
    )
    expect(rows).toEqual([
      {
        int: '1',
        bool: 't',
        nothing: null,
        json: '{"a": 1}',
        list: '{1,2}',
        bytes: '\\xff',
        moment: '2019-12-31 22:00:00+00',
        sum: '0.30000000000000004',
        span: '1 day 02:00:00',
      },
    ])
  })

  test('long values are compressed with lz4 where the server has it, and it says so', async () => {
    const [answer] = await session.query(
      `select setting, case when 'lz4' = any (enumvals) then 'lz4' else 'pglz' end as best
       from pg_settings where name = 'default_toast_compression'`,
    )
    expect(answer?.['setting']).toBe(answer?.['best'])
    expect(session.server.compression).toBe(answer?.['best'] ?? null)
  })

  test('parameters of every kind arrive', async () => {
    const rows = await session.query(
      'select $1::text[] as list, $2::int as int, $3::bool as bool, $4::text as nothing',
      [['a', 'b"c', 'd\\e'], 5, false, null],
    )
    expect(rows).toEqual([{ list: '{a,"b\\"c","d\\\\e"}', int: '5', bool: 'f', nothing: null }])
  })

  test('of several statements the last one answers', async () => {
    expect(await session.query('select 1 as a; select 2 as b')).toEqual([{ b: '2' }])
  })

  test('a command tag says what was done', async () => {
    await session.execute('create temp table tagged (id int)')
    expect(await session.execute('insert into tagged values (1), (2)')).toEqual({ command: 'INSERT', rows: 2 })
    await session.execute('begin')
    await expect(session.query('select 1/0')).rejects.toMatchObject({ code: '22012' })
    expect(await session.execute('commit')).toEqual({ command: 'ROLLBACK', rows: null })
  })

  test('kysely shares the connection, and parses', async () => {
    const { rows } =
      await sql`select ${'x'}::text as text, 12345678901::int8 as big, '[1]'::jsonb as json, pg_backend_pid() as pid`.execute(
        session.kysely,
      )
    expect(rows).toEqual([{ text: 'x', big: '12345678901', json: [1], pid: session.server.pid }])
    await expect(sql`select * from nowhere`.execute(session.kysely)).rejects.toMatchObject({
      code: '42P01',
      name: 'PostgresError',
    })
  })

  test('statements asked for together run one after the other', async () => {
    const answers = await Promise.all([
      session.query('select pg_sleep(0.05), 1 as n'),
      session.query('select 2 as n'),
      sql`select 3 as n`.execute(session.kysely),
    ])
    expect([answers[0][0]?.['n'], answers[1][0]?.['n'], answers[2].rows]).toEqual(['1', '2', [{ n: 3 }]])
  })

  test('errors keep what PostgreSQL said', async () => {
    await session.execute('create temp table strict (id int constraint small check (id < 5))')
    const error = await session.query('insert into strict values (9)').catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(PostgresError)
    expect(error).toMatchObject({
      code: '23514',
      table: 'strict',
      constraint: 'small',
      detail: 'Failing row contains (9).',
    })
  })

  test('settings are pinned, whatever the role says', async () => {
    const rows = await session.query(
      'select lower(name) as name, setting from pg_settings where lower(name) = any ($1::text[])',
      [Object.keys(pinnedSettings)],
    )
    expect(rows.length).toBeGreaterThan(20)
    for (const { name, setting } of rows) expect([name, setting]).toEqual([name, pinnedSettings[name!]])
  })

  test('a bare COPY is refused before it reaches the connection', async () => {
    await expect(session.query('COPY pg_class FROM STDIN')).rejects.toThrow(TypeError)
    await expect(session.query('copy pg_class to stdout')).rejects.toThrow(TypeError)
    await expect(session.copyIn('select 1')).rejects.toThrow(TypeError)
    expect(await session.query('select 1 as alive')).toEqual([{ alive: '1' }])
  })
})

test('settings of the role and the database do not come through', async () => {
  await using admin = closing(await openSession(serverAddress(database.url)))
  const role = `stubborn_${database.name}`
  await admin.session.query(
    `create role ${role} superuser login;
     alter role ${role} set timezone = 'Asia/Tokyo'; alter role ${role} set search_path = public; alter role ${role} set session_replication_role = replica;
     alter role ${role} set statement_timeout = '5s'; alter role ${role} set default_transaction_read_only = on; alter role ${role} set synchronous_commit = off`,
  )
  try {
    await using odd = closing(await openSession(serverAddress(database.url, { user: role })))
    const names = [
      'timezone',
      'search_path',
      'session_replication_role',
      'statement_timeout',
      'default_transaction_read_only',
      'synchronous_commit',
    ]
    const rows = await odd.session.query(
      'select current_setting(name) as value from unnest($1::text[]) as given(name)',
      [names],
    )
    expect(rows.map(({ value }) => value)).toEqual(['UTC', '', 'origin', '0', 'off', 'on'])
  } finally {
    await admin.session.query(`drop role ${role}`)
  }
})

test('a closed session says so, closing twice is nothing, and PGlite has no second connection', async () => {
  const session = await openSession(serverAddress(database.url))
  await using other = closing(await session.another())
  expect(other.session.server.pid).not.toBe(session.server.pid)
  await session.close()
  await session.close()
  await expect(session.query('select 1')).rejects.toMatchObject({ code: 'SESSION_CLOSED' })
})

function closing(session: Session): { readonly session: Session } & AsyncDisposable {
  return { session, [Symbol.asyncDispose]: () => session.close() }
}
