import type { SourceRow } from '@rowferry/introspect'
import type { TablePlan } from '@rowferry/plan'
import { useDatabase } from '@rowferry/vitest-preset/database'
import { describe, expect, test } from 'vitest'
import { memorySource } from '../test/memory-source.ts'
import type { Target } from '../test/target.ts'
import { isClean, openTarget, planOf, rowsOf } from '../test/target.ts'
import { writeGuarded } from './guarded.ts'
import type { Reject } from './reject.ts'

const database = useDatabase()

async function load(
  session: Target,
  columns: readonly string[],
  rows: readonly SourceRow[],
  given: Parameters<typeof planOf>[2] = {},
  table?: TablePlan,
) {
  const rejects: Reject[] = []
  const source = memorySource(columns, rows)
  const written = await writeGuarded({
    table: table ?? (await planOf(session, 't', given)),
    source,
    session,
    onReject: (reject) => void rejects.push(reject),
  })
  return { written, rejects, named: rejects.map(({ row, code }) => [row, code]) }
}
const raising = (code: string) =>
  `create function stop() returns trigger language plpgsql as $$ begin if new.id = 7 then raise exception 'not this one' using errcode = '${code}'; end if; return new; end $$; create trigger stop before insert on t for each row execute function stop()`

describe('each kind of refusal is isolated, told in the words of the server, and everything else goes in', () => {
  const kinds: [code: string, sql: string, bad: SourceRow, told: Partial<Reject>][] = [
    [
      'UNIQUE_VIOLATION',
      'create table t (id int primary key, v text)',
      [3, 'x'],
      { column: null, reason: 'duplicate key value violates unique constraint "t_pkey"; Key (id)=(3) already exists.' },
    ],
    [
      'CHECK_VIOLATION',
      "create table t (id int, v text constraint no_x check (v <> 'x'))",
      [77, 'x'],
      { reason: expect.stringContaining('"no_x"') },
    ],
    [
      'NOT_NULL_VIOLATION',
      'create table t (id int, v text not null)',
      [77, null],
      { column: 'v', storageClass: 'null', targetType: 'text' },
    ],
    [
      'FOREIGN_KEY_VIOLATION',
      "create table p (v text primary key); insert into p values ('v'); create table t (id int, v text references p)",
      [77, 'x'],
      { reason: expect.stringContaining('"t_v_fkey"') },
    ],
    ['EXCLUSION_VIOLATION', 'create table t (id int, v text, exclude using btree (id with =))', [3, 'x'], {}],
    [
      'NO_PARTITION',
      'create table t (id int, v text) partition by range (id); create table t1 partition of t for values from (0) to (5000)',
      [7777, 'x'],
      {},
    ],
    ['DOMAIN_VIOLATION', "create domain d as text check (value <> 'x'); create table t (id int, v d)", [77, 'x'], {}],
    [
      'SERVER_REFUSED',
      "create table t (id int, v text); create index on t ((1 / (case when v = 'x' then 0 else 1 end)))",
      [77, 'x'],
      { reason: 'division by zero' },
    ],
    [
      'SERVER_REFUSED',
      'create table t (id int, v text); create unique index on t (v, id)',
      [77, 'x'.repeat(3_000_000)],
      { reason: expect.stringContaining('index') },
    ],
    ['SERVER_REFUSED', `create table t (id int, v text); ${raising('P0001')}`, [7, 'x'], { reason: 'not this one' }],
  ]
  test.each(kinds)('%s: %s', async (code, sql, bad, told) => {
    await using session = await openTarget(database.url, sql)
    const good: SourceRow[] = Array.from({ length: 2100 }, (_, index) => [index + 1, 'v'])
    if (bad[0] === 7) good.splice(6, 1)
    // One in the middle, one on each side of the border between the first batch and the second
    const rows = [...good.slice(0, 500), bad, ...good.slice(500, 998), bad, bad, ...good.slice(998)]
    const { written, rejects } = await load(session, ['id', 'v'], rows, { key: ['id'], targetKey: [] })
    expect(written).toMatchObject({ read: rows.length, written: good.length, rejected: 3, kept: 0 })
    expect(rejects).toMatchObject(Array.from({ length: 3 }, () => ({ code, row: `id=${bad[0] as number}`, ...told })))
    expect(written.findings).toMatchObject([{ code, severity: 'refuse', count: 3 }])
    const [totals] = await rowsOf(session, 'select count(*) as rows, count(distinct id) as ids, sum(id) from public.t')
    expect(totals).toEqual([
      String(good.length),
      String(good.length),
      String(good.reduce((sum, [id]) => sum + (id as number), 0)),
    ])
  })
})

test('a batch of nothing but bad rows, and a table of nothing but them', async () => {
  await using session = await openTarget(database.url, 'create table t (id int primary key, v text check (v is null))')
  const { written } = await load(
    session,
    ['id', 'v'],
    Array.from({ length: 1500 }, (_, index): SourceRow => [index, 'x']),
  )
  expect(written).toMatchObject({ read: 1500, written: 0, rejected: 1500 })
  expect(written.findings).toMatchObject([{ count: 1500, keys: ['id=0', 'id=1', 'id=2', 'id=3', 'id=4'] }])
})

test('of two rows under one key the first goes in', async () => {
  await using session = await openTarget(database.url, 'create table t (id int primary key, v text)')
  const { named } = await load(
    session,
    ['id', 'v'],
    [
      [1, 'a'],
      [2, 'b'],
      [1, 'c'],
      [2, 'd'],
      [3, 'e'],
    ],
  )
  expect(named).toEqual([
    ['id=1', 'UNIQUE_VIOLATION'],
    ['id=2', 'UNIQUE_VIOLATION'],
  ])
  expect(await rowsOf(session, 'select v from public.t order by id')).toEqual([['a'], ['b'], ['e']])
})

test('a key that is checked late is checked with each batch', async () => {
  await using session = await openTarget(
    database.url,
    'create table t (id int primary key deferrable initially deferred, v text)',
  )
  const { named } = await load(
    session,
    ['id', 'v'],
    [
      [1, 'a'],
      [2, 'b'],
      [1, 'c'],
    ],
  )
  expect(named).toEqual([['id=1', 'UNIQUE_VIOLATION']])
  await session.query('set constraints all immediate')
})

test('rows that do not fit never reach the server; all of their misfits are told', async () => {
  await using session = await openTarget(database.url, 'create table t (id int primary key, n int, at date)')
  const { written, rejects } = await load(
    session,
    ['id', 'n', 'at'],
    [
      [1, 'one', 'never'],
      [2, 2, '2024-02-30'],
      [3, 3, '2024-02-29'],
    ],
  )
  expect(written).toMatchObject({ read: 3, written: 1, rejected: 2 })
  expect(rejects).toMatchObject([
    {
      row: 'id=1',
      column: 'n',
      code: 'NOT_AN_INTEGER',
      storageClass: 'text',
      targetType: 'integer',
      reason: 'n: "one" is no integer; at: "never" is no date of the form YYYY-MM-DD',
    },
    { row: 'id=2', column: 'at', code: 'NOT_A_DATE', targetType: 'date' },
  ])
  expect(written.findings.map(({ code, column, count }) => [code, column, count])).toEqual([
    ['NOT_AN_INTEGER', 'n', 1],
    ['NOT_A_DATE', 'at', 2],
  ])
})

describe('a table that references itself', () => {
  const TREE = 'create table t (id int primary key, parent int references t)'

  test('parents may come in a later batch, or be each other', async () => {
    await using session = await openTarget(database.url, TREE)
    const rows: SourceRow[] = Array.from({ length: 1200 }, (_, index) => [
      index + 1,
      index + 1 === 1200 ? 1 : index + 2,
    ])
    expect((await load(session, ['id', 'parent'], rows)).written).toMatchObject({ written: 1200, rejected: 0 })
  })

  test('only those without a parent, and what hangs on them, are set aside', async () => {
    await using session = await openTarget(database.url, TREE)
    const rows: SourceRow[] = Array.from({ length: 1200 }, (_, index) => [
      index + 1,
      index + 1 === 1200 ? null : index + 2,
    ])
    const { named } = await load(
      session,
      ['id', 'parent'],
      [[5001, 5002], [5002, 9999], ...rows, [5003, 5001], [5004, 1]],
    )
    expect(named).toEqual([
      ['id=5001', 'FOREIGN_KEY_VIOLATION'],
      ['id=5002', 'FOREIGN_KEY_VIOLATION'],
      ['id=5003', 'FOREIGN_KEY_VIOLATION'],
    ])
    expect(await rowsOf(session, 'select count(*) from public.t')).toEqual([['1201']])
  })
})

test('what rules did to rows that were set aside is not counted', async () => {
  await using session = await openTarget(database.url, "create table t (id int primary key, v text check (v <> 'B'))")
  const { written } = await load(
    session,
    ['id', 'v'],
    [
      [1, 'a'],
      [2, 'b'],
      [3, 'a'],
      ['x', 'a'],
    ],
    {
      rules: {
        v: {
          map: [
            ['a', 'A'],
            ['b', 'B'],
          ],
        },
      },
    },
  )
  expect(written.changed).toEqual([{ column: 'v', rule: 'map', from: 'a', count: 2 }])
})

test('a row larger than a batch', async () => {
  await using session = await openTarget(database.url, "create table t (id int primary key, v text check (v <> 'x'))")
  const { named } = await load(
    session,
    ['id', 'v'],
    [
      [1, 'a'],
      [2, 'y'.repeat(12_000_000)],
      [3, 'x'],
      [4, 'b'],
    ],
  )
  expect(named).toEqual([['id=3', 'CHECK_VIOLATION']])
  expect(await rowsOf(session, 'select id, length(v) from public.t order by id')).toEqual([
    ['1', '1'],
    ['2', '12000000'],
    ['4', '1'],
  ])
})

test('names that look like a line of COPY', async () => {
  await using session = await openTarget(
    database.url,
    `create table t (id int); create table "COPY t, line 2" (id int, "line 7" int check ("line 7" > 0))`,
  )
  const plan = await planOf(session, 'COPY t, line 2', { key: ['id'] })
  const { named } = await load(
    session,
    ['id', 'line 7'],
    [
      [1, 1],
      [2, 1],
      [3, 0],
      [4, 1],
    ],
    {},
    plan,
  )
  expect(named).toEqual([['id=3', 'CHECK_VIOLATION']])
})

describe('what is no row’s fault is thrown, and leaves the connection clean', () => {
  const rows: SourceRow[] = Array.from({ length: 3000 }, (_, index) => [index, 'v'])
  const request = async (session: Target) => ({
    table: await planOf(session, 't'),
    source: memorySource(['id', 'v'], rows),
    session,
    onReject: () => {},
  })

  test.each(['53100', '53200', '57014', '40001', '40P01', '42501', 'XX000', '22P04'])('SQLSTATE %s', async (code) => {
    await using session = await openTarget(database.url, `create table t (id int, v text); ${raising(code)}`)
    await expect(writeGuarded(await request(session))).rejects.toMatchObject({ name: 'PostgresError', code })
    expect(await isClean(session)).toBe(true)
  })

  test('a statement trigger that says no to all of it', async () => {
    const trigger =
      "create function no() returns trigger language plpgsql as $$ begin raise exception 'closed'; end $$; create trigger no before insert on t execute function no()"
    await using session = await openTarget(database.url, `create table t (id int, v text); ${trigger}`)
    await expect(writeGuarded(await request(session))).rejects.toMatchObject({ code: 'P0001', message: 'closed' })
  })

  test('rows that a trigger swallows', async () => {
    const trigger =
      'create function eat() returns trigger language plpgsql as $$ begin return case when new.id = 1700 then null else new end; end $$; create trigger eat before insert on t for each row execute function eat()'
    await using session = await openTarget(database.url, `create table t (id int, v text); ${trigger}`)
    await expect(writeGuarded(await request(session))).rejects.toMatchObject({ code: 'ROWS_LOST', table: 't' })
    expect(await isClean(session)).toBe(true)
  })

  test('a place for rejects that is full', async () => {
    await using session = await openTarget(database.url, 'create table t (id int, v text)')
    const full = new Error('no space left')
    const source = memorySource(['id', 'v'], [...rows, ['x', 'x']])
    await expect(
      writeGuarded({ ...(await request(session)), source, onReject: () => Promise.reject(full) }),
    ).rejects.toBe(full)
    expect(await isClean(session)).toBe(true)
  })

  test('a raised signal', async () => {
    await using session = await openTarget(database.url, 'create table t (id int, v text)')
    const controller = new AbortController()
    const source = memorySource(['id', 'v'], rows, { between: (batch) => batch === 3 && controller.abort() })
    await expect(
      writeGuarded({ ...(await request(session)), source, signal: controller.signal }),
    ).rejects.toMatchObject({ code: 'INTERRUPTED' })
    expect(await isClean(session)).toBe(true)
  })
})
