import type { SourceRow } from '@rowferry/introspect'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memorySource } from '../test/memory-source.ts'
import { tablePlan } from '../test/table-plan.ts'
import type { Chunk, RowRange } from './chunks.ts'
import { readChunks } from './chunks.ts'

async function all(chunks: AsyncIterable<Chunk>): Promise<Chunk[]> {
  const found: Chunk[] = []
  for await (const chunk of chunks) found.push(chunk)
  return found
}

const OCTETS_A_ROW = 2 + 4 + 4
const rowsTo = (count: number): SourceRow[] => Array.from({ length: count }, (_, at) => [at])

async function chunksOf(
  count: number,
  given: { chunkRows: number; chunkBytes: number; done: readonly RowRange[] },
): Promise<Chunk[]> {
  const source = memorySource(['id'], rowsTo(count), { batchRows: 7 })
  return all(readChunks({ table: tablePlan('t', { id: 'int4' }), source, ...given }))
}

/** The ids in a chunk's tuples. */
function idsOf({ tuples }: Chunk): number[] {
  const bytes = Buffer.from(tuples)
  return Array.from({ length: bytes.length / OCTETS_A_ROW }, (_, at) => bytes.readInt32BE(at * OCTETS_A_ROW + 6))
}

const ranges = (count: number) =>
  fc.uniqueArray(fc.integer({ min: 0, max: count }), { maxLength: 8 }).map((borders) => {
    const sorted = borders.toSorted((a, b) => a - b)
    return sorted.flatMap((first, at) =>
      at % 2 === 0 && sorted[at + 1] !== undefined ? [{ first, rows: sorted[at + 1]! - first }] : [],
    )
  })

test('whatever is done already, the chunks hold every other row once, in order and by its number', async () => {
  const cases = fc.integer({ min: 0, max: 60 }).chain((count) =>
    fc.record({
      count: fc.constant(count),
      chunkRows: fc.integer({ min: 1, max: 20 }),
      chunkBytes: fc.integer({ min: 1, max: 150 }),
      done: ranges(count),
    }),
  )
  await fc.assert(
    fc.asyncProperty(cases, async ({ count, ...given }) => {
      const chunks = await chunksOf(count, given)
      const isDone = (id: number) => given.done.some(({ first, rows }) => id >= first && id < first + rows)
      const left = rowsTo(count).flatMap(([id]) => (isDone(id as number) ? [] : [id]))
      expect(chunks.flatMap(idsOf)).toEqual(left)
      for (const chunk of chunks) {
        expect(idsOf(chunk)).toEqual(Array.from({ length: chunk.rows }, (_, at) => chunk.first + at))
        expect(chunk.rows).toBeLessThanOrEqual(given.chunkRows)
      }
      expect(chunks.map(({ last }) => last)).toEqual([...chunks.slice(1).map(() => false), true])
    }),
    { numRuns: 300 },
  )
})

test('a chunk holds no more octets than it may, but for its last row, and what rules did is counted by chunk', async () => {
  const rules = { map: [['1', '7'] as [string, string]] }
  const plan = tablePlan('t', { id: 'int4' })
  const table = { ...plan, casts: plan.casts.map((cast) => ({ ...cast, rules })) }
  const source = memorySource(['id'], [[1], [1], [2], [1]])
  const chunks = await all(readChunks({ table, source, chunkRows: 100, chunkBytes: OCTETS_A_ROW + 1, done: [] }))
  expect(chunks.map(({ rows, changed }) => [rows, changed.map(({ count }) => count)])).toEqual([
    [2, [2]],
    [2, [1]],
    [0, []],
  ])
})

test('a row that does not fit is named', async () => {
  const source = memorySource(['id'], [[1], ['x']])
  const reading = readChunks({ table: tablePlan('t', { id: 'int4' }), source, chunkRows: 9, chunkBytes: 999, done: [] })
  await expect(all(reading)).rejects.toMatchObject({
    code: 'ROW_MISFIT',
    message: expect.stringContaining('id=x'),
  })
})
