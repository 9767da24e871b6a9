import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeText } from './escape.ts'

test.each([
  ['line\nfeed', String.raw`line\nfeed`],
  ['\u001B[31mred', String.raw`\u{1b}[31mred`],
  ['right\u202Eleft', String.raw`right\u{202e}left`],
  ['\u2028', String.raw`\u{2028}`],
  ['\uD83D', String.raw`\u{d83d}`],
  ['Zoë 김 🦉', 'Zoë 김 🦉'],
])('%j', (text, shown) => {
  expect(escapeText(text)).toBe(shown)
})

test('what is shown has no control, format or half character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(escapeText(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
    }),
  )
})
