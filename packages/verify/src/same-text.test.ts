import fc from 'fast-check'
import { expect, test } from 'vitest'
import { spells } from './same-text.ts'

const unit = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', ' ', '\x7f') },
  {
    weight: 4,
    arbitrary: fc.constantFrom('\0', '\u0080', 'é', '\u07ff', '\u0800', '日', '\ufeff', '\uffff', '👢', '\u{10ffff}'),
  },
  { weight: 1, arbitrary: fc.constantFrom('\ud800', '\udbff', '\udc00', '\udfff', '\ufffd') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
)
const text = fc.string({ unit, maxLength: 40 })

function misread(stored: string, value: string): boolean {
  // Neighbours, since the cell lies among others
  const bytes = Buffer.from(`é${stored.toWellFormed()}日`)
  return spells(bytes, 2, bytes.length - 5, value) !== (stored.toWellFormed() === value)
}

test('bytes spell the text that they are read as, and no other', () => {
  fc.assert(
    fc.property(text, text, (value, other) => {
      expect([misread(value, value), misread(value, other)]).toEqual([false, false])
    }),
    { numRuns: 1500 },
  )
})

test('one unit more, less or other is another text', () => {
  fc.assert(
    fc.property(text, unit, fc.nat(), fc.nat(1), (value, put, place, cut) => {
      const at = place % (value.length + 1)
      const changed = value.slice(0, at) + put + value.slice(at + cut)
      const misreadings = [misread(value, changed), misread(changed, value), misread(value, value.slice(0, at))]
      expect(misreadings).toEqual([false, false, false])
    }),
    { numRuns: 1500 },
  )
})

test('a slice that ends within a pair is no whole character, however often one looks', () => {
  const whole = `${'a'.repeat(20)}👢${'b'.repeat(20)}`
  const bytes = Buffer.from(whole)
  let taken = 0
  for (let i = 0; i < 20_000; i += 1) if (spells(bytes, 0, 24, whole.slice(0, 21))) taken += 1
  expect(taken).toBe(0)
})

test('half a pair is spelled by no bytes, not even by those of CESU-8', () => {
  expect(spells(Buffer.from([0xed, 0xa0, 0x80]), 0, 3, '\ud800')).toBe(false)
})
