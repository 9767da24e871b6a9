import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deepest, malformedAt, scanJson } from './json-text.ts'

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Text that is JSON or nearly so: pieces of JSON put together blindly. */
const piece = fc.constantFrom(
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '"a"',
  '"b":',
  '1',
  '-',
  '0',
  '.5',
  'e',
  '+2',
  'true',
  'null',
  ' ',
  '\n',
  '\\',
  '\\n',
  '\\u12',
  '\\u0041',
  '\t',
  'x',
  '\u2028',
)
const nearJson = fc.oneof(
  fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
  fc.json(),
  fc
    .tuple(fc.json(), fc.nat(), piece)
    .map(([text, at, insert]) => text.slice(0, at % text.length) + insert + text.slice(at % text.length)),
)

test('agrees with JSON.parse on what is JSON', () => {
  fc.assert(
    fc.property(nearJson, (text) => {
      const trouble = scanJson(text, false)
      // The one point where more is refused
      const expected =
        /\\u(?:0000|d[89a-f])/i.test(text) && trouble === 'unusable escape'
          ? trouble
          : parses(text)
            ? null
            : 'malformed'
      expect([text, trouble]).toEqual([text, expected])
    }),
    { numRuns: 5000 },
  )
})

test('finds the key that comes twice, and only that', () => {
  const key = fc.constantFrom('a', 'b', 'key', '\\u0061', 'k\\"', '')
  const tree = fc.letrec<{ value: string; object: string }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constant('1'),
      tie('object'),
      fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join()}]`),
    ),
    object: fc
      .array(fc.tuple(key, tie('value')), { maxLength: 5 })
      .map((entries) => `{${entries.map(([name, value]) => `"${name}":${value}`).join()}}`),
  }))
  /** JSON.parse keeps one of two: then fewer keys come out than colons went in, for no text here holds any. */
  const countKeys = (value: unknown): number =>
    typeof value === 'object' && value !== null
      ? Object.values(value).reduce(
          (sum: number, inner) => sum + countKeys(inner),
          Array.isArray(value) ? 0 : Object.keys(value).length,
        )
      : 0
  fc.assert(
    fc.property(tree.value, (text) => {
      const twice = countKeys(JSON.parse(text)) !== text.split(':').length - 1
      expect([text, scanJson(text, true)]).toEqual([text, twice ? 'duplicate key' : null])
      expect(scanJson(text, false)).toBeNull()
    }),
    { numRuns: 2000 },
  )
})

test('depth is bounded, however the brackets end', () => {
  expect(scanJson('['.repeat(deepest) + ']'.repeat(deepest), true)).toBeNull()
  expect(scanJson('['.repeat(deepest + 1), false)).toBe('too deep')
  expect(scanJson('{"a":['.repeat(1_000_000), true)).toBe('too deep')
})

test.each([
  ['{"a":1,}', 7],
  ["{'a':1}", 1],
  ['[1,2', 4],
  ['', 0],
  ['undefined', 0],
  ['{"a":NaN}', 5],
  ['{"a" 1}', 5],
  ['[1] x', 4],
  ['"a\nb"', 2],
  ['[01]', 2],
  ['{"a":Tru', 5],
  ['[1 2]', 3],
])('%j stops being JSON at %d', (text, at) => {
  expect(malformedAt(text)).toBe(at)
})

test('what stands before that place can always be the beginning of some JSON, as far as the parser of JavaScript tells', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('')
      fc.pre(scanJson(text, false) === 'malformed')
      const at = malformedAt(text)
      expect(at).toBeGreaterThanOrEqual(0)
      expect(at).toBeLessThanOrEqual(text.length)
      expect(parses(text.slice(0, at + 1))).toBe(false)
    }),
  )
})
