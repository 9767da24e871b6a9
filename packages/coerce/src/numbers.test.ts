import { InvalidText } from '@rowferry/introspect'
import { expect, test } from 'vitest'
import { judge, misjudged } from '../test/judge.ts'

const blob = Uint8Array.of(0x61)
const invalid = new InvalidText(Uint8Array.of(0x61, 0xff))

test('boolean: a closed set, and nothing like it', () => {
  expect(
    misjudged('bool', [
      ['fits', 0, 1, 0n, 1n, 't', 'F', 'True', 'NO', 'on', 'oFf', '1'],
      ['NOT_A_BOOLEAN impossible', 2, -1, -0, 0.5, 2n, '', 'maybe', 'o', 'of', 'y', 'n', ' t', '1.0', blob, invalid],
    ]),
  ).toEqual([])
  // Whether other columns ask for bigints must not decide
  expect(judge('bool', 1, {}, 'bigint')).toBe('fits')
  expect(judge('bool', -0, {}, 'bigint')).toBe('NOT_A_BOOLEAN impossible')
  expect(judge('bool', 1n, {}, 'bigint')).toBe('fits')
})

test('integers', () => {
  expect(
    misjudged('int4', [
      ['fits', 0, -1, 2147483647, -2147483648n, '12', '-7', '0'],
      ['OUT_OF_RANGE impossible', 2147483648, -2147483649n, '2147483648', 1e300, Infinity],
      ['NOT_AN_INTEGER lossy', 1.5, -0.25],
      ['NOT_AN_INTEGER impossible', '', ' 12 ', '+5', '1.0', '1e3', '0x1F', '007', '1_000', 'lots', blob, invalid],
    ]),
  ).toEqual([])
  expect(misjudged('int2', [['OUT_OF_RANGE impossible', 32768, 32767.5]])).toEqual([])
  expect(misjudged('oid', [['OUT_OF_RANGE impossible', -1, 4294967296]])).toEqual([])
})

test('int8: bigints are exact, reals past 2^53 are not', () => {
  expect(
    misjudged('int8', [
      ['fits', 9007199254740991, 9223372036854775807n, '-9223372036854775808', 9007199254740992],
      ['OUT_OF_RANGE impossible', 9223372036854775808n, '9223372036854775808', 1e19, '9'.repeat(5000), -Infinity],
      ['LOSES_PRECISION lossy', 1e17],
      ['NOT_AN_INTEGER lossy', 2.5],
      ['NOT_AN_INTEGER impossible', '1.0'],
    ]),
  ).toEqual([])
})

test('float8', () => {
  expect(
    misjudged('float8', [
      [
        'fits',
        0.1,
        -0,
        Infinity,
        5e-324,
        9007199254740992n,
        '1.5',
        '3',
        '0.1',
        '3.0',
        '1e+21',
        '1e-07',
        '-1.25E+04',
        '1e3',
        '12.5e-1',
        '-0e5',
        '-0',
        '-0.0',
        2n ** 70n,
      ],
      [
        'LOSES_PRECISION lossy',
        9007199254740993n,
        '1.50',
        '9007199254740993',
        '0.1000000000000000055',
        '1.50e3',
        '1.000',
      ],
      ['OUT_OF_RANGE impossible', '1e400', '1e-400', 10n ** 400n],
      ['NOT_A_NUMBER impossible', '', 'Infinity', 'NaN', '+1', '.5', '1.', '0x10', '007', 'x', blob, invalid],
    ]),
  ).toEqual([])
})

test('float4: the same number, or written the same', () => {
  expect(
    misjudged('float4', [
      [
        'fits',
        0.15,
        0.5,
        16777216,
        3.4e38,
        1e-45,
        -0,
        Infinity,
        '0.15',
        '4.2949728e+08',
        '1.5e-07',
        Math.fround(1.2345678),
      ],
      ['LOSES_PRECISION lossy', 16777217, 1.23456789012345, 123456789, '16777217', 0.1 + 0.2, '0.150'],
      ['OUT_OF_RANGE impossible', 1e40, 1e-50, '1e39'],
    ]),
  ).toEqual([])
})

test('numeric', () => {
  expect(
    misjudged('numeric', [
      ['fits', '12345678901234567890.123456789', '0.10', '1e3', '1E-3', 0.1, 5e-324, 10n ** 100n, -0],
      [
        'NOT_A_NUMBER impossible',
        '',
        'NaN',
        'Infinity',
        '+1',
        '007',
        '.5',
        '5.',
        '1e',
        '1.5.2',
        ' 1',
        '1 ',
        blob,
        invalid,
      ],
      [
        'OUT_OF_RANGE impossible',
        Infinity,
        -Infinity,
        '1e131072',
        '1e-16384',
        `0.${'0'.repeat(16_384)}`,
        '1e999999999999',
      ],
    ]),
  ).toEqual([])
  expect(
    misjudged('numeric(10,2)', [
      ['fits', 10.25, '10.250', 1e7, '99999999.99', 0.1, '0e-100'],
      ['LOSES_SCALE lossy', 1.23456, '10.005', 1e-9, '1e-30', 5e-324],
      ['OUT_OF_RANGE impossible', 123456789.5, '100000000', 1e300, 100000000n, '99999999.999'],
    ]),
  ).toEqual([])
  expect(
    misjudged('numeric(3,-2)', [
      ['fits', 99900, '0'],
      ['LOSES_SCALE lossy', 12345],
      ['OUT_OF_RANGE impossible', 100000, 99950],
    ]),
  ).toEqual([])
  expect(
    misjudged('numeric(2,4)', [
      ['fits', 0.0099, '-0.0001'],
      ['OUT_OF_RANGE impossible', 0.01],
    ]),
  ).toEqual([])
})
