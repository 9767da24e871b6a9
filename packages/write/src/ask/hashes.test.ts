import fc from 'fast-check'
import { expect, test } from 'vitest'
import { collectHashes } from './hashes.ts'

const hashes = fc.array(fc.option(fc.bigInt(-4n, 4n), { nil: null }), { maxLength: 60 })

function collected(values: readonly (bigint | null)[]) {
  const made = collectHashes()
  for (const [at, value] of values.entries()) if (value !== null) made.add(at + 1, value)
  return made
}
// A hash of 0 stands for 1, so that 0 can stand for none
const same = (value: bigint | null) => (value === 0n ? 1n : value)

test('each row after the first of its hash is told with that first row', () => {
  fc.assert(
    fc.property(hashes, (values) => {
      const plain = values.map(same)
      const expected = plain.flatMap((value, at) => {
        const first = plain.indexOf(value)
        return value === null || first === at ? [] : [[at + 1, first + 1]]
      })
      expect([...collected(values).repeated()]).toEqual(expected)
    }),
  )
})

test('rows whose hash others lack are told, rows without one never', () => {
  fc.assert(
    fc.property(hashes, hashes, (children, parents) => {
      const there = new Set(parents.map(same))
      const expected = children.flatMap((value, at) => (value !== null && !there.has(same(value)) ? [at + 1] : []))
      expect(collected(children).absentFrom(collected(parents))).toEqual(expected)
    }),
  )
})

test('holds more rows than it first had room for, with holes', () => {
  const made = collectHashes()
  made.add(5000, 7n)
  made.add(100_000, 7n)
  made.add(100_001, 2n ** 63n - 1n)
  expect([...made.repeated()]).toEqual([[100_000, 5000]])
})
