import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonValue, jsonString, picks, written, type Json } from '../test/json-documents.ts'
import { readJson } from './json.ts'
import { sameJson } from './same-json.ts'

/** As PostgreSQL prints a jsonb: shorter keys first, blanks after commas and colons, only what must be escaped. */
function printed(json: Json): string {
  if (typeof json !== 'object' || json === null) return JSON.stringify(json)
  if (Array.isArray(json)) return `[${(json as readonly Json[]).map(printed).join(', ')}]`
  const keys = Object.keys(json).toSorted(
    (a, b) => Buffer.byteLength(a) - Buffer.byteLength(b) || Buffer.compare(Buffer.from(a), Buffer.from(b)),
  )
  return `{${keys.map((key) => `${JSON.stringify(key)}: ${printed((json as Record<string, Json>)[key]!)}`).join(', ')}}`
}

function same(target: string, source: string): boolean {
  // Neighbours, since the cell lies among others
  const bytes = Buffer.from(`"${target}"}`)
  return sameJson(bytes, 1, bytes.length - 2, source)
}
const meaning = (json: string): string | undefined => readJson(json, { lastKeyWins: false })?.canonical

test('a document is the same however it is written, in any order of its keys', () => {
  fc.assert(
    fc.property(jsonValue, picks, (json, pick) => {
      const source = written(json, pick)
      expect(meaning(source)).toBe(meaning(printed(json)))
      expect({ source, same: same(printed(json), source) }).toEqual({ source, same: true })
    }),
    { numRuns: 600 },
  )
})

test('what the walk calls the same means the same', () => {
  const other = fc.oneof(
    jsonString,
    fc.constantFrom(
      ...'{}[]:,"\\ 019.eE+-tu\0'.split(''),
      ', "a": 1',
      '\\u0000',
      '\\ud800',
      '\\udc00',
      '\ud800',
      'é',
      ' 1',
    ),
  )
  fc.assert(
    fc.property(jsonValue, picks, fc.nat(), fc.nat(3), other, (json, pick, place, cut, put) => {
      const source = written(json, pick)
      const at = place % (source.length + 1)
      const changed = source.slice(0, at) + put + source.slice(at + cut)
      const target = printed(json)
      expect(same(target, changed) && meaning(changed) !== meaning(target)).toBe(false)
    }),
    { numRuns: 2500 },
  )
})

test('two documents that differ in a member, its name or their number are not the same', () => {
  fc.assert(
    fc.property(fc.array(jsonString, { maxLength: 5 }), fc.array(jsonString, { maxLength: 5 }), picks, (a, b, pick) => {
      const object = (keys: readonly string[]): Json => Object.fromEntries(keys.map((key) => [key, key.length]))
      const source = written(object(a), pick)
      const target = printed(object(b))
      expect(same(target, source)).toBe(meaning(source) === meaning(target))
    }),
    { numRuns: 1500 },
  )
})

test.for([
  ['{"a": 1}', '{"a":1,"a":1}'],
  ['{"a": 1, "b": 2}', '{"b":2,"b":2}'],
  ['{"a": 1, "b": 2}', '{"b":2,"a":1,"b":2}'],
  ['{"a": 1, "b": 2}', '{"b":2}'],
  ['{"a": 1, "b": 2}', '{"b":2,}'],
  ['{"a": 1}', '{"a":1,}'],
  ['{"a": 1}', '{"a":1'],
  ['{"a": 1}', '{"a":1}}'],
  ['{"a": 1}', '{"a" 1}'],
  ['[1, 2]', '[1 2]'],
  ['[1, 2]', '[1,2,]'],
  ['[12]', '[1 2]'],
  ['[]', '[,]'],
  ['12', '1'],
  ['1', '12'],
  ['-1', '1'],
  ['true', 'tru'],
  ['"a\\u0001"', '"a\x01"'],
  ['"\ufffd"', '"\ud800"'],
  ['"\ufffd"', '"\\ud800"'],
  ['"👢"', '"\\ud83d\\ud83d"'],
  ['"a"', '"a'],
  ['""', '"\\u0000"'],
  ['"\\""', '"""'],
  ['"x"', "'x'"],
  ['"A"', '"\\u41zz"'],
  ['"a\nb"', '"a\nb"'],
  ['[] []', '[]'],
  // Were the second escape taken for the other half
  [`"${String.fromCodePoint(0x10000 + (0x3d << 10) + 0x41 - 0xdc00)}"`, '"\\ud83d\\u0041"'],
])('%s is not %s', ([target, source]) => {
  expect(same(target!, source!)).toBe(false)
})

test('depth beyond the usual is left to the canonicals', () => {
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`
  expect(same(deep, deep)).toBe(false)
  const usual = `${'[{"a": '.repeat(30)}1${'}]'.repeat(30)}`
  expect(same(usual, usual)).toBe(true)
})

test('more members than the walk keeps in view are left to the canonicals, unless they come in order', () => {
  const keys = Array.from({ length: 40 }, (_, i) => `k${i + 10}`)
  const object = (names: readonly string[]): string => `{${names.map((name) => `"${name}": 1`).join(', ')}}`
  expect(same(object(keys), object(keys))).toBe(true)
  expect(same(object(keys), object(keys.toReversed()))).toBe(false)
  expect(same(object(keys.slice(0, 30)), object(keys.slice(0, 30).toReversed()))).toBe(true)
})
