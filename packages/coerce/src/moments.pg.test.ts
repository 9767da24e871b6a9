import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeCell } from '../test/judge.ts'
import { differences, load, useClient } from '../test/load.ts'
import { builtinType } from './index.ts'
import { openZone } from './types/zone.ts'

const client = useClient()

const sample = <T>(arbitrary: fc.Arbitrary<T>, count = 2000): T[] => fc.sample(arbitrary, count)

async function column(sql: string, parameters: unknown[] = []): Promise<string[]> {
  const { rows } = await client().query<string[]>({ text: sql, values: parameters, rowMode: 'array' })
  return rows.map(([value]) => value as string)
}

const year = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 9999 }) },
  { weight: 1, arbitrary: fc.integer({ min: 10_000, max: 294_275 }) },
)
const pad = (value: number, width = 2): string => String(value).padStart(width, '0')
const dateText = fc
  .tuple(year, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .map(([y, m, d]) => `${pad(y, 4)}-${pad(m)}-${pad(d)}`)
const fraction = fc.oneof(
  fc.constant(''),
  fc.string({ unit: fc.integer({ min: 0, max: 9 }).map(String), minLength: 1, maxLength: 6 }).map((text) => `.${text}`),
)
const clockText = fc
  .tuple(fc.nat(23), fc.nat(59), fc.nat(59), fraction)
  .map(([h, m, s, behind]) => `${pad(h)}:${pad(m)}:${pad(s)}${behind}`)
const timestampText = fc
  .tuple(
    dateText,
    fc.constantFrom(' ', 'T'),
    fc.oneof(
      clockText,
      clockText.map((text) => text.slice(0, 5)),
    ),
  )
  .map((parts) => parts.join(''))

test('date: every day of four hundred years, and the ends of the range', async () => {
  const days = await column(
    `select to_char(d, 'YYYY-MM-DD') from generate_series(date '1800-01-01', '2200-12-31', '1 day') d`,
  )
  expect(await differences(client(), builtinType('date'), days, days)).toEqual([])
  const far = [...sample(dateText), '0001-01-01', '9999-12-31', '10000-01-01', '5874897-12-31', '+010000-02-29']
  expect(
    await differences(
      client(),
      builtinType('date'),
      far,
      far.map((text) => text.replace('+0', '')),
    ),
  ).toEqual([])
})

test('date: which days exist is what PostgreSQL says', async () => {
  const texts = [1600, 1900, 2000, 2023, 2024, 2100].flatMap((y) =>
    Array.from({ length: 12 * 31 }, (_, i) => `${y}-${pad(Math.floor(i / 31) + 1)}-${pad((i % 31) + 1)}`),
  )
  const existing = new Set(
    await column(`select to_char(d, 'YYYY-MM-DD') from generate_series(date '1600-01-01', '2100-12-31', '1 day') d`),
  )
  for (const text of texts)
    expect([text, typeof encodeCell(builtinType('date'), text) !== 'string']).toEqual([text, existing.has(text)])
})

test('date from epoch numbers and midnight timestamps', async () => {
  const days = sample(fc.integer({ min: -700_000, max: 2_000_000 }), 500)
  const texts = await column(`select (date '1970-01-01' + d)::text from unnest($1::int[]) d`, [days])
  expect(
    await differences(
      client(),
      builtinType('date'),
      days.map((day) => day * 86_400_000),
      texts,
      { epoch: 'ms' },
    ),
  ).toEqual([])
})

test('timestamp: wall clocks over the whole range', async () => {
  const texts = [
    ...sample(timestampText),
    '0001-01-01 00:00:00',
    '294276-12-31 23:59:59.999999',
    '1999-12-31 23:59:59.999999',
    '2000-01-01',
  ]
  expect(await differences(client(), builtinType('timestamp'), texts, texts)).toEqual([])
})

test.for([0, 3, 5])('timestamp(%i): cut to the digits that the column keeps', async (precision) => {
  const texts = sample(timestampText).filter((text) => !text.startsWith('294'))
  const type = builtinType(`timestamp(${precision})`)
  await load(client(), type, texts, { allowLossy: true })
  const wrong = await column(
    `select x from loaded, unnest($1::text[]) with ordinality as given (x, m)
     where n = m and (abs(extract(epoch from v - x::timestamp)) > 0.5 * 10 ^ -$2::int or date_trunc('microseconds', v) <> v::timestamp(${precision}))`,
    [texts, precision],
  )
  expect(wrong).toEqual([])
})

test('timestamptz: offsets of every form', async () => {
  const offset = fc
    .tuple(fc.constantFrom('', ' '), fc.constantFrom('+', '-'), fc.nat(15), fc.nat(59), fc.nat(59), fc.nat(3))
    .map(([blank, sign, h, m, s, form]) => {
      const parts = [pad(h), `${pad(h)}${pad(m)}`, `${pad(h)}:${pad(m)}`, `${pad(h)}:${pad(m)}:${pad(s)}`]
      return `${blank}${sign}${parts[form] as string}`
    })
  const texts = sample(fc.tuple(timestampText, fc.oneof(fc.constant('Z'), offset)).map((parts) => parts.join('')))
  expect(await differences(client(), builtinType('timestamptz'), texts, texts)).toEqual([])
})

test('timestamptz: a zone-less clock in a named zone, wherever that clock is clear', async () => {
  for (const zone of ['Europe/Paris', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'America/St_Johns']) {
    await client().query(`select set_config('TimeZone', $1, false)`, [zone])
    const seconds = sample(fc.integer({ min: -1_500_000_000, max: 2_100_000_000 }), 1000)
    const texts = await column(
      `select to_char(to_timestamp(s) at time zone $2, 'YYYY-MM-DD HH24:MI:SS') from unnest($1::float8[]) s`,
      [seconds, zone],
    )
    const clear = texts.filter(
      (text) => encodeCell(builtinType('timestamptz'), text, { timezone: zone }) !== 'NOT_A_TIMESTAMP impossible',
    )
    expect(clear.length).toBeGreaterThan(980)
    expect(await differences(client(), builtinType('timestamptz'), clear, clear, { timezone: zone })).toEqual([])
  }
})

test('timestamp: instants turned to the clock of a zone', async () => {
  const texts = sample(fc.tuple(fc.integer({ min: 1950, max: 2036 }), fc.nat(3650), clockText)).map(
    ([y, minutes, clock]) => {
      const day = new Date(Date.UTC(y, 0, 1) + minutes * 8_640_000).toISOString().slice(0, 10)
      return `${day}T${clock}Z`
    },
  )
  for (const zone of ['America/Sao_Paulo', 'Europe/London', 'UTC']) {
    const expected = await column(`select (x::timestamptz at time zone $2)::text from unnest($1::text[]) x`, [
      texts,
      zone,
    ])
    expect(await differences(client(), builtinType('timestamp'), texts, expected, { timezone: zone })).toEqual([])
  }
})

test('a zone: clocks put forward skip an hour, clocks put back repeat one', () => {
  const paris = openZone('Europe/Paris')
  const local = (text: string): number => Date.parse(`${text}Z`) / 1000 - 946_684_800
  expect(paris.offsetOfLocal(local('2024-03-31T01:59:59'))).toBe(3600)
  expect(paris.offsetOfLocal(local('2024-03-31T02:30:00'))).toBe('skipped')
  expect(paris.offsetOfLocal(local('2024-03-31T03:00:00'))).toBe(7200)
  expect(paris.offsetOfLocal(local('2024-10-27T01:59:59'))).toBe(7200)
  expect(paris.offsetOfLocal(local('2024-10-27T02:00:00'))).toBe('repeated')
  expect(paris.offsetOfLocal(local('2024-10-27T03:00:00'))).toBe(3600)
  expect(paris.offsetAt(local('2024-03-31T00:59:59'))).toBe(3600)
  expect(paris.offsetAt(local('2024-03-31T01:00:00'))).toBe(7200)
  // Before railways the clock of Paris followed its own meridian
  expect(paris.offsetOfLocal(local('1880-05-01T12:00:00'))).toBe(561)
  expect(paris.offsetOfLocal(local('0900-05-01T12:00:00'))).toBe(561)
  expect(openZone('Pacific/Apia').offsetOfLocal(local('2011-12-30T12:00:00'))).toBe('skipped')
})

test.for([
  ['s', 1],
  ['ms', 1000],
  ['us', 1_000_000],
] as const)('epoch in %s: integers, bigints and digits as text', async ([epoch, perSecond]) => {
  const seconds = sample(fc.integer({ min: -8_000_000_000, max: 9_000_000_000 }), 500)
  const bigs = seconds.map((second) => BigInt(second) * BigInt(perSecond) + BigInt(perSecond === 1 ? 0 : second % 977))
  const micros = bigs.map((value) => String((value * 1_000_000n) / BigInt(perSecond)))
  const expected = await column(
    `select (timestamptz 'epoch' + x::bigint / 1000000 * interval '1 second' + x::bigint % 1000000 * interval '1 microsecond')::text from unnest($1::text[]) x`,
    [micros],
  )
  expect(await differences(client(), builtinType('timestamptz'), bigs, expected, { epoch })).toEqual([])
  expect(await differences(client(), builtinType('timestamptz'), bigs.map(Number), expected, { epoch })).toEqual([])
  expect(await differences(client(), builtinType('timestamptz'), bigs.map(String), expected, { epoch })).toEqual([])
})

test('epoch in seconds with a fraction counts by its decimals', async () => {
  const reals = sample(fc.tuple(fc.integer({ min: -4_000_000_000, max: 4_000_000_000 }), fc.nat(999_999))).map(
    ([second, micro]) => Number(`${second}.${pad(micro, 6)}`),
  )
  const expected = await column(
    `select (timestamptz 'epoch' + (x::numeric * 1000000)::bigint / 1000000 * interval '1 second' + (x::numeric * 1000000)::bigint % 1000000 * interval '1 microsecond')::text from unnest($1::text[]) x`,
    [reals.map(String)],
  )
  expect(await differences(client(), builtinType('timestamptz'), reals, expected, { epoch: 's' })).toEqual([])
})

test('time', async () => {
  const texts = [...sample(clockText), '00:00', '23:59:59.999999']
  expect(await differences(client(), builtinType('time'), texts, texts)).toEqual([])
  const midnight = ['24:00', '24:00:00', '24:00:00.0']
  expect(await differences(client(), builtinType('time'), midnight, midnight)).toEqual([])
})

test('interval: ISO 8601, clocks and the style of PostgreSQL itself', async () => {
  const field = fc.oneof(fc.constant(''), fc.integer({ min: -999, max: 999 }).map(String))
  const parts = fc.tuple(field, field, field, field, field, fc.tuple(field, fraction))
  const iso = parts.map(([y, mo, d, h, mi, [s, behind]]) => {
    const part = (value: string, unit: string) => (value === '' ? '' : value + unit)
    const time = `${part(h, 'H')}${part(mi, 'M')}${s === '' ? '' : `${s}${behind}S`}`
    return `P${part(y, 'Y')}${part(mo, 'M')}${part(d, 'D')}${time === '' ? '' : `T${time}`}`
  })
  const texts = sample(iso).filter((text) => text !== 'P')
  expect(
    await differences(client(), builtinType('interval'), [...texts, 'P3W', 'PT36H'], [...texts, 'P3W', 'PT36H']),
  ).toEqual([])
  const clocks = sample(
    fc.tuple(fc.constantFrom('', '-'), clockText).map((both) => both.join('')),
    500,
  )
  expect(await differences(client(), builtinType('interval'), clocks, clocks)).toEqual([])
  const own = await column('select x::interval::text from unnest($1::text[]) x', [texts])
  expect(await differences(client(), builtinType('interval'), own, own)).toEqual([])
})

test.for([
  ['s', '1 second'],
  ['ms', '1 millisecond'],
  ['us', '1 microsecond'],
] as const)('interval from numbers that count %s', async ([epoch, unit]) => {
  const counts = sample(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), 200)
  const expected = await column(`select (x::int * interval '${unit}')::text from unnest($1::text[]) x`, [
    counts.map(String),
  ])
  for (const values of [counts, counts.map(BigInt), counts.map(String)])
    expect(await differences(client(), builtinType('interval'), values, expected, { epoch })).toEqual([])
})

test('interval from the TimeSpan of .NET', async () => {
  const spans = sample(fc.tuple(fc.constantFrom('', '-'), fc.integer({ min: 1, max: 10_675_198 }), clockText), 200)
    .map(([sign, days, clock]) => ({ sign, days, clock }))
    .filter(({ clock }) => clock.split(':').length === 3)
  const expected = await column('select x::interval::text from unnest($1::text[]) x', [
    spans.map(({ sign, days, clock }) => `${sign}${days} days ${sign}${clock}`),
  ])
  const texts = spans.map(({ sign, days, clock }) => `${sign}${days}.${clock}`)
  expect(await differences(client(), builtinType('interval'), texts, expected)).toEqual([])
})
