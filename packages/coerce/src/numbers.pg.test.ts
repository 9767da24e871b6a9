import fc from 'fast-check'
import { needs } from '@rowferry/vitest-preset/features'
import { expect, test } from 'vitest'
import { encodeCell } from '../test/judge.ts'
import { differences, load, useClient } from '../test/load.ts'
import { builtinType } from './index.ts'

const client = useClient()

/** A few thousand values at once: one COPY instead of thousands. */
const sample = <T>(arbitrary: fc.Arbitrary<T>, count = 2000): T[] => fc.sample(arbitrary, count)

const digits = (max: number) =>
  fc.string({
    unit: fc.constantFrom('0', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '9', '9'),
    minLength: 1,
    maxLength: max,
  })
const whole = (max: number) => digits(max).map((text) => text.replace(/^0+(?=.)/, ''))
const sign = fc.constantFrom('', '-')
const decimalText = fc.oneof(
  fc.tuple(sign, whole(30)).map((parts) => parts.join('')),
  fc.tuple(sign, whole(30), digits(30)).map(([minus, before, behind]) => `${minus}${before}.${behind}`),
  fc
    .tuple(sign, whole(5), digits(5), fc.integer({ min: -40, max: 40 }))
    .map(([minus, before, behind, exponent]) => `${minus}${before}.${behind}e${exponent}`),
)

test('numeric: text of any digits and scale arrives as PostgreSQL reads it', async () => {
  const texts = [
    ...sample(decimalText),
    '0',
    '-0',
    '0.000',
    '10000',
    '9999',
    '0.0001',
    '0.00001',
    '1e3',
    '1e-20',
    `${'9'.repeat(4000)}.${'123'.repeat(1000)}`,
    '1e131071',
    `0.${'0'.repeat(16_382)}1`,
  ]
  expect(await differences(client(), builtinType('numeric'), texts, texts)).toEqual([])
})

test('numeric: reals arrive as their shortest decimal, integers exactly', async () => {
  const reals = sample(
    fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.tuple(fc.integer(), fc.nat({ max: 8 })).map(([n, scale]) => n / 10 ** scale),
    ),
  )
  const values = [
    ...reals,
    5e-324,
    1.7976931348623157e308,
    0.1,
    0.30000000000000004,
    123456789012345.6,
    999999999999999,
    0.000001,
    1234.000001,
    0.00001,
  ]
  expect(await differences(client(), builtinType('numeric'), values, values.map(String))).toEqual([])
  const integers = sample(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), 500)
  expect(await differences(client(), builtinType('numeric'), integers, integers.map(String))).toEqual([])
})

test.for([
  'numeric(10,2)',
  'numeric(5,0)',
  'numeric(12,6)',
  'numeric(20,7)',
  'numeric(2,4)',
  'numeric(3,-2)',
  'numeric(1000,500)',
])('%s: rounds as PostgreSQL where that is allowed, and keeps its scale', async (name, context) => {
  const type = builtinType(name)
  const [, precision = '', scale = ''] = /\((\d+),(-?\d+)\)/.exec(name) as RegExpExecArray
  if (Number(scale) < 0 || Number(scale) > Number(precision)) needs(context, 'numeric scales beyond the precision')
  const limit = Math.min(Number(precision) - Number(scale), 25)
  const small = fc
    .tuple(sign, limit > 0 ? whole(limit) : fc.constant('0'), digits(30))
    .map(([minus, before, behind]) => `${minus}${before}.${limit < 0 ? '00' : ''}${behind}`)
  // What carries past the precision is refused, so nines are left to another test
  const texts = sample(small).filter(
    (text) => !/^-?9{3,}|^-?0\.009{2}/.test(text) && (limit !== 5 || text.indexOf('.') < 5),
  )
  expect(await differences(client(), type, texts, texts, { allowLossy: true })).toEqual([])
  const reals = texts.map(Number).filter((value) => Math.abs(value) < 10 ** (limit - 1) / 2)
  expect(await differences(client(), type, reals, reals.map(String), { allowLossy: true })).toEqual([])
})

test('numeric: the bytes are those that PostgreSQL sends', async () => {
  const texts = sample(decimalText).filter((text) => !/e.?[1-9]\d/.test(text))
  const type = builtinType('numeric')
  const { rows } = await client().query<{ hex: string }>(
    `select encode(numeric_send(x::numeric), 'hex') as hex from unnest($1::text[]) x`,
    [texts],
  )
  expect(
    texts.map((text) =>
      encodeCell(type, text)
        .toString('hex' as never)
        .slice(8),
    ),
  ).toEqual(rows.map(({ hex }) => hex))
  const scaled = builtinType('numeric(15,4)')
  const reals = sample(fc.integer({ min: -1e9, max: 1e9 }), 500).map((n) => n / 1000)
  const { rows: typed } = await client().query<{ hex: string }>(
    `select encode(numeric_send(x::numeric(15,4)), 'hex') as hex from unnest($1::text[]) x`,
    [reals.map(String)],
  )
  expect(
    reals.map((real) =>
      encodeCell(scaled, real)
        .toString('hex' as never)
        .slice(8),
    ),
  ).toEqual(typed.map(({ hex }) => hex))
})

test('float8: every double arrives by its bits', async () => {
  const values = [
    ...sample(fc.double({ noNaN: true })),
    0,
    -0,
    5e-324,
    -5e-324,
    Infinity,
    -Infinity,
    1.7976931348623157e308,
    2 ** 53,
    0.1,
  ]
  expect(
    await differences(
      client(),
      builtinType('float8'),
      values,
      values.map((value) => (Object.is(value, -0) ? '-0' : String(value))),
    ),
  ).toEqual([])
  const { rows } = await client().query(`select n, encode(float8send(v), 'hex') as hex from loaded order by n`)
  const bits = values.map((value) => {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleBE(value)
    return bytes.toString('hex')
  })
  expect(rows.map(({ hex }) => hex)).toEqual(bits)
})

test('float4: what PostgreSQL writes of any of them is taken, and means the same', async () => {
  const bits = sample(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), 3000)
  const spacious = sample(fc.integer({ min: 2 ** 29, max: 2 ** 31 }), 3000).map((n) => Math.fround(n))
  const any = [...new Float32Array(Int32Array.from(bits).buffer)].filter(Number.isFinite)
  const { rows } = await client().query<{ text: string }>(
    'select v::float4::text as text from unnest($1::float8[]) v',
    [[...any, ...spacious, 990099968, 11000001536]],
  )
  const written = rows.map(({ text }) => text)
  expect(await differences(client(), builtinType('float4'), written, written)).toEqual([])
})

test('float4: what is lossless is written by PostgreSQL as it was', async () => {
  const singles = sample(fc.float({ noNaN: true }))
  expect(
    await differences(
      client(),
      builtinType('float4'),
      singles,
      singles.map((value) => (Object.is(value, -0) ? '-0' : String(value))),
    ),
  ).toEqual([])
  const short = sample(fc.tuple(fc.integer({ min: -999_999, max: 999_999 }), fc.nat({ max: 6 }))).map(
    ([n, scale]) => n / 10 ** scale,
  )
  expect(await differences(client(), builtinType('float4'), short, short.map(String))).toEqual([])
  const { rows } = await client().query('select n, v::text as text from loaded order by n')
  expect(rows.map(({ text }) => Number(text))).toEqual(short.map((value) => value + 0))
})

test('integers of every width', async () => {
  const widths = [
    ['int2', 16n],
    ['int4', 32n],
    ['int8', 64n],
  ] as const
  for (const [name, bits] of widths) {
    const low = -(2n ** (bits - 1n))
    const texts = [...sample(fc.bigInt({ min: low, max: -low - 1n }), 500), low, -low - 1n, 0n, -1n].map(String)
    const values = texts.flatMap((text) => [
      text,
      BigInt(text),
      Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text),
    ])
    expect(
      await differences(
        client(),
        builtinType(name),
        values,
        texts.flatMap((text) => [text, text, text]),
      ),
    ).toEqual([])
  }
  expect(
    await differences(
      client(),
      builtinType('oid'),
      [0, 4_294_967_295, '2147483648'],
      ['0', '4294967295', '2147483648'],
    ),
  ).toEqual([])
})

test('integers: rounding where it is allowed is that of PostgreSQL', async () => {
  const values = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 2.4, 2.6, -2.6, 1e9 + 0.5]
  await load(client(), builtinType('int4'), values, { allowLossy: true })
  const { rows } = await client().query(
    'select n from loaded, unnest($1::float8[]) with ordinality as given (x, m) where n = m and v is distinct from x::int4',
    [values],
  )
  expect(rows).toEqual([])
})
