import { InvalidText } from '@rowferry/introspect'
import type { PgType } from '@rowferry/introspect'
import { expect, test } from 'vitest'
import { encodeCell, judge, misjudged } from '../test/judge.ts'
import { builtinType, compileRow, compileTrial, goesThroughText, inputType } from './index.ts'

const typeOf = (name: string, given: Partial<PgType> = {}): PgType => ({
  oid: 1,
  schema: 'pg_catalog',
  name,
  kind: 'base',
  typmod: -1,
  ...given,
})
const arrayOf = (element: PgType): PgType => typeOf(`_${element.name}`, { kind: 'array', element })
const domainOf = (base: PgType): PgType => typeOf('d', { schema: 'public', kind: 'domain', base })
const [inet, money, timetz] = [typeOf('inet'), typeOf('money'), typeOf('timetz')]
const tstzrange = typeOf('tstzrange', { kind: 'range' })
const composite = typeOf('address', { schema: 'public', kind: 'composite' })

test('what has no encoder goes through text, and what is made of it', () => {
  const through = [
    inet,
    money,
    composite,
    tstzrange,
    arrayOf(inet),
    domainOf(inet),
    arrayOf(domainOf(composite)),
    domainOf(arrayOf(inet)),
    // A type of the same name elsewhere is another type
    { ...builtinType('text'), schema: 'public' },
  ]
  expect(through.map(goesThroughText)).toEqual(through.map(() => true))
  const encoded = [
    ...['text', 'int4', 'numeric(10,2)', 'jsonb', 'uuid[]'].map(builtinType),
    typeOf('citext', { schema: 'public' }),
    typeOf('mood', { kind: 'enum', labels: [] }),
    domainOf(builtinType('int4')),
    arrayOf(domainOf(builtinType('date'))),
  ]
  expect(encoded.map(goesThroughText)).toEqual(encoded.map(() => false))
})

test('the type that reads the text is no domain, and has no modifier that could cut', () => {
  expect(inputType(domainOf(typeOf('varbit', { typmod: 3 })))).toMatchObject({ name: 'varbit', typmod: -1 })
  expect(inputType(arrayOf(domainOf(inet)))).toMatchObject({ name: '_d', kind: 'array' })
})

test('the cell is the text, as a text column would take it', () => {
  const cells = ['::1', 'é', '', 101, 1.5, 7n, 'x'.repeat(70_000)]
  const bits = typeOf('varbit', { typmod: 3 })
  for (const value of cells) expect(encodeCell(bits, value)).toEqual(encodeCell(builtinType('text'), value))
  expect(encodeCell(bits, 1, {}, 'bigint')).toEqual(encodeCell(builtinType('text'), '1.0'))
  expect(encodeCell(inet, 'local', { map: [['local', '::1']] })).toEqual(encodeCell(builtinType('text'), '::1'))
  expect(
    misjudged(inet, [
      ['fits', null],
      ['NUL_IN_TEXT impossible', 'a\0'],
      ['INVALID_TEXT impossible', '\ud800', new InvalidText(new Uint8Array([0xff]), 'utf-8')],
      ['NOT_TEXT impossible', new Uint8Array([1])],
    ]),
  ).toEqual([])
  expect(judge(domainOf(inet), null)).toBe('fits')
  expect(judge({ ...domainOf(inet), notNull: true }, null)).toBe('NULL_NOT_ALLOWED impossible')
})

test('pseudo-types and arrays of money take NULL and nothing else', () => {
  for (const type of [typeOf('record', { kind: 'pseudo' }), arrayOf(money), domainOf(arrayOf(domainOf(money)))]) {
    expect(goesThroughText(type)).toBe(false)
    expect(
      misjudged(type, [
        ['fits', null],
        ['TYPE_UNSUPPORTED impossible', 'x', '{1.50}', 1],
      ]),
    ).toEqual([])
  }
})

test('words that stand for the time of loading are refused', () => {
  const times = [arrayOf(timetz), tstzrange, typeOf('datemultirange', { kind: 'multirange' }), composite]
  for (const type of times) {
    expect(
      misjudged(type, [
        ['SPECIAL_WORD impossible', '[now,)', '{now}', '(1, Today )', '["tomorrow 12:00",)', '("(yesterday,1)",2)'],
      ]),
    ).toEqual([])
  }
  for (const type of [arrayOf(timetz), composite])
    expect(misjudged(type, [['fits', '(right now,1)', '("nowhere",1)', '{12:00+00}']])).toEqual([])
  expect(judge(inet, 'now')).toBe('fits')
})

test('a time with time zone says its offset, and no more digits than are kept', () => {
  expect(
    misjudged(timetz, [
      ['fits', '12:30+00', '23:59:59.123456Z', '00:00:00 -0330', '12:00:00+05:30:15', '12:00:00.1234560+01'],
      ['SPECIAL_WORD impossible', 'now', ' allballs '],
      ['TIMEZONE_NEEDED impossible', '12:30', '12:30:00.5'],
      ['NOT_A_TIME impossible', '24:00+00', '12:60Z', '12:00 PST', '04:05 PM', '2024-01-01 12:00+00', 1200],
      ['LOSES_PRECISION impossible', '12:30:00.1234567Z'],
    ]),
  ).toEqual([])
  expect(judge(typeOf('timetz', { typmod: 0 }), '12:30:00.5Z')).toBe('LOSES_PRECISION impossible')
})

test('money takes plain amounts, whose meaning no locale changes', () => {
  expect(
    misjudged(money, [
      ['fits', '12', '-12.5', '1234.50', '1.500', 3, -0.25, 10n ** 15n],
      ['NOT_A_NUMBER impossible', '$12', '1,234.50', '12,50', '(12)', '1e3', '.5', '', 'NaN', '+1'],
      ['LOSES_SCALE impossible', '1.005', 0.125],
    ]),
  ).toEqual([])
})

test('"char" is one byte', () => {
  expect(
    misjudged(typeOf('char'), [
      ['fits', 'x', '', '\\101', 7],
      ['TOO_LONG impossible', 'xy', 'é', 10],
    ]),
  ).toEqual([])
})

test('what only the server can judge wins no trial', () => {
  const trial = compileTrial([{ name: 'v', candidates: [inet] }])
  trial.see(['::1'])
  expect(trial.results()[0]).toMatchObject({ type: { name: 'text' }, contradicted: [{ count: 1 }] })
})

test('what the server would quietly read otherwise is refused: lenient bounds, blanks in fields, keys given twice', () => {
  const fits = (type: PgType, value: string) =>
    compileRow([{ column: 'c', target: 'c', type, notNull: false, rules: {}, because: '' }]).explain([value]).length ===
    0
  const range = (name: string) => typeOf(name, { kind: 'range' })
  expect(fits(range('tsrange'), '["2024-01-01 00:00:00",2024-02-01)')).toBe(true)
  expect(fits(range('tsrange'), '[2024-01-01 00:00+05:30,)')).toBe(false)
  expect(fits(range('daterange'), '[2024-01-01,)')).toBe(true)
  expect(fits(range('daterange'), '(,76099-09-21)')).toBe(true)
  expect(fits(range('daterange'), '[170416,)')).toBe(false)
  expect(fits(range('tstzrange'), '[2024-01-01 00:00:00+00,infinity)')).toBe(true)
  expect(fits(range('tstzrange'), '[01/02/2024,)')).toBe(false)
  expect(fits(range('tstzrange'), '[2024-01-01 00:00:00,)')).toBe(false)
  expect(fits(composite, '(abc)')).toBe(true)
  expect(fits(composite, '(abc  )')).toBe(false)
  expect(fits(typeOf('hstore', { schema: 'public' }), 'a=>1, b=>2')).toBe(true)
  expect(fits(typeOf('hstore', { schema: 'public' }), 'a=>1,"a"=>2')).toBe(false)
})

test('parts are judged by their own types, however deep they lie', () => {
  const person = typeOf('person', {
    schema: 'public',
    kind: 'composite',
    fields: ['date', 'varchar(2)', 'numeric(4,1)', 'timestamptz', 'bool'].map(builtinType),
  })
  const nested = typeOf('nested', { schema: 'public', kind: 'composite', fields: [person, builtinType('text')] })
  expect(
    misjudged(person, [
      ['fits', '(2024-01-01,ab,1.5,2024-01-01 10:00+02,t)', '(,,,,)', '( 2024-01-01 ,"a ",1,,)', '(infinity,,,,)'],
      // What cannot be taken apart is for the server to refuse
      ['fits', '(1)', 'x', '(a,b,c,d,e,f)', '("2024-01-01,,,,)'],
      ['NOT_A_TIMESTAMP impossible', '(170416,,,,)', '(2024-01-01 12:00+05,,,,)', '(,,,2024-01-01 10:00,)'],
      ['NOT_A_DATE impossible', '(01/02/2024,,,,)', String.raw`("01\/02\/2024",,,,)`, '(2024-02-30,,,,)'],
      ['TIME_WOULD_BE_LOST impossible', '(2024-01-01 12:00,,,,)'],
      ['TOO_LONG impossible', '(,"a  ",,,)'],
      ['LOSES_SCALE impossible', '(,,1.25,,)'],
      ['NOT_A_BOOLEAN impossible', '(,,,,of)'],
      ['SPECIAL_WORD impossible', '(now,,,,)'],
    ]),
  ).toEqual([])
  expect(judge(nested, '("(2024-01-01,,,,)",x)')).toBe('fits')
  expect(judge(nested, '("(170416,,,,)",x)')).toBe('NOT_A_TIMESTAMP impossible')
  expect(judge(nested, '("(""01/02/2024"",,,,)",x)')).toBe('NOT_A_DATE impossible')
  expect(judge(arrayOf(domainOf(person)), '{"(2024-01-01,,,,)",NULL}')).toBe('fits')
  expect(judge(arrayOf(person), '{"(170416,,,,)"}')).toBe('NOT_A_TIMESTAMP impossible')
  expect(judge(arrayOf(person), '[1:1]={"(170416,,,,)"}')).toBe('NOT_AN_ARRAY impossible')
  // A zone is for whole cells, and no option settles a part of one
  const zoned = compileRow([
    { column: 'c', target: 'c', type: person, notNull: false, rules: { timezone: 'Europe/Paris' }, because: '' },
  ]).explain(['(,,,2024-01-01 10:00,)'])
  expect(zoned).toMatchObject([{ code: 'NOT_A_TIMESTAMP', remedy: null }])
  const moments = typeOf('moments', { schema: 'public', kind: 'range', subtype: builtinType('timestamp') })
  const several = { ...moments, kind: 'multirange' as const }
  expect(
    misjudged(moments, [
      ['fits', '[2024-01-01,"2024-01-02 10:00:00")', '(,)', 'empty', '(-infinity,infinity]', 'x'],
      ['NOT_A_TIMESTAMP impossible', '[170416,)', '[,"01/02/2024"]', '["2024-01-01 12:00+02",)'],
      ['SPECIAL_WORD impossible', '[now,)'],
    ]),
  ).toEqual([])
  expect(judge(several, '{[2024-01-01,2024-01-02),["2024-02-01",)}')).toBe('fits')
  expect(judge(several, '{[2024-01-01,2024-01-02),[170416,)}')).toBe('NOT_A_TIMESTAMP impossible')
})

test('bits of another number are refused by name of the column, and what is no bit by the server', () => {
  const [three, upTo] = [typeOf('bit', { typmod: 3 }), typeOf('varbit', { typmod: 5 })]
  expect(
    misjudged(three, [
      ['fits', '101', 'b101', 'B000', '5', 'xyz'],
      ['WRONG_LENGTH impossible', '10', '1011', 'x5', ''],
    ]),
  ).toEqual([])
  expect(
    misjudged(upTo, [
      ['fits', '', '10101', 'xF'],
      ['WRONG_LENGTH impossible', '101010', 'x0F'],
    ]),
  ).toEqual([])
})

test('a network is written as one, and is not guessed from a number', () => {
  const cidr = typeOf('cidr')
  expect(
    misjudged(cidr, [
      ['fits', '10.1.0.0/16', '10/8', '192.168.1.0', '2001:db8::/32', '::1', null],
      ['NOT_A_NETWORK impossible', 1, 0.1, '10', '10.1', '0x10', '0x10/8', ''],
    ]),
  ).toEqual([])
})

test('a hardware address has pairs, and a date is none', () => {
  const same = [
    '08:00:2b:01:02:03',
    '08-00-2b-01-02-03',
    '0800.2b01.0203',
    '0800-2b01-0203',
    '08002b:010203',
    '08002B010203',
  ]
  const long = ['08:00:2b:01:02:03:04:05', '0800.2b01.0203.0405', '08002b0102030405']
  expect(
    misjudged(typeOf('macaddr'), [
      ['fits', ...same],
      ['NOT_A_HARDWARE_ADDRESS impossible', '2024-01-02', '-0001-01-01', '8:0:2b:1:2:3', 20240102],
    ]),
  ).toEqual([])
  expect(misjudged(typeOf('macaddr8'), [['fits', ...same, ...long]])).toEqual([])
})
