import type { SourceRow } from '@rowferry/introspect'
import type { Session } from '@rowferry/postgres'
import { useDatabase } from '@rowferry/vitest-preset/database'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { memorySource } from '../test/memory-source.ts'
import { sessionOn } from '../test/pg-session.ts'
import type { ExpectedTable } from './expectation.ts'
import { verifyTable, type VerifyTableOptions } from './verify-table.ts'
import { verifyTables } from './verify-tables.ts'
import { whole } from '../test/whole.ts'

const database = useDatabase()
let session: Session

beforeEach(async () => {
  session = await sessionOn(database.url)
  await session.query(`begin; create table public.a (id bigint, label text); create table public.b (id bigint, label text);
    create table public.c (id bigint, label text); create table public.d (id bigint, label inet)`)
})
afterEach(() => session.close())

const rows: readonly SourceRow[] = [
  [1n, 'one'],
  [2n, 'two'],
  [3n, null],
]
const loaded = `(1, 'one'), (2, 'two'), (3, null)`

function table(
  name: string,
  over: Partial<ExpectedTable> = {},
  more: Partial<VerifyTableOptions> = {},
): VerifyTableOptions {
  return {
    expected: {
      source: { schema: 'main', name },
      target: { schema: 'public', name },
      columns: [
        { source: 'id', target: 'id', type: { kind: 'int8' } },
        { source: 'label', target: 'label', type: { kind: 'text' } },
      ],
      key: ['id'],
      ...whole,
      ...over,
    },
    source: memorySource({ columns: ['id', 'label'], rows }),
    session,
    level: 'full',
    ...more,
  }
}

/** All but the time it took must be as if each had been verified by itself. */
async function together(tables: readonly VerifyTableOptions[]) {
  const apart = []
  for (const each of tables) apart.push({ ...(await verifyTable(each)), ms: 0 })
  const found = (await verifyTables(tables)).map((verdict) => ({ ...verdict, ms: 0 }))
  expect(found).toEqual(apart)
  return found
}

test('tables that are equal, one of them empty', async () => {
  await session.query(`insert into public.a values ${loaded}; insert into public.c values ${loaded}`)
  const empty = { source: memorySource({ columns: ['id', 'label'], rows: [] }) }
  expect(await together([table('a'), table('b', {}, empty), table('c', {}, { partitioned: false })])).toMatchObject([
    { equal: true, method: 'lock-step', sourceRows: 3, targetRows: 3 },
    { equal: true, method: 'lock-step', sourceRows: 0, targetRows: 0 },
    { equal: true, method: 'lock-step', sourceRows: 3, targetRows: 3 },
  ])
  expect(await verifyTables([])).toEqual([])
})

test.each([
  ['a cell', `(1, 'one'), (2, 'else'), (3, null)`, { different: 1, missing: 0, extra: 0, equal: false }],
  ['a row that is missing', `(1, 'one'), (3, null)`, { different: 0, missing: 1, extra: 0, equal: false }],
  ['a row too many', `${loaded}, (4, 'four')`, { different: 0, missing: 0, extra: 1, equal: false }],
  ['another order', `(3, null), (1, 'one'), (2, 'two')`, { equal: true, method: 'buckets' }],
])('%s in the middle is found, and the others are compared', async (_, middle, verdict) => {
  await session.query(
    `insert into public.a values ${loaded}; insert into public.b values ${middle}; insert into public.c values ${loaded}`,
  )
  expect(await together([table('a'), table('b'), table('c')])).toMatchObject([
    { equal: true, method: 'lock-step' },
    verdict,
    { equal: true, method: 'lock-step' },
  ])
})

test('among them those that must be compared by themselves', async () => {
  await session.query(`insert into public.a values ${loaded}; insert into public.b values ${loaded}, (9, 'before');
    insert into public.c values ${loaded}; insert into public.d values (1, '10.0.0.1')`)
  const inet = {
    source: 'label',
    target: 'label',
    type: { kind: 'input', schema: 'pg_catalog', name: 'inet' },
  } as const
  const asked = table(
    'd',
    { columns: [inet], key: [] },
    { source: memorySource({ columns: ['label'], rows: [['10.0.0.1/32']] }) },
  )
  expect(
    await together([table('a'), table('b', { extent: 'contains' }), asked, table('c', {}, { level: 'counts' })]),
  ).toMatchObject([{ equal: true }, { equal: true, method: 'buckets' }, { equal: true }, { equal: true }])
})

test('a fault in one is thrown, and the session can be used', async () => {
  await session.query(`insert into public.a values ${loaded}`)
  await expect(verifyTables([table('a'), table('nowhere'), table('c')])).rejects.toMatchObject({ code: '42P01' })
  await expect(
    verifyTables([table('a', {}, { signal: AbortSignal.abort(new Error('enough')) }), table('c')]),
  ).rejects.toThrow('enough')
  await session.query('rollback')
  expect(await session.query('select 1 as one')).toEqual([{ one: '1' }])
})
