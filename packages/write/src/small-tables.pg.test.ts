import { createCopyBuffer } from '@rowferry/coerce'
import type { SourceRow } from '@rowferry/introspect'
import { useDatabase } from '@rowferry/vitest-preset/database'
import { expect, test } from 'vitest'
import { memorySource } from '../test/memory-source.ts'
import { openTarget, planOf, rowsOf } from '../test/target.ts'
import { gatherTable, isSmall, writeGathered, type Gathered } from './small-tables.ts'

const database = useDatabase()
const buffer = createCopyBuffer(1024)
const ABC = `create table a (id bigint primary key, name text); create table b (id bigint primary key, name text check (name <> 'no'));
  create table c (id bigint primary key, name varchar(5))`
const named = (count: number): SourceRow[] => Array.from({ length: count }, (_, at) => [at + 1, `n${at + 1}`])

type Target = Awaited<ReturnType<typeof openTarget>>

async function gather(session: Target, name: string, rows: readonly SourceRow[], signal?: AbortSignal) {
  const source = memorySource(['id', 'name'], [...rows])
  const table = await planOf(session, name)
  return gatherTable({ table, source, freeze: false, ...(signal ? { signal } : {}) }, buffer)
}

async function gatherAll(session: Target, given: Record<string, readonly SourceRow[]>): Promise<Gathered[]> {
  const gathered: Gathered[] = []
  for (const [name, rows] of Object.entries(given)) gathered.push((await gather(session, name, rows)) as Gathered)
  return gathered
}

const into = (session: Target) => ({ copyInAll: session.copyInAll! })

test('tables arrive together, each with its own account', async () => {
  await using session = await openTarget(database.url, ABC)
  const gathered = await gatherAll(session, { a: named(300), b: [], c: [[7, 'seven']] })
  expect(await writeGathered(into(session), gathered)).toMatchObject([
    { outcome: 'written', read: 300, written: 300, kept: 0, changed: [] },
    { outcome: 'written', read: 0, written: 0, bytes: 0 },
    { outcome: 'written', read: 1, written: 1 },
  ])
  expect(await rowsOf(session, 'select count(*), sum(id) from public.a union all select id, 0 from public.c')).toEqual([
    ['300', '45150'],
    ['7', '0'],
  ])
  expect(await writeGathered(into(session), [])).toEqual([])
})

test('a cell that does not fit is told before anything is sent', async () => {
  await using session = await openTarget(database.url, ABC)
  expect(await gather(session, 'c', [...named(3), [4, 'too long'], [5, 'too long, too']])).toMatchObject({
    outcome: 'misfit',
    code: 'TOO_LONG',
    message: expect.stringContaining('4'),
  })
})

test("the server's refusal of one ends them all", async () => {
  await using session = await openTarget(database.url, ABC)
  const gathered = await gatherAll(session, { a: named(3), b: [[1, 'no']], c: named(3) })
  expect(await writeGathered(into(session), gathered)).toMatchObject({
    outcome: 'rejected',
    error: { code: '23514', table: 'b' },
  })
})

test('rows that a trigger swallows are missed in their own table', async () => {
  await using session = await openTarget(
    database.url,
    `${ABC}; create function swallow() returns trigger language plpgsql as 'begin return null; end';
     create trigger swallow before insert on b for each row when (new.id = 2) execute function swallow()`,
  )
  const gathered = await gatherAll(session, { a: named(3), b: named(3), c: named(3) })
  await expect(writeGathered(into(session), gathered)).rejects.toMatchObject({ code: 'ROWS_LOST', table: 'b' })
})

test('what does not concern a row is thrown as it is', async () => {
  await using session = await openTarget(database.url, ABC)
  const gathered = await gatherAll(session, { a: named(3), b: named(3) })
  await session.query('drop table public.b')
  await expect(writeGathered(into(session), gathered)).rejects.toMatchObject({ code: '42P01' })
})

test('more than fits is left to a COPY of its own', async () => {
  await using session = await openTarget(database.url, ABC)
  expect(await gather(session, 'a', [[1, 'x'.repeat(300_000)]])).toBeNull()
  const table = await planOf(session, 'a')
  expect([0, 200, 4000, 4001, null].map((rows) => isSmall({ ...table, rows }))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ])
  expect(isSmall({ ...table, rows: 1, partitioned: true })).toBe(false)
  expect(isSmall({ ...table, rows: 1, onExisting: 'merge', targetKey: ['id'] })).toBe(false)
})

test('an interruption is one', async () => {
  await using session = await openTarget(database.url, ABC)
  await expect(gather(session, 'a', named(3), AbortSignal.abort())).rejects.toMatchObject({ code: 'INTERRUPTED' })
})
