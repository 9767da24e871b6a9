import type { Session } from '@rowferry/postgres'
import { digestTable } from '@rowferry/verify'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { differingRanges, endsOf, sayLeast } from './ranges.ts'

/** A table without a key that prints these lines. */
function digest(lines: readonly string[], chunkRows: number, ends?: readonly string[]) {
  const session = {
    query: async () => [{ rows: String(lines.length) }],
    async *copyOut() {
      yield Buffer.from(lines.map((line) => `${line}\n`).join(''))
    },
  } as unknown as Session
  return digestTable({
    session,
    table: { schema: 's', name: 't' },
    columns: ['c'],
    key: [],
    chunkRows,
    ...(ends && { ends }),
  })
}

function without(lines: readonly string[], others: readonly string[]): number {
  const left = [...others]
  return lines.filter((line) => {
    const at = left.indexOf(line)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  }).length
}

const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), { maxLength: 24 })

test('rows without a key: never more are told to be gone or new than are, and one at least where something is', async () => {
  await fc.assert(
    fc.asyncProperty(lines, lines, fc.integer({ min: 1, max: 6 }), async (before, after, chunkRows) => {
      const proven = await digest(before, chunkRows)
      const ends = endsOf(proven.chunks)!
      const isSame = (await digest(after, chunkRows)).sha256 === proven.sha256
      const found = await digest(after, chunkRows, ends)
      const ranges = differingRanges(proven.chunks, found.chunks)
      const [said] = isSame ? [] : sayLeast(before.length, after.length, ranges)
      const [gone, came] = [said?.source, said?.target].map((text) =>
        Number(/at least (\d+)/.exec(text ?? '')?.[1] ?? 0),
      )
      const truth = [without(before, after), without(after, before)] as const
      expect(gone).toBeLessThanOrEqual(truth[0])
      expect(came).toBeLessThanOrEqual(truth[1])
      expect(Math.sign(gone! + came!)).toBe(Math.sign(truth[0] + truth[1]))
    }),
    { numRuns: 300 },
  )
})
