import { InvalidText, type SourceRow, type SourceValue } from '@rowferry/introspect'
import type { ColumnAggregate } from '@rowferry/source'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainResidue } from '../test/plain-residue.ts'
import { openAccount } from './account.ts'
import { reduce, residueOf } from './residue.ts'

/** Summed the slow way. */
function aggregateOf(values: readonly SourceValue[], numbersAreReals: boolean): ColumnAggregate {
  const isInteger = (value: SourceValue): boolean =>
    typeof value === 'bigint' ||
    (!numbersAreReals && typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0))
  const integers = values.filter(isInteger).map((value) => BigInt(value as number))
  const sorted = integers.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const texts = values.filter((value) => typeof value === 'string' || value instanceof InvalidText)
  const blobs = values.filter((value) => value instanceof Uint8Array)
  const octetsOf = (value: SourceValue): number =>
    typeof value === 'string'
      ? Buffer.byteLength(value)
      : value instanceof InvalidText
        ? value.bytes.length
        : (value as Uint8Array).length
  return {
    column: 'v',
    nulls: values.filter((value) => value === null).length,
    integers: integers.length,
    reals:
      values.filter((value) => typeof value === 'number').length -
      values.filter((value) => typeof value === 'number' && isInteger(value)).length,
    texts: texts.length,
    blobs: blobs.length,
    octets: String([...texts, ...blobs].reduce<number>((sum, value) => sum + octetsOf(value), 0)),
    integerSum: integers.length === 0 ? null : String(integers.reduce((sum, value) => sum + value, 0n)),
    integerMin: integers.length === 0 ? null : String(sorted[0]),
    integerMax: integers.length === 0 ? null : String(sorted.at(-1)),
    realResidue: plainResidue(
      values.filter((value): value is number => typeof value === 'number' && !isInteger(value)),
    ),
  }
}

const far = 2n ** 63n
const value: fc.Arbitrary<SourceValue> = fc.oneof(
  fc.constant(null),
  fc.integer(),
  fc.double(),
  fc.constantFrom(
    2 ** 52,
    2 ** 52 + 1,
    -(2 ** 52),
    2 ** 53 - 1,
    -(2 ** 53) + 1,
    2 ** 53,
    0,
    -0,
    1.5,
    Infinity,
    Number.NaN,
  ),
  fc.bigInt({ min: -far, max: far - 1n }),
  fc.constantFrom(far - 1n, -far, 2n ** 53n, -(2n ** 53n), 0n, -1n, 2n ** 32n, far, 2n * far - 1n),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom('x'.repeat(20), 'é'.repeat(20), 'x'.repeat(21), `${'x'.repeat(20)}日`),
  fc.uint8Array({ maxLength: 5 }),
  fc.uint8Array({ maxLength: 5 }).map((bytes) => new InvalidText(bytes)),
)

test('an account is the plain sum, however the rows are batched', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(value, { maxLength: 12 }), { maxLength: 6 }),
      fc.boolean(),
      (batches, numbersAreReals) => {
        const account = openAccount(['v'], [numbersAreReals])
        for (const batch of batches) account.add(batch.map((each): SourceRow => [each, 'beyond']))
        const aggregate = aggregateOf(batches.flat(), numbersAreReals)
        const told = { rows: batches.flat().length, columns: [aggregate] }
        expect(account.disagreements(told)).toEqual([])
        const residue = { ...aggregate, realResidue: (aggregate.realResidue ?? 0) + 1 }
        expect(account.disagreements({ ...told, columns: [residue] })).toEqual(['v'])
        if (aggregate.integerSum === null) return
        const other = { ...aggregate, integerSum: String(BigInt(aggregate.integerSum) + 1n) }
        expect(account.disagreements({ ...told, columns: [other] })).toEqual(['v'])
      },
    ),
    { numRuns: 800 },
  )
})

test('sums of many far integers stay exact', () => {
  const account = openAccount(['v'], [false])
  const values = Array.from({ length: 1 << 12 }, (_, i) => 2n ** 54n - 1n - BigInt(i))
  const rows = values.map((each): SourceRow => [each])
  const batches = 1 << 10
  for (let i = 0; i < batches; i += 1) account.add(rows)
  const sum = values.reduce((all, each) => all + each, 0n) * BigInt(batches)
  const [least, most] = [String(values.at(-1)), String(values[0])]
  const column = { ...aggregateOf([], false), integers: rows.length * batches }
  const told = { ...column, integerSum: String(sum), integerMin: least, integerMax: most }
  expect(account.disagreements({ rows: rows.length * batches, columns: [told] })).toEqual([])
})

test('reals that are whole numbers count as integers where only numbers are read, and their sum must be the same all the same', () => {
  const account = openAccount(['v'], [false])
  const values = [1.5, 2, 3, -0, 1e300, 5e-324, -(2 ** 53)]
  account.add(values.map((each): SourceRow => [each]))
  const told = (reals: readonly number[]) => ({
    rows: reals.length,
    columns: [{ ...aggregateOf([], true), reals: reals.length, realResidue: plainResidue(reals) }],
  })
  expect(account.disagreements(told(values))).toEqual([])
  expect(account.disagreements(told(values.with(1, 4)))).toEqual(['v'])
  expect(account.disagreements(told(values.with(3, 0)))).toEqual(['v'])
})

test('a real, bit by bit', () => {
  for (let exponent = -1074; exponent < 1024; exponent += 1)
    for (const real of [2 ** exponent, -(2 ** exponent) * (1 + 2 ** -52), 2 ** exponent * (2 - 2 ** -52)])
      expect(reduce(BigInt(residueOf(real)))).toBe(plainResidue([real]))
})
