import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDay, microsPerDay } from './calendar.ts'
import { parseDateTime, quickDay, quickMicros } from './date-time.ts'

const last = 2_921_939
const first = -730_119

test('the days of four-digit years are read, and none that there is not', () => {
  let wrong = 0
  for (let day = first; day <= last; day += 89) if (quickDay(formatDay(day)) !== day) wrong += 1
  for (let day = -40_000; day <= 40_000; day += 1) if (quickDay(formatDay(day)) !== day) wrong += 1
  expect(wrong).toBe(0)
  for (const none of ['2023-02-29', '1900-02-29', '2024-02-30', '2024-04-31', '2024-13-01', '2024-00-01', '2024-01-00'])
    expect(quickDay(none)).toBeNaN()
  expect([quickDay('0000-01-01'), quickDay('2024-1-01x'), quickDay(''), quickDay('٢٠٢٤-01-01')]).toEqual([
    Number.NaN,
    Number.NaN,
    Number.NaN,
    Number.NaN,
  ])
})

const two = (value: number): string => String(value).padStart(2, '0')
const usual = fc
  .record({
    day: fc.integer({ min: first, max: last }),
    clock: fc.tuple(fc.nat(23), fc.nat(59), fc.nat(59)).map((parts) => parts.map(two).join(':')),
    fraction: fc.option(fc.string({ unit: fc.constantFrom('0', '1', '9'), minLength: 1, maxLength: 6 })),
    separator: fc.constantFrom(' ', 'T'),
    closing: fc.constantFrom('', 'Z', '+00:00'),
  })
  .map(({ day, clock, fraction, separator, closing }) => ({
    text: `${formatDay(day)}${separator}${clock}${fraction === null ? '' : `.${fraction}`}${closing}`,
    zoned: closing !== '',
  }))

/** Microseconds as the thorough reader has them, where it knows the offset that `zoned` asks for. */
function thorough(text: string, zoned: boolean): number | undefined {
  const read = parseDateTime(text, 6, false)
  return read === undefined || read.offset !== (zoned ? 0 : null) ? undefined : read.day * microsPerDay + read.micros
}

test('the usual shape is read at once, and as the thorough reader reads it', () => {
  fc.assert(
    fc.property(usual, ({ text, zoned }) => {
      expect({ text, micros: quickMicros(text, zoned) }).toEqual({ text, micros: thorough(text, zoned) })
      expect(quickMicros(text, !zoned)).toBeNaN()
    }),
    { numRuns: 1000 },
  )
})

test('what is read at once is never read otherwise', () => {
  const put = fc.constantFrom(
    '',
    '0',
    '9',
    ':',
    '-',
    '+',
    '.',
    ' ',
    'Z',
    '24:00:00',
    '60',
    '61',
    ' BC',
    '-',
    '\0',
    '\ufeff',
    '٣',
    '+00:00',
    '/',
    'a',
  )
  fc.assert(
    fc.property(usual, fc.nat(), fc.nat(3), put, fc.boolean(), ({ text }, place, cut, insert, zoned) => {
      const at = place % (text.length + 1)
      const changed = text.slice(0, at) + insert + text.slice(at + cut)
      const quick = quickMicros(changed, zoned)
      const agreed = Number.isNaN(quick) || quick === thorough(changed, zoned)
      expect({ changed, agreed }).toEqual({ changed, agreed: true })
    }),
    { numRuns: 3000 },
  )
})
