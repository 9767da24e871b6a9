import type { SourceValue } from '@rowferry/introspect'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeCell } from '../test/judge.ts'
import type { ValueRules } from './index.ts'
import { builtinType, createCopyBuffer } from './index.ts'
import { compileCell } from './compile-cell.ts'
import { fitsQuickly, putQuick, quickLength, quickRoom, quickWay } from './quick.ts'
import { scanJson } from './types/json-text.ts'
import { isPlainJson } from './types/plain-json.ts'

const number = fc.oneof(
  fc.integer({ min: -40_000, max: 40_000 }),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }),
  fc.constantFrom(-0, 0, 1, 2 ** 31, -(2 ** 31), 2 ** 31 - 1, 2 ** 53, -(2 ** 53), 2 ** 53 - 1, 1 - 2 ** 53, 2 ** 63),
)
const unit = fc.oneof(
  fc.constantFrom('\0', '\x7F', '\x80', '\u07FF', '\u0800', '\uFFFD', '\uFFFF', '\uD800', '\uDFFF', '\u{1F6A2}'),
  fc.string({ minLength: 1, maxLength: 1, unit: 'binary-ascii' }),
  fc.integer({ min: 1, max: 0xffff }).map((code) => String.fromCharCode(code)),
)
const text = fc.string({ unit, maxLength: 40 })
const value: fc.Arbitrary<NonNullable<SourceValue>> = fc.oneof(
  number,
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.bigInt({ min: -(2n ** 63n) - 1n, max: 2n ** 63n }),
  text,
  fc.uint8Array(),
)

test.each(['bool', 'int2', 'int4', 'int8', 'float8', 'text', 'varchar(3)', 'character(9)', 'uuid'])(
  '%s: what is written quickly is what the encoder writes',
  (name) => {
    const type = builtinType(name)
    for (const integers of ['auto', 'bigint'] as const) {
      const { encode } = compileCell({ type, integers, zone: null })
      fc.assert(
        fc.property(value, (any) => {
          const bytes = Buffer.alloc(quickRoom)
          const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
          expect(fitsQuickly(quickWay(type), any) && encode(any, createCopyBuffer(0)) !== null).toBe(false)
          const end = putQuick(quickWay(type), quickLength(type), any, bytes, view, 0)
          if (end === 0) return
          const out = createCopyBuffer(0)
          expect(encode(any, out)).toBeNull()
          expect(bytes.subarray(0, end).toString('hex')).toBe(out.bytes.subarray(0, out.position).toString('hex'))
        }),
        { numRuns: 2000 },
      )
    }
  },
)

test('text: its UTF-8, or a refusal that says why', () => {
  fc.assert(
    fc.property(text, (any) => {
      const cell = encodeCell(builtinType('text'), any)
      const length = Buffer.alloc(4)
      length.writeInt32BE(Buffer.byteLength(any))
      const otherwise = /\p{Cs}/u.test(any) ? 'INVALID_TEXT impossible' : Buffer.concat([length, Buffer.from(any)])
      expect(cell).toEqual(any.includes('\0') ? 'NUL_IN_TEXT impossible' : otherwise)
    }),
    { numRuns: 2000 },
  )
})

/** What a value comes to when it is written in the usual way, and when it is written in one that no quick path knows. */
function both(type: string, usual: SourceValue, unusual: SourceValue, rules: ValueRules = {}) {
  return { quick: encodeCell(builtinType(type), usual, rules), slow: encodeCell(builtinType(type), unusual, rules) }
}

describe('numeric', () => {
  const types = [
    'numeric',
    'numeric(12,2)',
    'numeric(4,0)',
    'numeric(15,6)',
    'numeric(20,9)',
    'numeric(6,-2)',
    'numeric(3,5)',
  ]
  const digits = (most: number) => fc.string({ unit: fc.integer({ min: 0, max: 9 }).map(String), maxLength: most })
  test.each(types)('%s from text', (type) => {
    const decimal = fc.tuple(fc.constantFrom('', '-'), digits(12), fc.constantFrom('', '.'), digits(8))
    fc.assert(
      fc.property(decimal, (parts) => {
        const { quick, slow } = both(type, parts.join(''), `${parts.join('')}e0`)
        expect(quick).toEqual(slow)
      }),
      { numRuns: 1000 },
    )
  })
  test.each(types)('%s from numbers', (type) => {
    const cents = fc.tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 8 })).map(([n, k]) => n / 10 ** k)
    const short = fc.tuple(fc.integer(), fc.integer({ min: 0, max: 8 })).map(([n, k]) => n / 10 ** k)
    fc.assert(
      fc.property(fc.oneof(number, cents, short), (any) => {
        const written = String(any)
        if (!Number.isFinite(any)) return
        const { quick, slow } = both(type, any, written.includes('e') ? written : `${written}e0`)
        expect(quick).toEqual(slow)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('moments', () => {
  const pair = (min: number, max: number) => fc.integer({ min, max }).map((part) => String(part).padStart(2, '0'))
  const moment = fc.record({
    year: fc.oneof(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: 1890, max: 2110 })),
    month: pair(0, 13),
    day: fc.oneof(pair(0, 32), pair(27, 31)),
    separator: fc.constantFrom(' ', 'T', 't'),
    hour: pair(0, 24),
    minute: pair(0, 60),
    second: pair(0, 60),
    fraction: fc.string({ unit: fc.constantFrom('0', '1', '5', '9'), minLength: 1, maxLength: 6 }),
    zone: fc.constantFrom('', 'Z', '+00:00', '-05', ' +0530', '+15:59:59', 'z'),
  })
  test.each(['timestamp', 'timestamptz', 'timestamp(3)', 'timestamptz(0)', 'date'])('%s', (type) => {
    fc.assert(
      fc.property(moment, fc.boolean(), (m, whole) => {
        const start = `${String(m.year).padStart(4, '0')}-${m.month}-${m.day}${m.separator}${m.hour}:${m.minute}:${m.second}`
        const usual = `${start}${whole ? '' : `.${m.fraction}`}${m.zone}`
        // More digits than are kept are not usual
        const unusual = `${start}.${(whole ? '' : m.fraction).padEnd(9, '0')}${m.zone}`
        for (const rules of [{}, { timezone: 'UTC' }]) {
          const { quick, slow } = both(type, usual, unusual, rules)
          expect(quick).toEqual(slow)
        }
      }),
      { numRuns: 300 },
    )
  })
})

test('uuid: with braces, which are not usual, it is the same', () => {
  const characters = fc.constantFrom('0', '7', '9', 'a', 'f', 'A', 'F', '-', 'g', 'ı', '\u0130', '\u{1F6A2}')
  fc.assert(
    fc.property(fc.uuid(), fc.nat(35), characters, (id, at, other) => {
      const bent = `${id.slice(0, at)}${other}${id.slice(at + 1)}`
      for (const each of [id, id.toUpperCase(), bent]) {
        const { quick, slow } = both('uuid', each, `{${each}}`)
        expect(quick).toEqual(slow)
      }
    }),
    { numRuns: 1000 },
  )
})

test('plain JSON is JSON that jsonb keeps', () => {
  const key = fc.constantFrom('a', 'b', 'ab', '', 'é', '\\', '"')
  const { document } = fc.letrec((tie) => ({
    document: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(
        '1',
        '-0',
        '0.50',
        '1e3',
        '01',
        '1.',
        '-',
        'true',
        'null',
        'nul',
        'falsey',
        '',
        '"\\n"',
        '"\\u0000"',
        '"\\x"',
      ),
      fc.string({ maxLength: 5 }).map((each) => JSON.stringify(each)),
      fc.array(tie('document'), { maxLength: 3 }).map((each) => `[${each.join(' ,')}]`),
      fc
        .array(fc.tuple(key, tie('document')), { maxLength: 4 })
        .map((each) => `{ ${each.map(([name, inner]) => `${JSON.stringify(name)} : ${String(inner)}`).join(',\n')}}`),
    ),
  }))
  let plain = 0
  fc.assert(
    fc.property(document, fc.nat(), fc.constantFrom('', ',', '}', '"', ' ', ':'), (made, at, other) => {
      for (const each of [
        made,
        `${made.slice(0, at % (made.length + 1))}${other}${made.slice(at % (made.length + 1))}`,
      ]) {
        const bytes = Buffer.from(each)
        if (!isPlainJson(bytes, 0, bytes.length)) continue
        plain++
        expect([each, scanJson(each, true)]).toEqual([each, null])
      }
    }),
    { numRuns: 3000 },
  )
  expect(plain).toBeGreaterThan(100)
})
