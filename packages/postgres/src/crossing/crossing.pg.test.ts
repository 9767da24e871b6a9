import { useDatabase } from '@rowferry/vitest-preset/database'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { memoryAddress, serverAddress } from '../../test/addresses.ts'
import { openSession } from '../open-session.ts'
import type { Session } from '../session.ts'
import { beginCrossing } from './begin.ts'
import { commitCrossing, rollback, transactionOutcome } from './end.ts'
import { estimateLocks } from './lock-capacity.ts'
import { lockTables, withLockTimeout } from './locks.ts'
import { countRows, tablesWithRows } from './rows.ts'
import { truncateReach, truncateTables } from './truncate.ts'

const database = useDatabase()
const named = (name: string) => ({ schema: 'odd "schema"', name })

describe.each(['server', 'pglite'] as const)('%s', (kind) => {
  let session: Session

  beforeAll(async () => {
    session = await openSession(kind === 'server' ? serverAddress(database.url) : memoryAddress)
  })
  beforeEach(() =>
    session.query(
      'rollback; drop schema if exists "odd ""schema""" cascade; create schema "odd ""schema"""; set search_path = "odd ""schema"""',
    ),
  )
  afterAll(() => session?.close())

  test('a crossing commits under its xid', async () => {
    const { xid } = await beginCrossing(session, { lockTimeoutMs: 1234 })
    expect(
      await session.query(
        `select current_setting('lock_timeout') as wait, current_setting('transaction_isolation') as isolation`,
      ),
    ).toEqual([{ wait: '1234ms', isolation: 'read committed' }])
    await session.query('create table "odd ""schema""".t (id int)')
    expect(await transactionOutcome(session, xid)).toBe('in progress')
    expect(await commitCrossing(session, xid)).toBe('committed')
    expect(await transactionOutcome(session, xid)).toBe('committed')
    expect(await session.query(`select current_setting('lock_timeout') as wait`)).toEqual([{ wait: '0' }])
  })

  test('what is rolled back is gone, and rolling back nothing is nothing', async () => {
    const { xid } = await beginCrossing(session)
    await session.query('create table "odd ""schema""".t (id int)')
    await rollback(session)
    await rollback(session)
    expect(await transactionOutcome(session, xid)).toBe('aborted')
    expect(await session.query(`select to_regclass('t') as t`)).toEqual([{ t: null }])
  })

  test('a COMMIT that the server answers with ROLLBACK is an error', async () => {
    const { xid } = await beginCrossing(session)
    await session.query('select 1/0').catch(() => {})
    await expect(commitCrossing(session, xid)).rejects.toMatchObject({ code: 'COMMIT_ROLLED_BACK' })
  })

  test('what COMMIT refuses comes through', async () => {
    await session.query(
      'create table p (id int primary key); create table c (p int references p deferrable initially deferred)',
    )
    const { xid } = await beginCrossing(session)
    await session.query('insert into "odd ""schema""".c values (1)')
    await expect(commitCrossing(session, xid)).rejects.toMatchObject({ code: '23503' })
  })

  test('a read-only crossing takes no xid and writes nothing', async () => {
    expect(await beginCrossing(session, { readOnly: true })).toEqual({ xid: null })
    await expect(session.query('create table t (id int)')).rejects.toMatchObject({ code: '25006' })
    await rollback(session)
  })

  test('rows are seen, of partitioned tables in their partitions, of parents not in their children', async () => {
    await session.query(
      `create table full_ (id int); insert into full_ select generate_series(1, 3); create table "it's ""empty""" (id int);
       create table parted (id int) partition by list (id); create table parted_1 partition of parted default; insert into parted values (1), (2);
       create table parted_empty (id int) partition by list (id); create table parent (id int); create table child () inherits (parent); insert into child values (1)`,
    )
    const tables = ['parted', `it's "empty"`, 'full_', 'parted_empty', 'parent', 'child'].map(named)
    expect(await tablesWithRows(session, tables)).toEqual(['parted', 'full_', 'child'].map(named))
    expect(await countRows(session, tables)).toEqual([2, 0, 3, 0, 0, 1])
    expect(await tablesWithRows(session, [])).toEqual([])
    const many = Array.from({ length: 450 }, (_, index) => (index === 449 ? named('full_') : named('parent')))
    expect(await tablesWithRows(session, many)).toEqual([named('full_')])
  })

  test('TRUNCATE reaches what refers to the tables, at any remove', async () => {
    await session.query(
      `create table a (id int primary key, up int references a); create table b (id int primary key references a); create table c (id int primary key references b);
       create table d (id int references c, c int references c); create table other (id int);
       create table parent (id int); create table child () inherits (parent);
       create table parted (id int references a) partition by list (id); create table parted_1 partition of parted default`,
    )
    const reach = (names: readonly string[], only = false) => truncateReach(session, names.map(named), { only })
    expect(await reach(['a'])).toEqual(['b', 'c', 'd', 'parted', 'parted_1'].map(named))
    expect(await reach(['a'], true)).toEqual(['b', 'c', 'd', 'parted', 'parted_1'].map(named))
    expect(await reach(['a', 'b', 'c', 'parted'])).toEqual([named('d')])
    expect(await reach(['parent', 'other'])).toEqual([named('child')])
    expect(await reach(['parent', 'other'], true)).toEqual([])
    expect(await reach(['d', 'other', 'parted'])).toEqual([])
    expect(await reach([])).toEqual([])
  })

  test('TRUNCATE empties tables that refer to each other, with ONLY not the children, and never the sequence', async () => {
    await session.query(
      `create table a (id int generated always as identity primary key); create table b (id int references a); insert into a default values; insert into b values (1);
       create table parent (id int); create table child () inherits (parent); insert into parent values (1); insert into child values (1);
       create table parted (id int) partition by list (id); create table parted_1 partition of parted default; insert into parted values (1)`,
    )
    await truncateTables(session, ['a', 'b', 'parent', 'parted'].map(named), { only: true })
    await truncateTables(session, [], { only: true })
    expect(await countRows(session, ['a', 'b', 'parent', 'child', 'parted'].map(named))).toEqual([0, 0, 0, 1, 0])
    expect(await session.query('insert into a default values returning id')).toEqual([{ id: '2' }])
    await expect(truncateTables(session, [named('a')], { only: true })).rejects.toMatchObject({ code: '0A000' })
  })

  test('locks are taken on all tables at once', async () => {
    await session.query('create table a (id int); create table "b""" (id int)')
    await beginCrossing(session)
    await lockTables(
      session,
      [
        { name: named('b"'), oid: 2 },
        { name: named('a'), oid: 1 },
      ],
      'share row exclusive',
    )
    await lockTables(session, [], 'access exclusive')
    const held = await session.query(
      `select count(*) from pg_locks where pid = pg_backend_pid() and mode = 'ShareRowExclusiveLock'`,
    )
    expect(held).toEqual([{ count: '2' }])
    await rollback(session)
  })

  test('the lock table has a size', async () => {
    const { maxLocksPerTransaction, backends, capacity } = await estimateLocks(session)
    expect(maxLocksPerTransaction).toBeGreaterThan(0)
    expect(capacity).toBe(maxLocksPerTransaction * backends)
  })
})

describe('two sessions', () => {
  let one: Session
  let two: Session
  beforeAll(async () => {
    one = await openSession(serverAddress(database.url), { applicationName: 'first' })
    two = await openSession(serverAddress(database.url), { applicationName: 'second' })
    await one.query('create table public.busy (id int, name text)')
  })
  afterAll(async () => {
    await one?.close()
    await two?.close()
  })

  test('only one crossing into a database at a time; the other learns which', async () => {
    await beginCrossing(one)
    await expect(beginCrossing(two)).rejects.toMatchObject({
      code: 'TARGET_LOCKED',
      message: expect.stringContaining(`process ${one.server.pid} (user ${one.server.user}, first), since 20`),
      remedy: expect.stringContaining('pg_terminate_backend'),
    })
    expect(await two.query('select 1 as free')).toEqual([{ free: '1' }])
    await rollback(one)
    const { xid } = await beginCrossing(two)
    expect(await commitCrossing(two, xid)).toBe('committed')
  })

  test.each([
    ['access exclusive', 'select from public.busy'],
    ['share row exclusive', 'insert into public.busy values (1)'],
    ['row exclusive', 'lock table public.busy in share mode'],
  ] as const)('a lock %s that does not come names who is in the way', async (mode, statement) => {
    await two.query(`begin; ${statement}`)
    const [table] = await one.query(`select 'public.busy'::regclass::oid as oid`)
    await beginCrossing(one, { lockTimeoutMs: 50 })
    await expect(
      lockTables(one, [{ name: { schema: 'public', name: 'busy' }, oid: Number(table?.['oid']) }], mode),
    ).rejects.toMatchObject({
      code: 'LOCK_TIMEOUT',
      message: expect.stringMatching(
        new RegExp(`process ${two.server.pid} \\(user .*, second, idle in transaction\\) holds .*Lock on public.busy`),
      ),
      remedy: expect.stringContaining(`pg_terminate_backend(${two.server.pid})`),
    })
    await rollback(one)
    await rollback(two)
  })

  test('a table that somebody has locked is not waited for without end, not even to read it', async () => {
    // Its TOAST table is locked besides, and of no interest
    await two.query('begin; truncate table public.busy')
    const reading = withLockTimeout(one, 50, () => one.query('select from public.busy'))
    await expect(reading).rejects.toMatchObject({
      code: 'LOCK_TIMEOUT',
      message: expect.stringMatching(
        new RegExp(`process ${two.server.pid} .* holds AccessExclusiveLock, ShareLock on public.busy$`),
      ),
    })
    await rollback(two)
    expect(await withLockTimeout(one, 50, () => one.query('select from public.busy'))).toEqual([])
  })
})
