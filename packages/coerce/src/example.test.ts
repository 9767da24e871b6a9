import { InvalidText } from '@rowferry/introspect'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeExample, storageClassOf } from './index.ts'

test('values as a person may read them', () => {
  expect(escapeExample('it is "so"\n\t\\')).toBe('"it is \\"so\\"\\n\\t\\\\"')
  expect(escapeExample('\0\u001b[2J\u202e\u2028\ud800é😀\u{e0001}')).toBe(
    '"\\u0000\\u001b[2J\\u202e\\u2028\\ud800é😀\\u{e0001}"',
  )
  expect([null, 1, -0, 1.5, 2n ** 64n].map((value) => escapeExample(value))).toEqual([
    'NULL',
    '1',
    '-0.0',
    '1.5',
    '18446744073709551616',
  ])
  expect(escapeExample(Uint8Array.of(0, 255))).toBe("x'00ff'")
  expect(escapeExample(new InvalidText(Uint8Array.of(0x61, 0xff)))).toBe("x'61ff'")
})

test('never longer than 80 characters, and cut with a mark', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.uint8Array({ maxLength: 200 }), fc.bigInt()),
      (value) => escapeExample(value).length <= 80,
    ),
  )
  expect(escapeExample('x'.repeat(78))).toBe(`"${'x'.repeat(78)}"`)
  expect(escapeExample('x'.repeat(79))).toBe(`"${'x'.repeat(77)}…"`)
  expect(escapeExample(`${'x'.repeat(76)}\n\n`)).toBe(`"${'x'.repeat(76)}…"`)
  expect(escapeExample('x'.repeat(1000)).endsWith('…"')).toBe(true)
  expect(escapeExample(new Uint8Array(1000)).endsWith("…'")).toBe(true)
})

test('storage classes', () => {
  const values = [null, 1, 1.5, -0, 2 ** 60, 1n, 'a', Uint8Array.of(1), new InvalidText(Uint8Array.of(255))]
  expect(values.map((value) => storageClassOf(value))).toEqual([
    'null',
    'integer',
    'real',
    'real',
    'real',
    'integer',
    'text',
    'blob',
    'invalid text',
  ])
  expect(storageClassOf(1, 'bigint')).toBe('real')
})
