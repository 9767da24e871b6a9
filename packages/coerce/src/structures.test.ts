import { InvalidText } from '@rowferry/introspect'
import { expect, test } from 'vitest'
import { misjudged } from '../test/judge.ts'

const blob = Uint8Array.of(0x61)
const invalid = new InvalidText(Uint8Array.of(0x61, 0xff))

test('json', () => {
  for (const name of ['json', 'jsonb']) {
    expect(
      misjudged(name, [
        ['fits', '{}', ' [1,\n2]\t', '"\\ud83d\\ude00"', 'null', '-0.0e+5', 5, 1.5, 10n],
        [
          'NOT_JSON impossible',
          '',
          '{bad',
          "{'a':1}",
          '{"a":NaN}',
          '{"a":1,}',
          '[1,]',
          '[,1]',
          '{"a"}',
          '{"a":1 "b":2}',
          '01',
          '1.',
          '.5',
          '+1',
          'tru',
          'nulll',
          '"a',
          '"\n"',
          '"\\x"',
          '"\\u00g0"',
          '"\\u0000"',
          '"\\ud800"',
          '"\\udc00"',
          '"\\ud800\\u0041"',
          '1 2',
          '[1}',
          ']',
          '\ufeff1',
          '\u00a01',
          'plain words',
          Infinity,
          blob,
        ],
        ['INVALID_TEXT impossible', '"\ud800"', invalid],
      ]),
    ).toEqual([])
  }
  expect(misjudged('json', [['fits', '{"a":1,"a":2}', '1e999999']])).toEqual([])
  expect(
    misjudged('jsonb', [
      ['fits', '{"a":{"a":1},"b":{"a":1}}', '[{"a":1},{"a":1}]'],
      [
        'JSON_DUPLICATE_KEY lossy',
        '{"a":1,"a":2}',
        '{"a":1,"\\u0061":2}',
        '[{"x":{"b":1,"c":[],"b":2}}]',
        `{${Array.from({ length: 40 }, (_, i) => `"k${i}":1`).join()},"k3":2}`,
      ],
      ['NOT_JSON impossible', '1e999999', '{"a":1,"a":2'],
    ]),
  ).toEqual([])
})

test('arrays: every element by its own rules', () => {
  expect(
    misjudged('int4[]', [
      ['fits', '[]', '{}', '[1,null]', '{1,NULL}', '[[1],[2]]', '[3.0]'],
      [
        'NOT_AN_ARRAY impossible',
        '',
        '1',
        '[1',
        '{1',
        '[1]]',
        '{1}}',
        '{1,}',
        '{,1}',
        '{1}{2}',
        'x{1}',
        '[[1],[2,3]]',
        '[[1],2]',
        '[[],[]]',
        '{{1},2}',
        '{"a":1}',
        '[0:1]={1,2}',
        '[{"a":1}]',
        '[[[[[[[1]]]]]]]',
        5,
        blob,
      ],
      ['OUT_OF_RANGE impossible', '[1, 3000000000]', '{3000000000}'],
      ['NOT_AN_INTEGER impossible', '["x"]', '[true]', '[9007199254740993.0]', '[1e3]'],
      ['NOT_AN_INTEGER lossy', '[1.5]'],
    ]),
  ).toEqual([])
  expect(
    misjudged('varchar(2)[]', [
      ['fits', '["ab"]'],
      ['TOO_LONG lossy', '["abc", "abcd"]'],
      ['NUL_IN_TEXT impossible', '{abc,"a\0"}'],
      ['NOT_AN_ARRAY impossible', '["abc", "a\\u0000"]'],
    ]),
  ).toEqual([])
  expect(
    misjudged('bool[]', [
      ['fits', '[true, 0, "off"]', '{t,f}'],
      ['NOT_A_BOOLEAN impossible', '[2]', '["maybe"]'],
    ]),
  ).toEqual([])
})

test('array literals end where PostgreSQL says they do, and may be long', () => {
  const long = 'x'.repeat(1_000_000)
  expect(
    misjudged('text[]', [
      ['fits', '{a b, "c" ,\\ }', '{\u2003}', '{ {a} , {b} }', '{}', '{ }', `{${long}}`, `{"${long}"}`, `["${long}"]`],
      [
        'NOT_AN_ARRAY impossible',
        '{"a',
        '{a\\',
        '{a}x',
        '{a"b"}',
        '{"a"b}',
        '{a{b}}',
        '{{a}{b}}',
        '{{a}',
        '{a}}',
        '{a,,b}',
        ' {a}',
      ],
    ]),
  ).toEqual([])
})

test('arrays of bytea: what is an escape to PostgreSQL is no text', () => {
  expect(
    misjudged('bytea[]', [
      ['fits', '{a,"b c",NULL}', '["a\\\\x61"]', '{}'],
      ['NOT_BYTES impossible', '{"\\\\x61"}', '{a,"\\\\001"}', '{{a},{"b\\\\\\\\"}}'],
    ]),
  ).toEqual([])
})
