import type { SourceRow } from '@rowferry/introspect'
import { PostgresError } from '@rowferry/postgres'
import { useDatabase } from '@rowferry/vitest-preset/database'
import { describe, expect, test } from 'vitest'
import { memorySource } from '../test/memory-source.ts'
import { isClean, openTarget, planOf, rowsOf } from '../test/target.ts'
import { writeTable } from './write-table.ts'

const database = useDatabase()
const numbers = (count: number): SourceRow[] =>
  Array.from({ length: count }, (_, index) => [index + 1, `name ${index + 1}`])
const USERS = 'create table users (id bigint primary key, name text)'

test('every row of every batch arrives, and is counted', async () => {
  await using session = await openTarget(database.url, USERS)
  const progress: number[] = []
  const written = await writeTable({
    table: await planOf(session, 'users'),
    source: memorySource(['id', 'name'], numbers(25_001)),
    session,
    freeze: true,
    batchRows: 10_000,
    onProgress: (rows) => progress.push(rows),
  })
  expect(written).toMatchObject({ outcome: 'written', read: 25_001, written: 25_001, kept: 0, changed: [] })
  expect(progress).toEqual([10_000, 20_000, 25_001])
  expect(await rowsOf(session, "select count(*), sum(id), bool_and(name = 'name ' || id) from public.users")).toEqual([
    ['25001', String((25_001 * 25_002) / 2), 't'],
  ])
  const octets = numbers(25_001).reduce((sum, [, name]) => sum + 18 + (name as string).length, 0)
  expect(written).toMatchObject({ bytes: octets })
})

test('an empty table is a COPY of no rows', async () => {
  await using session = await openTarget(database.url, USERS)
  const request = {
    table: await planOf(session, 'users'),
    source: memorySource(['id', 'name'], []),
    session,
    freeze: false,
  }
  expect(await writeTable(request)).toMatchObject({ outcome: 'written', read: 0, written: 0, bytes: 0 })
})

test('the source is asked for the written columns first, then for what names a row, in the classes the plan wants', async () => {
  await using session = await openTarget(database.url, 'create table t (b text, a text)')
  const source = memorySource(['a', 'b', 'k'], [['x', 1.5, 3n]])
  const table = await planOf(session, 't', { key: ['k', 'a'], classedIntegers: true })
  expect(await writeTable({ table, source, session, freeze: false })).toMatchObject({ outcome: 'written' })
  expect(source.asked).toMatchObject([{ columns: ['b', 'a', 'k'], integers: 'bigint' }])
  expect(await rowsOf(session, 'select b, a from public.t')).toEqual([['1.5', 'x']])
  const keyless = await planOf(session, 't', { rowIdentifier: 'rowid' })
  await writeTable({ table: keyless, source, session, freeze: false })
  expect(source.asked[1]).toMatchObject({ columns: ['b', 'a', 'rowid'], integers: 'auto' })
})

test('what a rule did is counted by column', async () => {
  await using session = await openTarget(
    database.url,
    'create table t (id int, role text, at timestamptz, price numeric(5,2))',
  )
  const rules = {
    role: {
      map: [
        ['A', 'x'],
        ['B', null],
      ] as const,
    },
    at: { epoch: 's' as const },
    price: { allowLossy: true },
  }
  const source = memorySource(
    ['id', 'role', 'at', 'price'],
    [
      [1, 'A', 0, 1.005],
      [2, 'B', 5, 2.5],
      [3, 'A', null, 1],
    ],
  )
  const written = await writeTable({ table: await planOf(session, 't', { rules }), source, session, freeze: false })
  expect(written).toMatchObject({
    changed: [
      { column: 'role', rule: 'map', from: 'A', count: 2 },
      { column: 'role', rule: 'map', from: 'B', count: 1 },
      { column: 'at', rule: 'epoch', from: null, count: 2 },
      { column: 'price', rule: 'lossy', from: null, count: 1 },
    ],
  })
})

test('a row of forty megabytes between small ones', async () => {
  await using session = await openTarget(database.url, USERS)
  const rows: SourceRow[] = [
    [1, 'a'],
    [2, 'é'.repeat(20_000_000)],
    [3, 'c'],
  ]
  const request = {
    table: await planOf(session, 'users'),
    source: memorySource(['id', 'name'], rows),
    session,
    freeze: false,
  }
  expect(await writeTable(request)).toMatchObject({ outcome: 'written', written: 3 })
  expect(await rowsOf(session, 'select id, octet_length(name) from public.users order by id')).toEqual([
    ['1', '1'],
    ['2', '40000000'],
    ['3', '1'],
  ])
})

describe('the first trouble ends the COPY and leaves the connection clean', () => {
  test('a value that does not fit', async () => {
    await using session = await openTarget(database.url, USERS)
    const source = memorySource(['id', 'name'], [...numbers(20_000), ['lots', 'x'], ['more', 'y']])
    const written = await writeTable({ table: await planOf(session, 'users'), source, session, freeze: false })
    expect(written).toEqual({ outcome: 'misfit', code: 'NOT_AN_INTEGER', message: 'id=lots: "lots" is no integer' })
    await expect(session.query('select 1')).rejects.toMatchObject({ code: '25P02' })
    expect(await isClean(session)).toBe(true)
  })

  test.each([
    [
      '23505',
      'primary key (id)',
      [
        [1, 'a'],
        [1, 'b'],
      ],
    ],
    [
      '23514',
      "check (name <> 'b')",
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    [
      '23503',
      'foreign key (id) references parents',
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    ['23502', 'check (true), alter name set not null', [[1, null]]],
  ])('what the server refuses with %s', async (code, constraint, rows) => {
    const [first, second] = constraint.split(', ')
    const more = second ? `; alter table t ${second}` : ''
    await using session = await openTarget(
      database.url,
      `create table parents (id bigint primary key); insert into parents values (1); create table t (id bigint, name text, ${first})${more}`,
    )
    const source = memorySource(['id', 'name'], rows as SourceRow[])
    const written = await writeTable({ table: await planOf(session, 't'), source, session, freeze: false })
    expect(written).toMatchObject({ outcome: 'rejected', error: { code } })
    expect(await isClean(session)).toBe(true)
  })

  test('a refusal that comes while rows are still being sent', async () => {
    await using session = await openTarget(database.url, USERS)
    const source = memorySource(['id', 'name'], [[1, 'again'], ...numbers(200_000)])
    const written = await writeTable({ table: await planOf(session, 'users'), source, session, freeze: false })
    expect(written).toMatchObject({ outcome: 'rejected', error: { code: '23505' } })
    expect(await isClean(session)).toBe(true)
  })

  test('an error that does not concern a row is thrown', async () => {
    const trigger =
      "create function stop() returns trigger language plpgsql as $$ begin raise exception 'no room' using errcode = '53100'; end $$; create trigger stop before insert on users for each row execute function stop()"
    await using session = await openTarget(database.url, `${USERS}; ${trigger}`)
    const source = memorySource(['id', 'name'], numbers(10))
    await expect(
      writeTable({ table: await planOf(session, 'users'), source, session, freeze: false }),
    ).rejects.toMatchObject({ code: '53100' })
    expect(await isClean(session)).toBe(true)
  })

  test('a source that fails half-way, even in the words of PostgreSQL', async () => {
    await using session = await openTarget(database.url, USERS)
    const fault = new PostgresError('23505', 'the source is a PostgreSQL, too')
    const source = memorySource(['id', 'name'], numbers(50_000), {
      between: (batch) => {
        if (batch === 40) throw fault
      },
    })
    await expect(writeTable({ table: await planOf(session, 'users'), source, session, freeze: false })).rejects.toBe(
      fault,
    )
    expect(await isClean(session)).toBe(true)
  })

  test('a raised signal', async () => {
    await using session = await openTarget(database.url, USERS)
    const controller = new AbortController()
    const source = memorySource(['id', 'name'], numbers(50_000), {
      between: (batch) => batch === 40 && controller.abort(),
    })
    const table = await planOf(session, 'users')
    await expect(
      writeTable({ table, source, session, freeze: false, signal: controller.signal }),
    ).rejects.toMatchObject({ name: 'WriteError', code: 'INTERRUPTED', table: 'users' })
    expect(await isClean(session)).toBe(true)
    await expect(
      writeTable({ table, source, session, freeze: false, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'INTERRUPTED' })
  })

  test('rows that a trigger swallows', async () => {
    const trigger =
      'create function eat() returns trigger language plpgsql as $$ begin return case when new.id = 7 then null else new end; end $$; create trigger eat before insert on users for each row execute function eat()'
    await using session = await openTarget(database.url, `${USERS}; ${trigger}`)
    const source = memorySource(['id', 'name'], numbers(10))
    await expect(
      writeTable({ table: await planOf(session, 'users'), source, session, freeze: false }),
    ).rejects.toMatchObject({
      name: 'WriteError',
      code: 'ROWS_LOST',
      table: 'users',
      message: '10 rows of users were sent and the server kept 9: a trigger or rule swallows rows',
    })
    expect(await isClean(session)).toBe(true)
  })
})
