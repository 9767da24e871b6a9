import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatExact, parseDecimal } from './decimal.ts'
import { numericForm } from './form-number.ts'
import { sameCanonical } from './form.ts'
import { spellsNumeric } from './numeric-digits.ts'

/** As numeric_send writes it: noughts at either end are no digits. */
function sent(text: string): Buffer {
  const value = parseDecimal(text)!
  const negative = text.trim().startsWith('-') && value.digits !== ''
  const padded = value.digits + '0'.repeat(((value.exponent % 4) + 4) % 4)
  const groups = padded.length === 0 ? [] : padded.padStart(Math.ceil(padded.length / 4) * 4, '0').match(/.{4}/g)!
  const last = Math.floor(value.exponent / 4)
  const bytes = Buffer.alloc(10 + 2 * groups.length, 0x11)
  bytes.writeInt16BE(groups.length, 1)
  bytes.writeInt16BE(groups.length === 0 ? 0 : last + groups.length - 1, 3)
  bytes.writeUInt16BE(negative ? 0x4000 : 0, 5)
  bytes.writeInt16BE(value.scale, 7)
  for (const [i, group] of groups.entries()) bytes.writeInt16BE(Number(group), 9 + 2 * i)
  return bytes
}

const digits = fc.oneof(
  fc.string({ unit: fc.constantFrom('0', '0', '0', '1', '9'), maxLength: 30 }),
  fc.bigInt({ min: 0n, max: 10n ** 40n }).map(String),
  fc.constantFrom('', '0', '9999', '10000', '0001'),
)
const plain = fc
  .tuple(fc.constantFrom('', '-'), digits, fc.option(digits))
  .map(([sign, whole, rest]) => `${sign}${whole || '0'}${rest ? `.${rest}` : ''}`)
const scales = fc.boolean()

test('a plain decimal is the numeric that holds it', () => {
  fc.assert(
    fc.property(plain, scales, (text, scaleCounts) => {
      expect({ text, same: spellsNumeric(sent(text), 1, text, scaleCounts) }).toEqual({ text, same: true })
    }),
    { numRuns: 1000 },
  )
})

test('of two decimals the walk says what exact arithmetic says', () => {
  const pair = plain.chain((text) =>
    fc.tuple(
      fc.constant(text),
      fc.oneof(
        plain,
        fc.nat(text.length).map((at) => `${text.slice(0, at)}${(at * 7) % 10}${text.slice(at + 1)}`),
        fc.constantFrom(`${text}0`, `0${text}`, `-${text}`, text.slice(0, -1), text.replace('.', ''), `${text}0000`),
      ),
    ),
  )
  fc.assert(
    fc.property(pair, ([target, source]) => {
      const value = parseDecimal(source)
      const equal = value !== undefined && formatExact(value) === formatExact(parseDecimal(target)!)
      const usual = /^-?\d+(\.\d+)?$/.test(source)
      expect(spellsNumeric(sent(target), 1, source, false)).toBe(usual && equal)
    }),
    { numRuns: 5000 },
  )
})

test('where the scale counts, and of numbers, the quick answer is never rash', () => {
  const number = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.bigInt(),
    fc.integer({ min: -1e9, max: 1e9 }).map((cents) => cents / 100),
    fc.constantFrom(0, -0, 1e21, 1e-7, 123456789012345680000, 0.1 + 0.2, 9007199254740993n),
  )
  const odd = fc.constantFrom(
    '',
    '-',
    '.',
    '1.',
    '.5',
    '+1',
    ' 1',
    '1e400',
    '1e2',
    'NaN',
    'Infinity',
    '1_0',
    '0x1',
    '١',
  )
  fc.assert(
    fc.property(fc.oneof(plain, odd, number), fc.oneof(plain, number), scales, (value, other, scaleCounts) => {
      const form = numericForm(null, false, scaleCounts)
      for (const text of [other, value, `${value}0`, `${value}.0`]
        .map(String)
        .filter((each) => (parseDecimal(each)?.scale ?? 1e5) < 16_384)) {
        const bytes = sent(text)
        const same = sameCanonical(form.ofSource(value), form.ofTarget(bytes, 1, bytes.length - 1))
        expect({ text, rash: form.obvious(bytes, 1, bytes.length - 1, value) && !same }).toEqual({ text, rash: false })
      }
    }),
    { numRuns: 3000 },
  )
})

test('what is no number is none of their digits', () => {
  for (const sign of [0xc000, 0xd000, 0xf000]) {
    const bytes = Buffer.alloc(8)
    bytes.writeUInt16BE(sign, 4)
    expect(spellsNumeric(bytes, 0, '0', false)).toBe(false)
  }
})
