import type { SourceRow } from '@rowferry/introspect'
import type { Session } from '@rowferry/postgres'
import { useDatabase } from '@rowferry/vitest-preset/database'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { memorySource, type MemoryOptions } from '../test/memory-source.ts'
import { sessionOn } from '../test/pg-session.ts'
import { everyBucket } from './buckets.ts'
import { compareBy } from './comparison.ts'
import type { ExpectedTable } from './expectation.ts'
import type { Reading } from './reading.ts'
import { settle } from './settle.ts'
import { verifyTable, type VerifyTableOptions } from './verify-table.ts'
import { whole } from '../test/whole.ts'

const database = useDatabase()
let session: Session

beforeEach(async () => {
  session = await sessionOn(database.url)
  await session.query('begin; create table public.t (id bigint, label text)')
})
afterEach(() => session.close())

const rows: readonly SourceRow[] = [
  [1n, 'one'],
  [2n, 'two'],
  [3n, null],
  [4n, 'two'],
]
const base: ExpectedTable = {
  source: { schema: 'main', name: 't' },
  target: { schema: 'public', name: 't' },
  columns: [
    { source: 'id', target: 'id', type: { kind: 'int8' } },
    { source: 'label', target: 'label', type: { kind: 'text' } },
  ],
  key: ['id'],
  ...whole,
}
const labelsOnly: Partial<ExpectedTable> = { columns: [base.columns[1]!], key: [] }

const load = (values: string) => session.query(`insert into public.t values ${values}`)
const verify = (over: Partial<ExpectedTable>, more: Partial<VerifyTableOptions> = {}, options: MemoryOptions = {}) =>
  verifyTable({
    expected: { ...base, ...over },
    source: memorySource({ columns: ['id', 'label'], rows }, options),
    session,
    level: 'full',
    ...more,
  })

test('in step to the end', async () => {
  await load(`(1, 'one'), (2, 'two'), (3, null), (4, 'two')`)
  expect(await verify({})).toMatchObject({
    equal: true,
    method: 'lock-step',
    cells: 8,
    sourceRows: 4,
    targetRows: 4,
    rejected: 0,
  })
})

test('a loaded table that holds other rows too: each of ours must be there and equal', async () => {
  const contains = { extent: 'contains' } as const
  await load(`(9, 'before'), (4, 'two'), (2, 'two'), (1, 'one'), (3, null)`)
  expect(await verify(contains)).toMatchObject({ equal: true, method: 'buckets', extra: 0, targetRows: 5 })
  await session.query(`update public.t set label = 'else' where id = 2; delete from public.t where id = 3`)
  const verdict = await verify(contains)
  expect(verdict).toMatchObject({ equal: false, missing: 1, different: 1, extra: 0 })
  expect(verdict.mismatches).toEqual([
    { kind: 'different', key: 'id=2', column: 'label', source: '"two"', target: '"else"' },
    { kind: 'missing', key: 'id=3', column: null, source: '(3, NULL)', target: null },
  ])
})

test('rows that were to stay as they are need only exist', async () => {
  const skip = { extent: 'contains', keepExisting: true } as const
  await load(`(9, 'before'), (4, 'theirs'), (2, 'theirs'), (1, null), (3, null)`)
  expect(await verify(skip)).toMatchObject({ equal: true, different: 0, cells: 4 })
  await session.query('delete from public.t where id = 4')
  expect(await verify(skip)).toMatchObject({ equal: false, missing: 1, mismatches: [{ kind: 'missing', key: 'id=4' }] })
})

test('appended rows without a key must be there as often as the source has them', async () => {
  const append = { ...labelsOnly, extent: 'contains' } as const
  await load(`(0, 'before'), (0, 'two'), (0, 'one'), (0, null), (0, 'two'), (0, 'two')`)
  expect(await verify(append)).toMatchObject({ equal: true, extra: 0 })
  await session.query(`delete from public.t where label = 'two'; insert into public.t values (0, 'two')`)
  expect(await verify(append)).toMatchObject({
    equal: false,
    missing: 1,
    mismatches: [{ kind: 'missing', key: 'row 2', source: '("two")' }],
  })
})

test('rows set aside are skipped, and must not have arrived', async () => {
  await load(`(1, 'one'), (3, null), (4, 'two')`)
  expect(await verify({ rejected: ['["2"]'] })).toMatchObject({
    equal: true,
    rejected: 1,
    sourceRows: 4,
    targetRows: 3,
    cells: 6,
  })
  expect(await verify({ rejected: ['2'], key: [], rowIdentifier: 'rowid' })).toMatchObject({ equal: true, rejected: 1 })
  expect(await verify({ rejected: ['2'], key: [] })).toMatchObject({ equal: true, rejected: 1 })
  await load(`(2, 'two')`)
  expect(await verify({ rejected: ['["2"]'] })).toMatchObject({
    equal: false,
    extra: 1,
    mismatches: [{ kind: 'extra', key: 'id=2', target: '(2, "two")' }],
  })
})

test('the list of differences is bounded, their count is not', async () => {
  await load(`(5, 'a'), (6, 'b'), (7, 'c'), (1, 'x')`)
  const verdict = await verify({}, { maxMismatches: 2 })
  expect(verdict).toMatchObject({ missing: 3, extra: 3, different: 1 })
  expect(verdict.mismatches).toHaveLength(2)
})

test('more rows than may be held at once are settled in rounds', async () => {
  const many = Array.from({ length: 500 }, (_, i): SourceRow => [BigInt(i), `label ${i}`])
  await session.query(
    `insert into public.t select i, 'label ' || i from generate_series(499, 0, -1) i where i not in (7, 77);
    update public.t set label = 'else' where id in (5, 55); insert into public.t values (1000, 'more'), (1001, 'more')`,
  )
  const reading: Reading = {
    comparison: compareBy(base, () => ({ numbersAreReals: false })),
    source: memorySource({ columns: ['id', 'label'], rows: many }),
    session,
    integers: 'auto',
    target: {},
    maxMismatches: 20,
    signal: undefined,
    onProgress: undefined,
    account: null,
  }
  const options = {
    first: true,
    buckets: everyBucket(),
    rows: 500,
    othersAllowed: false,
    keyOnly: false,
    roundRows: 60,
  }
  const settled = await settle(reading, options)
  expect(settled).toMatchObject({ sourceRows: 500, targetRows: 500, missing: 2, different: 2, extra: 2 })
  expect(settled.mismatches.map(({ kind, key }) => `${kind} ${key}`).toSorted()).toEqual([
    'different id=5',
    'different id=55',
    'extra id=1000',
    'extra id=1001',
    'missing id=7',
    'missing id=77',
  ])
})

test('a partitioned table is read through a query', async () => {
  await session.query(`drop table public.t; create table public.t (id bigint, label text) partition by list (label);
    create table public.nulls partition of public.t for values in (null); create table public.texts partition of public.t default`)
  await load(`(1, 'one'), (2, 'two'), (3, null), (4, 'two')`)
  expect(await verify({})).toMatchObject({ equal: true, method: 'buckets' })
  expect(await verify({}, { level: 'counts' })).toMatchObject({ equal: true, method: 'counts', targetRows: 4 })
})

test('a column that the target generates is compared too', async () => {
  await session.query(`drop table public.t; create table public.t (id bigint, label text generated always as (
    case id when 1 then 'one' when 3 then null else 'two' end) stored)`)
  await session.query('insert into public.t values (1), (2), (3), (4)')
  expect(await verify({})).toMatchObject({ equal: true, method: 'lock-step', cells: 8 })
})

test('children of an inheriting table are another table', async () => {
  await session.query('create table public.child () inherits (public.t)')
  await load(`(1, 'one'), (2, 'two'), (3, null), (4, 'two')`)
  await session.query(`insert into public.child values (9, 'child')`)
  for (const level of ['full', 'counts'] as const)
    expect(await verify({}, { level })).toMatchObject({ equal: true, targetRows: 4 })
})

test('counts see only how many there are', async () => {
  await load(`(1, 'x'), (2, 'y'), (3, 'z')`)
  for (const aggregates of [true, false]) {
    expect(await verify({}, { level: 'counts' }, { aggregates })).toMatchObject({
      equal: false,
      missing: 1,
      extra: 0,
      cells: 0,
      sourceRows: 4,
      targetRows: 3,
    })
    expect(await verify({ rejected: ['["2"]'] }, { level: 'counts' }, { aggregates })).toMatchObject({
      equal: true,
      rejected: 1,
    })
    expect(await verify({ rejected: ['["2"]', '["3"]'] }, { level: 'counts' }, { aggregates })).toMatchObject({
      equal: false,
      extra: 1,
    })
  }
})

test('progress is told batch by batch, and an abort stops it with its reason', async () => {
  await load(`(1, 'one'), (2, 'two'), (3, null), (4, 'two')`)
  const told: number[] = []
  await verify({}, { onProgress: (read) => void told.push(read) }, { batchRows: 3 })
  await verify({}, { crossCheck: false, onProgress: (read) => void told.push(read) }, { batchRows: 4 })
  expect(told).toEqual([3, 4, 4])
  const reason = new Error('enough')
  await expect(verify({}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  const later = new AbortController()
  await expect(
    verify({}, { signal: later.signal, onProgress: () => later.abort(reason) }, { batchRows: 1 }),
  ).rejects.toBe(reason)
  expect(await session.query('select 1 as one')).toEqual([{ one: '1' }])
})

test('an unknown time zone is refused by name', async () => {
  const columns = [{ ...base.columns[1]!, type: { kind: 'timestamptz' }, timezone: 'Mars/Olympus' } as const]
  await expect(verify({ columns, key: [] })).rejects.toMatchObject({
    code: 'EXPECTATION_INVALID',
    message: '"Mars/Olympus" is no time zone',
  })
})
