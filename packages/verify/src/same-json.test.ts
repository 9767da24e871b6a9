import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readJson } from './json.ts'
import { sameJson } from './same-json.ts'

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

const sign = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...'ab01'.split('')) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...'"\\/\b\f\n\r\t\x01\x1f\x7f'.split(''),
      'é',
      '日',
      '👢',
      '\ufeff',
      '\uffff',
      '\ud7ff',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((one) => one !== '\0') },
)
const string = fc.string({ unit: sign, maxLength: 8 })
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(string, fc.integer(), fc.constantFrom(0, 1.5, -0.25, 1e20, true, false, null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(string, tie('value'), { maxKeys: 6 }),
  ),
}))

/** As PostgreSQL prints a jsonb: shorter keys first, blanks after commas and colons, only what must be escaped. */
function printed(json: Json): string {
  if (typeof json !== 'object' || json === null) return JSON.stringify(json)
  if (Array.isArray(json)) return `[${(json as readonly Json[]).map(printed).join(', ')}]`
  const keys = Object.keys(json).toSorted(
    (a, b) => Buffer.byteLength(a) - Buffer.byteLength(b) || Buffer.compare(Buffer.from(a), Buffer.from(b)),
  )
  return `{${keys.map((key) => `${JSON.stringify(key)}: ${printed((json as Record<string, Json>)[key]!)}`).join(', ')}}`
}

/** As any program may write it: `pick(n)` chooses among n ways. */
function written(json: Json, pick: (ways: number) => number): string {
  const blank = (): string => ['', '', '', ' ', '\n\t', '\r '][pick(6)]!
  const list = (open: string, items: readonly string[], shut: string): string =>
    `${blank()}${open}${blank()}${items.map((item) => `${item}${blank()}`).join(`,${blank()}`)}${shut}${blank()}`
  if (typeof json === 'string') {
    const units = [...json].flatMap((point) => {
      const escapes = Array.from({ length: point.length }, (_, i) => point.charCodeAt(i).toString(16).padStart(4, '0'))
      const ways = [JSON.stringify(point).slice(1, -1), `\\u${escapes.join('\\u')}`, point === '/' ? '\\/' : null]
      return ways[pick(3)] ?? ways[0]!
    })
    return `"${units.join('')}"`
  }
  if (typeof json !== 'object' || json === null) return JSON.stringify(json)
  if (Array.isArray(json))
    return list(
      '[',
      (json as readonly Json[]).map((item) => written(item, pick)),
      ']',
    )
  const members = Object.entries(json).map(
    ([key, item]) => [pick(1000), `${written(key, pick)}${blank()}:${blank()}${written(item, pick)}`] as const,
  )
  return list(
    '{',
    members.toSorted(([a], [b]) => a - b).map(([, member]) => member),
    '}',
  )
}

const picks = fc.infiniteStream(fc.nat()).map(
  (stream) =>
    (ways: number): number =>
      stream.next().value! % ways,
)

function same(target: string, source: string): boolean {
  // Neighbours, since the cell lies among others
  const bytes = Buffer.from(`"${target}"}`)
  return sameJson(bytes, 1, bytes.length - 2, source)
}
const meaning = (json: string): string | undefined => readJson(json, { lastKeyWins: false })?.canonical

test('a document is the same however it is written, in any order of its keys', () => {
  fc.assert(
    fc.property(value, picks, (json, pick) => {
      const source = written(json, pick)
      expect(meaning(source)).toBe(meaning(printed(json)))
      expect({ source, same: same(printed(json), source) }).toEqual({ source, same: true })
    }),
    { numRuns: 600 },
  )
})

test('what the walk calls the same means the same', () => {
  const other = fc.oneof(
    string,
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
    fc.property(value, picks, fc.nat(), fc.nat(3), other, (json, pick, place, cut, put) => {
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
    fc.property(fc.array(string, { maxLength: 5 }), fc.array(string, { maxLength: 5 }), picks, (a, b, pick) => {
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
