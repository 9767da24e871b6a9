import type { SourceRow } from '@rowferry/introspect'
import type { Session } from '@rowferry/postgres'
import { useDatabase } from '@rowferry/vitest-preset/database'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTable, expectedTable, insertRows, rowOfAll, sourceColumns, storedRows } from '../test/all-types.ts'
import { memorySource, type MemoryOptions } from '../test/memory-source.ts'
import { sessionOn } from '../test/pg-session.ts'
import type { ExpectedTable } from './expectation.ts'
import { verifyTable } from './verify-table.ts'
import { whole } from '../test/whole.ts'

const database = useDatabase()
const expected = expectedTable()
let session: Session

beforeEach(async () => {
  session = await sessionOn(database.url)
  await session.query(`begin; set local search_path = public; ${createTable}`)
})
afterEach(() => session.close())

const verify = (rows: readonly SourceRow[], over: Partial<ExpectedTable> = {}, options: MemoryOptions = {}) =>
  verifyTable({
    expected: expectedTable(over),
    source: memorySource({ columns: sourceColumns, rows }, options),
    session,
    level: 'full',
  })

test('what PostgreSQL itself made of the stored values is equal, whatever the row', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(rowOfAll, { minLength: 1, maxLength: 40 }), async (rows) => {
      await session.query(`truncate public."All ""types"; ${insertRows(rows)}`)
      const verdict = await verify(storedRows(rows))
      expect(verdict.mismatches).toEqual([])
      expect(verdict).toMatchObject({
        equal: true,
        sourceRows: rows.length,
        targetRows: rows.length,
        cells: rows.length * expected.columns.length,
        readerFaults: [],
      })
    }),
    { numRuns: 100, endOnFailure: true },
  )
})

test('in another order, with and without a key, it is equal by buckets', async () => {
  const rows = fc.sample(rowOfAll, { numRuns: 300, seed: 1 })
  await session.query(insertRows(rows))
  await session.query('update public."All ""types" set id = id where id % 3 = 0')
  for (const over of [{}, { key: [] }]) {
    expect(await verify(storedRows(rows), over)).toMatchObject({
      equal: true,
      method: 'buckets',
      targetRows: 300,
      missing: 0,
      extra: 0,
      different: 0,
    })
  }
})

test('two long values that look alike where they are cut are shown where they part', async () => {
  await session.query('create table public.long (id bigint, t text, b bytea)')
  const text = 'long '.repeat(100)
  await session.query(
    "insert into public.long values (1, $1, null), (2, 'x', decode(repeat('00', 200) || '01', 'hex'))",
    [`${text}!`],
  )
  const verdict = await verifyTable({
    expected: {
      source: { schema: 'main', name: 'long' },
      target: { schema: 'public', name: 'long' },
      columns: [
        { source: 'id', target: 'id', type: { kind: 'int8' } },
        { source: 't', target: 't', type: { kind: 'text' } },
        { source: 'b', target: 'b', type: { kind: 'bytea' } },
      ],
      key: ['id'],
      ...whole,
    },
    source: memorySource({
      columns: ['id', 't', 'b'],
      rows: [
        [1n, `${text}?`, null],
        [2n, 'x', new Uint8Array(201)],
      ],
    }),
    session,
    level: 'full',
  })
  expect(verdict.mismatches).toMatchObject([
    { source: 'from 481: "long long long long ?"', target: 'from 481: "long long long long !"' },
    { source: 'from 382: "000000000000000000000"', target: 'from 382: "000000000000000000001"' },
  ])
})
