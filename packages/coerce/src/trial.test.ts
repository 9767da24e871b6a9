import type { SourceValue } from '@rowferry/introspect'
import { InvalidText } from '@rowferry/introspect'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TrialResult } from './index.ts'
import { builtinType, compileTrial, formatType } from './index.ts'

function tryOut(candidates: string[], values: SourceValue[], integers: 'auto' | 'bigint' = 'auto'): TrialResult {
  const trial = compileTrial([{ name: 'c', candidates: candidates.map(builtinType) }], { integers })
  for (const value of values) trial.see([value])
  for (const value of values.slice(0, trial.owed)) trial.seeAgain([value])
  return trial.results()[0] as TrialResult
}
const chosen = (candidates: string[], values: SourceValue[]): string => formatType(tryOut(candidates, values).type)

test('the first candidate that holds everything', () => {
  expect(chosen(['int4', 'int8', 'numeric'], [1, 2])).toBe('integer')
  expect(chosen(['int4', 'int8', 'numeric'], [1, 3_000_000_000])).toBe('bigint')
  expect(chosen(['int4', 'int8', 'numeric'], [1, 2.5, 2n ** 80n])).toBe('numeric')
  // Tried from the first row on, not from where the one before it failed
  expect(chosen(['int4', 'float8'], [2 ** 40, 2n ** 60n + 1n])).toBe('text')
})

test('numbers and text together end in text, blobs in bytea', () => {
  expect(chosen(['int8', 'float8'], [1, 2.5, 'n/a', 2n ** 62n])).toBe('text')
  expect(chosen(['int8'], ['0012', 12])).toBe('text')
  expect(chosen(['text'], ['a', Uint8Array.of(1)])).toBe('bytea')
  expect(chosen(['text'], ['a\0b', new InvalidText(Uint8Array.of(255))])).toBe('bytea')
})

test('text that looks like a number makes no column of numbers, and a column without values takes text where it may', () => {
  const anything = ['int8', 'float8', 'text', 'bytea']
  expect(chosen(anything, ['12', '13'])).toBe('text')
  expect(chosen(anything, [12, 13, null])).toBe('bigint')
  expect(chosen(anything, [12, 1.5])).toBe('double precision')
  expect(chosen(anything, [12, '0012'])).toBe('text')
  expect(chosen(anything, [null, null])).toBe('text')
  expect(chosen(['int8'], [null])).toBe('bigint')
})

test('zone-less text is no timestamptz, offsets no timestamp, numbers no date', () => {
  const chain = ['timestamptz', 'timestamp', 'date']
  expect(chosen(chain, ['2024-01-01T00:00:00Z'])).toBe('timestamp with time zone')
  expect(chosen(chain, ['2024-01-01 10:00:00', null])).toBe('timestamp without time zone')
  expect(chosen(chain, ['2024-01-01 10:00:00', '2024-01-01 10:00:00+00'])).toBe('text')
  expect(chosen(['date', 'timestamp', 'int8'], [1704164645])).toBe('bigint')
})

const anything = fc.oneof(
  fc.constant(null),
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom('2024-01-01', '2024-01-01 10:00:00', 'true', 'text', 'a\0b'),
  fc.uint8Array({ maxLength: 2 }),
)

test('rows are shown again only after a failure, and then the answer is that of every candidate on every row', () => {
  const names = ['int4', 'bool', 'int8', 'timestamp', 'float8', 'numeric']
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }),
      fc.array(anything, { maxLength: 12 }),
      (candidates, values) => {
        const found = tryOut(candidates, values)
        const each = [...candidates, 'text', 'bytea'].map((name) => {
          const alone = compileTrial([{ name: 'c', candidates: [builtinType(name)] }])
          for (const value of values) alone.see([value])
          for (const value of values.slice(0, alone.owed)) alone.seeAgain([value])
          const own = alone.results()[0]!.contradicted.find(({ type }) => type.name === builtinType(name).name)
          return own === undefined ? null : { ...own, name }
        })
        const winner = each.indexOf(null)
        expect(found.contradicted.map(({ type, count, firstExample }) => [type.name, count, firstExample])).toEqual(
          each
            .slice(0, winner === -1 ? each.length : winner)
            .map((own) => [own!.type.name, own!.count, own!.firstExample]),
        )
      },
    ),
  )
})

test('rows that are owed have to be shown before there is an answer', () => {
  const trial = compileTrial([{ name: 'c', candidates: [builtinType('int4'), builtinType('float8')] }])
  for (const value of [null, 1, 2]) trial.see([value])
  expect(trial.owed).toBe(0)
  for (const value of [1.5, 2.5]) trial.see([value])
  expect(trial.owed).toBe(3)
  expect(() => trial.results()).toThrow('3 rows have to be shown again first')
  for (const value of [null, 1, 2]) trial.seeAgain([value])
  expect(trial.owed).toBe(0)
  expect(formatType(trial.results()[0]!.type)).toBe('double precision')
})

test('NULLs before the first value are not owed', () => {
  const trial = compileTrial([{ name: 'c', candidates: [builtinType('int4')] }])
  for (const value of [null, null, 'x']) trial.see([value])
  expect(trial.owed).toBe(0)
})

test('the answer says how it came about', () => {
  expect(tryOut(['int4'], [1, null, 'x', 'y'])).toEqual({
    type: builtinType('text'),
    because: 'holds all 3 values; 2 of 3 do not fit integer, such as "x"',
    contradicted: [{ type: builtinType('int4'), count: 2, firstExample: '"x"' }],
    sawNull: true,
    rows: 4,
  })
  expect(tryOut(['int4'], [1])).toMatchObject({ because: 'holds all 1 value', contradicted: [], sawNull: false })
  expect(tryOut(['int4'], [null])).toMatchObject({
    type: builtinType('int4'),
    because: 'no value speaks against it',
    sawNull: true,
    rows: 1,
  })
})

test('when nothing holds all, text is proposed and what speaks against it is counted', () => {
  const { type, because, contradicted } = tryOut([], [1, Uint8Array.of(0, 255)])
  expect(formatType(type)).toBe('text')
  expect(because).toBe(`no candidate holds all 2 values; 1 of 2 does not fit text, such as x'00ff'`)
  expect(contradicted).toContainEqual({ type: builtinType('text'), count: 1, firstExample: "x'00ff'" })
})

test('when nothing holds all, bytes stay bytes unless more values are text', () => {
  const blob = Uint8Array.of(0, 255)
  expect(formatType(tryOut(['bytea'], [new Uint8Array(500 * 1024 * 1024 + 1)]).type)).toBe('bytea')
  expect(formatType(tryOut(['bytea'], [1, blob]).type)).toBe('bytea')
  expect(formatType(tryOut(['bytea'], [1, 2, blob]).type)).toBe('text')
  expect(formatType(tryOut(['text'], [1, blob, blob]).type)).toBe('text')
})

test('with integers as bigint, a real 1.0 is as true as without', () => {
  expect(formatType(tryOut(['bool', 'float8'], [1n, 0], 'bigint').type)).toBe('boolean')
  expect(formatType(tryOut(['bool', 'float8'], [1n, -0], 'bigint').type)).toBe('double precision')
})

test('columns are tried apart from each other', () => {
  const trial = compileTrial([
    { name: 'a', candidates: [builtinType('int4')] },
    { name: 'b', candidates: [builtinType('uuid')] },
  ])
  trial.see(['x', '550e8400-e29b-41d4-a716-446655440000', 'ignored'])
  expect(trial.results().map(({ type }) => type.name)).toEqual(['text', 'uuid'])
})
