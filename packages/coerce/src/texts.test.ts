import type { PgType, SourceValue } from '@rowferry/introspect'
import { InvalidText } from '@rowferry/introspect'
import { expect, test } from 'vitest'
import { encodeCell, judge, misjudged } from '../test/judge.ts'
import { builtinType } from './index.ts'

const blob = Uint8Array.of(0x61)
const invalid = new InvalidText(Uint8Array.of(0x61, 0xff))

test('text', () => {
  expect(
    misjudged('text', [
      ['fits', '', 'é😀', 'x'.repeat(100), 5, 1.5, 10n],
      ['NUL_IN_TEXT impossible', 'a\0b', `${'x'.repeat(50)}\0`],
      ['INVALID_TEXT impossible', 'a\ud800b', `${'é'.repeat(50)}\udc00`, invalid],
      ['NOT_TEXT impossible', blob],
    ]),
  ).toEqual([])
})

test('a known real keeps its point as text', () => {
  const cell = (value: SourceValue, integers: 'auto' | 'bigint') =>
    encodeCell(builtinType('text'), value, {}, integers)
      .toString('utf8' as never)
      .slice(4)
  expect([1, -0, 1.5, 2 ** 53].map((value) => cell(value, 'auto'))).toEqual(['1', '-0.0', '1.5', '9007199254740992.0'])
  expect([cell(1, 'bigint'), cell(1n, 'bigint'), cell(1e21, 'bigint'), cell(Infinity, 'bigint')]).toEqual([
    '1.0',
    '1',
    '1e+21',
    'Infinity',
  ])
})

test('lengths count characters, and blanks count', () => {
  for (const name of ['varchar(3)', 'character(3)']) {
    expect(
      misjudged(name, [
        ['fits', 'abc', '日本語', '😀😀😀', 123],
        ['TOO_LONG lossy', 'abcd', 'ab  ', '😀😀😀😀', 1234],
        ['NUL_IN_TEXT impossible', 'a\0bcd'],
      ]),
    ).toEqual([])
  }
  expect(
    misjudged('name', [
      ['fits', 'x'.repeat(63)],
      ['TOO_LONG lossy', 'é'.repeat(32)],
      ['INVALID_TEXT impossible', `${'é'.repeat(32)}\ud800`],
    ]),
  ).toEqual([])
})

test('what could not be dumped again is too large', () => {
  expect(judge('bytea', new Uint8Array(500 * 1024 * 1024 + 1))).toBe('TOO_LARGE impossible')
})

test('bytea and uuid', () => {
  expect(
    misjudged('bytea', [
      ['fits', blob, invalid, 'a\0', ''],
      ['NOT_BYTES impossible', 1, 1.5, 1n],
      ['INVALID_TEXT impossible', '\ud800', new InvalidText(new Uint8Array([0x3d, 0xd8]), 'utf-16le')],
    ]),
  ).toEqual([])
  const uuid = '550e8400-e29b-41d4-a716-446655440000'
  expect(
    misjudged('uuid', [
      ['fits', uuid, `{${uuid}}`, uuid.replaceAll('-', ''), new Uint8Array(16)],
      [
        'NOT_A_UUID impossible',
        `urn:uuid:${uuid}`,
        uuid.slice(1),
        '',
        `{${uuid}`,
        uuid.replace('8', 'g'),
        uuid.replace('-', 'a'),
        `${uuid.slice(0, 7)}é${uuid.slice(8)}`,
        new Uint8Array(15),
        invalid,
        5,
        `550e-8400e29b-41d4-a716-446655440000`,
      ],
    ]),
  ).toEqual([])
})

test('enum: letter by letter', () => {
  const type: PgType = {
    oid: 1,
    schema: 'public',
    name: 'role',
    kind: 'enum',
    typmod: -1,
    labels: ['STUDENT', 'TEACHER', '1'],
  }
  expect(
    misjudged(type, [
      ['fits', 'STUDENT', 1, '1'],
      ['UNKNOWN_LABEL impossible', 'student', 'STUDENT ', '', 2, blob, invalid],
    ]),
  ).toEqual([])
})
