import type { SourceValue } from '@rowferry/introspect'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { gatherEpochs } from './epoch-evidence.ts'

function judge(values: readonly SourceValue[]) {
  const evidence = gatherEpochs()
  for (const value of values) evidence.see(value)
  return evidence.conclude()
}

const units: readonly (readonly [unit: string, perMs: number, origin: number, from: number])[] = [
  ['s', 1e-3, 0, 2009],
  ['ms', 1, 0, 2001],
  ['us', 1e3, 0, 2001],
  ['ns', 1e6, 0, 2009],
  ['julian', 1 / 86_400_000, 2_440_587.5, 2001],
  ['apple', 1e-3, -Date.UTC(2001, 0) / 1e3, 2008],
  ['webkit', 1e3, 11_644_473_600_000_000, 2001],
]

test.each(units)(
  '%s is found by the range of all values, noughts and a few distant ones beside',
  (unit, perMs, origin, from) => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: Date.UTC(from, 0), max: Date.UTC(2029, 0) }), { minLength: 3 }),
        (moments) => {
          const values = moments.map((moment) => moment * perMs + origin)
          const distant = Date.UTC(2150, 0) * perMs + origin
          const noughts = unit === 'julian' ? [] : [0]
          expect(judge([...values, ...noughts]).unit).toBe(unit)
          expect(judge([...values, distant]).unit).toBe(unit)
        },
      ),
    )
  },
)

test('no unit is guessed where units are mixed, more than one fits, or none does', () => {
  expect(judge([1704164645, 1704164645123])).toMatchObject({
    unit: null,
    candidates: [],
    evidence: expect.stringContaining('mixed'),
  })
  const ticks = judge([638397614451234560n, '638397614451234561'])
  expect(ticks).toMatchObject({ unit: null, candidates: ['apple-ns', 'ticks'] })
  expect(ticks.evidence).toMatch(/more than one unit fits: as apple-ns .*; as ticks/)
  for (const values of [[20240102], [170416, 180101], [1, 2, 3], [0], [Infinity]]) expect(judge(values).unit).toBeNull()
  expect(judge([1, 1704164645123, 5, 7]).unit).toBeNull()
})

test('the evidence says the range, what it would be, and what another reading would be', () => {
  expect(judge([1551430800000, 1730500000000, 0]).evidence).toBe(
    'all 2 are between 1551430800000 and 1730500000000, which as ms (milliseconds since 1970, as JavaScript and Prisma write) are 2019-03-01 to 2024-11-01; 1 is 0, which would be 1970-01-01; as s up to the year 56807',
  )
  expect(judge(['1704164645']).evidence).toBe(
    '1704164645, which as s (seconds since 1970) is 2024-01-02; as ms up to 1970-01-20',
  )
})
