import type { SourceValue } from '@rowferry/introspect'
import { InvalidText } from '@rowferry/introspect'
import { expect, test } from 'vitest'
import { encodeCell, judge, misjudged } from '../test/judge.ts'
import { builtinType } from './index.ts'
import type { ValueRules } from './index.ts'

const blob = Uint8Array.of(0x61)
const invalid = new InvalidText(Uint8Array.of(0x61, 0xff))

const nonsense = [
  '',
  'x',
  ' 2024-01-02',
  '2024-01-02 ',
  '2024-1-2',
  '02/01/2024',
  '2024-02-30',
  '2023-02-29',
  '1900-02-29',
  '0000-00-00',
  '0000-01-01',
  '2024-13-01',
  '99-01-02',
  '-4712-01-01',
  '20240-1-01',
  '+2024-01-01',
  '2024-01-02T',
  '2024/01/02',
  '12345',
]

test('date', () => {
  expect(
    misjudged('date', [
      [
        'fits',
        '2024-02-29',
        '2000-02-29',
        '0001-01-01',
        '+010000-01-01',
        '1996-07-04 00:00:00.000',
        '1996-07-04T00:00',
        '1996-07-04T00:00:00Z',
        '1996-07-04 00:00+00:00',
      ],
      [
        'TIME_WOULD_BE_LOST lossy',
        '2024-01-02 00:00:00.000001',
        '2024-01-02T03:04',
        '2024-01-02T03:04:05Z',
        '2024-01-02 23:59:59.9999999',
      ],
      ['OFFSET_WOULD_BE_LOST impossible', '2024-01-02T00:00:00+01:00'],
      ['OUT_OF_RANGE impossible', '5874898-01-01'],
      ['NOT_A_DATE impossible', ...nonsense, blob, invalid],
      ['SPECIAL_WORD impossible', 'now', 'Today', 'infinity', '-infinity', 'epoch'],
      ['EPOCH_UNIT_NEEDED impossible', 0, 1704164645, 1704164645123n, 2460311.5, '1704164645', '20240102'],
    ]),
  ).toEqual([])
  expect(encodeCell(builtinType('date'), '2024-01-01 23:59:59.9999999', { allowLossy: true })).toEqual(
    encodeCell(builtinType('date'), '2024-01-01'),
  )
})

test('timestamp', () => {
  expect(
    misjudged('timestamp', [
      [
        'fits',
        '2024-01-02',
        '2024-01-02 03:04',
        '2024-01-02T03:04:05',
        '2024-01-02 03:04:05.123456',
        '2024-01-02 03:04:05.123456000',
      ],
      ['LOSES_PRECISION lossy', '2024-01-02 03:04:05.1234567'],
      ['OFFSET_WOULD_BE_LOST impossible', '2024-01-02 03:04:05Z', '2024-01-02 03:04:05+05:30', '2024-01-02 03:04-08'],
      ['OUT_OF_RANGE impossible', '294277-01-01'],
      [
        'NOT_A_TIMESTAMP impossible',
        ...nonsense,
        '2024-01-02 24:00:00',
        '2024-01-02 23:59:60',
        '2024-01-02 03',
        '2024-01-02 03:04.5',
        '2024-01-02 03:04:05.',
        '2024-01-02  03:04',
        '2024-01-02 03:04 PM',
        '2024-01-02 03:04:05 IST',
        blob,
      ],
      ['SPECIAL_WORD impossible', 'now', 'tomorrow'],
      ['EPOCH_UNIT_NEEDED impossible', 1704164645, '1704164645.5'],
    ]),
  ).toEqual([])
  expect(
    misjudged('timestamp(3)', [
      ['fits', '2024-01-02 03:04:05.123', '2024-01-02 03:04:05.123000'],
      ['LOSES_PRECISION lossy', '2024-01-02 03:04:05.1234'],
    ]),
  ).toEqual([])
})

test('rounding carries over, to the year if need be', () => {
  const same = (name: string, text: string, other: string) =>
    expect(encodeCell(builtinType(name), text, { allowLossy: true })).toEqual(encodeCell(builtinType(name), other))
  same('timestamp', '2023-12-31 23:59:59.9999999', '2024-01-01 00:00:00')
  same('timestamp', '2024-01-02 03:04:05.1234565', '2024-01-02 03:04:05.123457')
  same('timestamp(0)', '2024-01-02 03:04:05.5', '2024-01-02 03:04:06')
  expect(judge('timestamp', '294276-12-31 23:59:59.9999999', { allowLossy: true })).toBe('OUT_OF_RANGE impossible')
})

test('timestamptz', () => {
  expect(
    misjudged('timestamptz', [
      [
        'fits',
        '2024-01-02T03:04:05Z',
        '2024-01-02 03:04:05 +0530',
        '2024-01-02 03:04-08',
        '2024-01-02 03:04:05.5+00:19:32',
      ],
      ['TIMEZONE_NEEDED impossible', '2024-01-02', '2024-01-02 03:04:05'],
      [
        'NOT_A_TIMESTAMP impossible',
        '2024-01-02Z',
        '2024-01-02 03:04:05+5',
        '2024-01-02 03:04:05+05:3',
        '2024-01-02 03:04:05+16',
        '2024-01-02 03:04:05z',
        '2024-01-02 03:04:05+053',
        '2024-01-02 03:04:05 UTC',
        '2024-01-02 03:04:05+01:00Z',
      ],
      ['EPOCH_UNIT_NEEDED impossible', 1704164645123],
    ]),
  ).toEqual([])
  const paris: ValueRules = { timezone: 'Europe/Paris' }
  expect(
    misjudged(
      'timestamptz',
      [
        ['fits', '2024-07-01', '2024-07-01 12:00:00Z', '0001-01-01', '294276-07-01'],
        ['NOT_A_TIMESTAMP impossible', '2024-03-31 02:30:00', '2024-10-27 02:30:00'],
      ],
      paris,
    ),
  ).toEqual([])
  // The rules repeat with the calendar: a July of the far future is a summer too
  expect(encodeCell(builtinType('timestamptz'), '294276-07-01 12:00', paris)).toEqual(
    encodeCell(builtinType('timestamptz'), '294276-07-01 12:00+02'),
  )
  expect(encodeCell(builtinType('timestamptz'), '0001-01-01 12:00', paris)).toEqual(
    encodeCell(builtinType('timestamptz'), '0001-01-01 12:00+00:09:21'),
  )
  expect(() => judge('timestamptz', 'x', { timezone: 'Mars/Olympus' })).toThrow(
    expect.objectContaining({ code: 'TIMEZONE_UNKNOWN' }),
  )
})

test('a zone turns offsets into its own wall clock', () => {
  const turned = (name: string, value: SourceValue, rules: ValueRules) => encodeCell(builtinType(name), value, rules)
  expect(turned('timestamp', '2024-07-01T12:00:00Z', { timezone: 'Europe/Paris' })).toEqual(
    turned('timestamp', '2024-07-01 14:00:00', {}),
  )
  expect(turned('timestamp', 1719835200, { epoch: 's', timezone: 'Europe/Paris' })).toEqual(
    turned('timestamp', '2024-07-01 14:00:00', {}),
  )
  expect(turned('timestamp', 1719835200, { epoch: 's' })).toEqual(turned('timestamp', '2024-07-01 12:00:00', {}))
  expect(turned('date', '2024-06-30T22:00:00Z', { timezone: 'Europe/Paris' })).toEqual(turned('date', '2024-07-01', {}))
})

test('epoch numbers count by their decimals', () => {
  expect(
    misjudged(
      'timestamptz',
      [
        ['fits', 1704164645, 1704164645.123456, '1704164645', '-1.5', 0, -0, 10n ** 10n, '0001'],
        ['LOSES_PRECISION lossy', 1704164645.1234567, 1e-7],
        ['OUT_OF_RANGE impossible', 1e13, Infinity, 10n ** 30n, '9'.repeat(400)],
        ['NOT_A_TIMESTAMP impossible', 'x', '1e9', blob],
        ['TIMEZONE_NEEDED impossible', '2024-01-02'],
      ],
      { epoch: 's' },
    ),
  ).toEqual([])
  expect(
    misjudged(
      'timestamptz',
      [
        ['fits', 1.5],
        ['LOSES_PRECISION lossy', 1.0001],
      ],
      { epoch: 'ms' },
    ),
  ).toEqual([])
  expect(
    misjudged(
      'timestamp(0)',
      [
        ['fits', 1000],
        ['LOSES_PRECISION lossy', 1500],
      ],
      { epoch: 'ms' },
    ),
  ).toEqual([])
  expect(
    misjudged(
      'date',
      [
        ['fits', 86400],
        ['TIME_WOULD_BE_LOST lossy', 86401],
      ],
      { epoch: 's' },
    ),
  ).toEqual([])
  const cell = (value: SourceValue, rules: ValueRules) => encodeCell(builtinType('timestamptz'), value, rules)
  expect(cell(-0.5, { epoch: 's' })).toEqual(cell('1969-12-31T23:59:59.5Z', {}))
  expect(cell(0.0000005, { epoch: 's', allowLossy: true })).toEqual(cell('1970-01-01T00:00:00.000001Z', {}))
})

test('time and interval', () => {
  expect(
    misjudged('time', [
      ['fits', '00:00', '23:59:59.999999', '24:00', '24:00:00', '24:00:00.000'],
      ['LOSES_PRECISION lossy', '12:00:00.0000001'],
      ['SPECIAL_WORD impossible', 'allballs', 'now'],
      ['NOT_A_TIME impossible', '24:00:01', '24:01', '23:59:60', '12', '1:00', '12:00Z', '', 43200, '120000', blob],
    ]),
  ).toEqual([])
  expect(
    misjudged('interval', [
      [
        'fits',
        'P1DT2H3M4.5S',
        'P1Y2M',
        'P2W',
        '-PT5M',
        'PT-5M',
        '-01:02:03',
        '123:00:00.5',
        '1 year 2 mons 3 days 04:05:06.789',
        '-1 days +02:00:00',
        '00:00:00',
        '1.02:03:04',
        '-10675199.02:48:05.47',
      ],
      ['LOSES_PRECISION lossy', 'PT0.1234567S'],
      ['OUT_OF_RANGE impossible', 'P999999999Y', 'PT99999999999H'],
      [
        'NOT_AN_INTERVAL impossible',
        '',
        'P',
        'PT',
        'P1DT',
        'P1.5D',
        '1 day ago',
        '12:00',
        '1:60:00',
        ' 1 day',
        '1  day',
        'infinity',
        '1.2:03:04',
        '1.02:03',
        blob,
      ],
      ['DURATION_UNIT_NEEDED impossible', 5, 1.5, 5n, '5', '-1.5'],
    ]),
  ).toEqual([])
  const inMs = { epoch: 'ms' } as const
  expect(
    misjudged(
      'interval',
      [
        ['fits', 5, -1.5, 5n, '12.25', 'PT5M'],
        ['LOSES_PRECISION lossy', 0.0001],
        ['OUT_OF_RANGE impossible', 2n ** 63n / 1000n + 1n, 1e300],
        ['NOT_AN_INTERVAL impossible', 'soon', blob],
      ],
      inMs,
    ),
  ).toEqual([])
  expect(misjudged('interval', [['DURATION_UNIT_NEEDED impossible', 5]], { epoch: 'julian' })).toEqual([])
  expect(misjudged('interval(0)', [['LOSES_PRECISION lossy', 'PT0.5S']])).toEqual([])
  const dayToHour = { ...builtinType('interval'), typmod: (((1 << 10) | (1 << 3)) << 16) | 0xffff }
  expect(
    misjudged(dayToHour, [
      ['fits', 'P1DT2H'],
      ['LOSES_PRECISION lossy', 'P1DT2H3M'],
    ]),
  ).toEqual([])
})
