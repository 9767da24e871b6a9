import type { SourceRow } from '@rowferry/introspect'
import { useDatabase } from '@rowferry/vitest-preset/database'
import { describe, expect, test } from 'vitest'
import { memorySource } from '../test/memory-source.ts'
import { isClean, openTarget, planOf, rowsOf } from '../test/target.ts'
import { writeGuarded } from './guarded.ts'
import type { Reject } from './reject.ts'
import { writeTable } from './write-table.ts'

const database = useDatabase()
const HELD =
  "create table t (id int generated always as identity primary key, v text check (v <> 'bad')); insert into t overriding system value values (1, 'old'), (9, 'other')"
const ROWS: SourceRow[] = [
  [1, 'new'],
  [2, 'two'],
]

async function guarded(
  url: string,
  sql: string,
  rows: readonly SourceRow[],
  onExisting: 'skip' | 'merge',
  columns = ['id', 'v'],
) {
  const session = await openTarget(url, sql)
  const rejects: Reject[] = []
  const table = await planOf(session, 't', { onExisting })
  const written = await writeGuarded({
    table,
    source: memorySource(columns, rows),
    session,
    onReject: (reject) => void rejects.push(reject),
  })
  return { session, written, rejects, [Symbol.asyncDispose]: () => session.close() }
}

describe.each(['plain', 'guarded'])('%s', (way) => {
  const write = async (
    sql: string,
    rows: readonly SourceRow[],
    onExisting: 'skip' | 'merge',
    columns = ['id', 'v'],
  ) => {
    const session = await openTarget(database.url, sql)
    const table = await planOf(session, 't', { onExisting })
    const request = { table, source: memorySource(columns, rows), session }
    const written = await (
      way === 'plain' ? writeTable({ ...request, freeze: false }) : writeGuarded({ ...request, onReject: () => {} })
    ).catch((error: unknown) => error)
    return { session, written, [Symbol.asyncDispose]: () => session.close() }
  }

  test('skip keeps what is there', async () => {
    await using at = await write(HELD, ROWS, 'skip')
    expect(at.written).toMatchObject({ read: 2, written: 1, kept: 1 })
    expect(await rowsOf(at.session, 'select id, v from public.t order by id')).toEqual([
      ['1', 'old'],
      ['2', 'two'],
      ['9', 'other'],
    ])
  })

  test('merge replaces it', async () => {
    await using at = await write(HELD, ROWS, 'merge')
    expect(at.written).toMatchObject({ read: 2, written: 2, kept: 0 })
    expect(await rowsOf(at.session, 'select id, v from public.t order by id')).toEqual([
      ['1', 'new'],
      ['2', 'two'],
      ['9', 'other'],
    ])
    expect(await rowsOf(at.session, "select relname from pg_class where relpersistence = 't'")).toEqual([])
  })

  test('a table that is all key is never updated: what is there is the same row', async () => {
    await using at = await write(
      'create table t (a int, b int, primary key (b, a)); insert into t values (1, 1)',
      [
        [1, 1],
        [1, 2],
      ],
      'merge',
      ['a', 'b'],
    )
    expect(at.written).toMatchObject({ read: 2, written: 1, kept: 1 })
  })

  test('types, modifiers, domains, arrays and names are those of the target', async () => {
    const sql = `create domain small as varchar(3) check (value <> ''); create table t (id small primary key, v numeric(6,2)[], "select ""x""" timestamptz)`
    await using at = await write(sql, [['abc', '[1.25]', '2024-01-02T03:04:05Z']], 'merge', ['id', 'v', 'select "x"'])
    expect(at.written).toMatchObject({ written: 1 })
    expect(await rowsOf(at.session, 'select * from public.t')).toEqual([['abc', '{1.25}', '2024-01-02 03:04:05+00']])
  })

  test('a trigger that swallows a new row is told from a key that was there', async () => {
    const trigger =
      "create function eat() returns trigger language plpgsql as $$ begin return case when new.v = 'two' then null else new end; end $$; create trigger eat before insert on t for each row execute function eat()"
    for (const onExisting of ['skip', 'merge'] as const) {
      await using at = await write(`${HELD}; ${trigger}`, ROWS, onExisting)
      expect(at.written).toMatchObject({ name: 'WriteError', code: 'ROWS_LOST', table: 't' })
      expect(await isClean(at.session)).toBe(true)
    }
  })
})

const TWINS = 'create extension if not exists citext; create table t (id citext primary key, v text)'

test('two rows of the source under one key of the target never overwrite each other', async () => {
  const rows: SourceRow[] = [
    ['Bob', '1'],
    ['amy', '2'],
    ['bob', '3'],
  ]
  await using session = await openTarget(database.url, TWINS)
  const table = await planOf(session, 't', { onExisting: 'skip' })
  const plain = await writeTable({ table, source: memorySource(['id', 'v'], rows), session, freeze: false })
  expect(plain).toMatchObject({ outcome: 'rejected', error: { code: '23505' } })
})

test.each(['skip', 'merge'] as const)(
  'guarded %s sets the second of them aside, also when a batch lies between',
  async (onExisting) => {
    const rows: SourceRow[] = [
      ['Bob', '1'],
      ...Array.from({ length: 1500 }, (_, index): SourceRow => [`u${index}`, 'x']),
      ['bob', '3'],
    ]
    await using at = await guarded(database.url, TWINS, rows, onExisting)
    expect(at.written).toMatchObject({ read: 1502, written: 1501, kept: 0, rejected: 1 })
    expect(at.rejects).toMatchObject([
      {
        row: 'id=bob',
        code: 'UNIQUE_VIOLATION',
        reason: expect.stringContaining('one row of the source for each key'),
      },
    ])
    expect(await rowsOf(at.session, "select id, v from public.t where lower(id::text) = 'bob'")).toEqual([['Bob', '1']])
  },
)

test.each(['skip', 'merge'] as const)('guarded %s isolates what the target refuses', async (onExisting) => {
  const sql = `${HELD}; create domain even as int check (value % 2 = 0); alter table t add e even, add u int unique`
  const rows: SourceRow[] = [
    [1, 'new', 2, null],
    [2, 'bad', 2, null],
    [3, 'c', 3, null],
    [4, 'd', 4, 7],
    [5, 'e', 4, 7],
    ['x', 'f', 2, null],
    [6, 'g', 2, 8],
  ]
  await using at = await guarded(database.url, sql, rows, onExisting, ['id', 'v', 'e', 'u'])
  const kept = onExisting === 'skip' ? 1 : 0
  expect(at.written).toMatchObject({ read: 7, written: 3 - kept, kept, rejected: 4 })
  expect(new Map(at.rejects.map(({ row, code }) => [row, code]))).toEqual(
    new Map([
      ['id=2', 'CHECK_VIOLATION'],
      ['id=3', 'DOMAIN_VIOLATION'],
      ['id=5', 'UNIQUE_VIOLATION'],
      ['id=x', 'NOT_AN_INTEGER'],
    ]),
  )
  expect(await rowsOf(at.session, 'select id, v from public.t order by id')).toEqual([
    ['1', kept ? 'old' : 'new'],
    ['4', 'd'],
    ['6', 'g'],
    ['9', 'other'],
  ])
})
