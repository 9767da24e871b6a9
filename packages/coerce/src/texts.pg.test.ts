import fc from 'fast-check'
import { supports } from '@rowferry/vitest-preset/features'
import { expect, test } from 'vitest'
import type { PgType } from '@rowferry/introspect'
import { InvalidText } from '@rowferry/introspect'
import { encodeCell } from '../test/judge.ts'
import { differences, load, useClient } from '../test/load.ts'
import { builtinType, compileRow, createCopyBuffer, formatType } from './index.ts'
import { deepest } from './types/json-text.ts'

const client = useClient()

const sample = <T>(arbitrary: fc.Arbitrary<T>, count = 2000): T[] => fc.sample(arbitrary, count)
const anyText = fc.string({ unit: 'binary', maxLength: 60 }).filter((text) => !text.includes('\0'))

test('text, varchar and citext: every character, escapes and blanks', async () => {
  const texts = [
    ...sample(anyText),
    '',
    '\\N',
    '\\.',
    ' a\t\r\n\b\v\f',
    '\ufeff',
    'x'.repeat(100_000),
    '日本語😀'.repeat(20_000),
  ]
  expect(await differences(client(), builtinType('text'), texts, texts)).toEqual([])
  expect(await differences(client(), builtinType('varchar(200000)'), texts, texts)).toEqual([])
  const numbers = [1, -1.5, 1e21, 123n, 0.1]
  expect(await differences(client(), builtinType('text'), numbers, numbers.map(String))).toEqual([])
})

test('varchar(n) and character(n): n counts characters', async () => {
  const texts = ['abc', '日本語', '😀😀😀', 'ab ', '']
  expect(await differences(client(), builtinType('varchar(3)'), texts, texts)).toEqual([])
  expect(await differences(client(), builtinType('character(3)'), texts, texts)).toEqual([])
  await load(client(), builtinType('varchar(3)'), ['😀😀😀😀', 'abc  ', 'abcd'], { allowLossy: true })
  const { rows } = await client().query('select v from loaded order by n')
  expect(rows).toEqual([{ v: '😀😀😀' }, { v: 'abc' }, { v: 'abc' }])
})

test('name: 63 bytes, not cut inside a character', async () => {
  await load(client(), builtinType('name'), ['a'.repeat(63), 'é'.repeat(40), '😀'.repeat(20)], { allowLossy: true })
  const { rows } = await client().query('select v from loaded order by n')
  expect(rows.map(({ v }) => v)).toEqual(['a'.repeat(63), 'é'.repeat(31), '😀'.repeat(15)])
})

test('bytea: blobs, text as its bytes, invalid text as its own', async () => {
  const every = Uint8Array.from({ length: 256 }, (_, i) => i)
  const blobs = [...sample(fc.uint8Array({ maxLength: 300 }), 300), every, new Uint8Array()]
  const values = [...blobs, '\\x41', 'é\0', new InvalidText(Uint8Array.of(0x61, 0xff))]
  const hex = [...blobs, Buffer.from('\\x41'), Buffer.from('é\0'), Buffer.of(0x61, 0xff)].map(
    (bytes) => `\\x${Buffer.from(bytes).toString('hex')}`,
  )
  expect(await differences(client(), builtinType('bytea'), values, hex)).toEqual([])
})

test('uuid: every spelling that is taken', async () => {
  const uuids = sample(fc.uuid(), 300)
  const forms = uuids.flatMap((uuid) => [
    uuid,
    uuid.toUpperCase(),
    uuid.replaceAll('-', ''),
    `{${uuid}}`,
    Buffer.from(uuid.replaceAll('-', ''), 'hex'),
  ])
  expect(
    await differences(
      client(),
      builtinType('uuid'),
      forms,
      uuids.flatMap((uuid) => [uuid, uuid, uuid, uuid, uuid]),
    ),
  ).toEqual([])
})

test('boolean: the closed set', async () => {
  const words = ['0', '1', 't', 'f', 'true', 'false', 'yes', 'no', 'on', 'off', 'TRUE', 'Off', 'T']
  expect(
    await differences(client(), builtinType('boolean'), [...words, 0, 1, 0n, 1n], [...words, '0', '1', '0', '1']),
  ).toEqual([])
})

test('json and jsonb: any JSON, its digits and spaces untouched', async () => {
  const texts = [
    ...sample(fc.json({ stringUnit: 'binary' })).filter((text) => !text.includes('\\u0000')),
    '{"n":12345678901234567890.12345678901234567890}',
    ' [1, 2,  3]\n',
    '"\\ud83d\\ude00"',
    'null',
  ]
  const usable = texts.filter((text) => encodeCell(builtinType('jsonb'), text) instanceof Buffer)
  expect(usable.length).toBeGreaterThan(1500)
  expect(await differences(client(), builtinType('json'), usable, usable)).toEqual([])
  expect(await differences(client(), builtinType('jsonb'), usable, usable)).toEqual([])
  expect(
    await differences(
      client(),
      builtinType('jsonb'),
      [5, 1.5, 12345678901234567890n],
      ['5', '1.5', '12345678901234567890'],
    ),
  ).toEqual([])
})

test('json: as deep as is accepted, PostgreSQL follows; as large as jsonb keeps numbers', async () => {
  const nested = '['.repeat(deepest) + ']'.repeat(deepest)
  const objects = '{"a":'.repeat(deepest) + '1' + '}'.repeat(deepest)
  for (const name of ['json', 'jsonb']) {
    const type = builtinType(name)
    expect(await differences(client(), type, [nested, objects], [nested, objects])).toEqual([])
    expect(encodeCell(type, `[${nested}]`)).toBe('NOT_JSON impossible')
  }
  const numbers = ['1e131071', '0.1e131072', '1e-16383', '0e-16383', '9'.repeat(1000)]
  expect(await differences(client(), builtinType('jsonb'), numbers, numbers)).toEqual([])
  for (const text of ['1e131072', '1e-16384', '0e-16384', '0.01e131074', '1e99999999999']) {
    expect(encodeCell(builtinType('jsonb'), text)).toBe('NOT_JSON impossible')
    await expect(client().query('select $1::jsonb', [text])).rejects.toThrow(/overflow|out of range|invalid input/)
  }
})

test('enums and domains, by their catalog', async () => {
  await client().query(`create type mood as enum ('happy', 'très triste', '1')`)
  await client().query(`create domain price as numeric(10,2) check (value > 0)`)
  const { rows } = await client().query(`select oid from pg_type where typname in ('mood', 'price') order by typname`)
  const enumType: PgType = {
    oid: rows[0].oid,
    schema: 'public',
    name: 'mood',
    kind: 'enum',
    typmod: -1,
    labels: ['happy', 'très triste', '1'],
  }
  expect(formatType(enumType)).toBe('public.mood')
  expect(
    await differences(client(), enumType, ['happy', 'très triste', '1', 1], ['happy', 'très triste', '1', '1']),
  ).toEqual([])
  const domain: PgType = {
    oid: rows[1].oid,
    schema: 'public',
    name: 'price',
    kind: 'domain',
    typmod: -1,
    base: builtinType('numeric(10,2)'),
    notNull: true,
  }
  expect(await differences(client(), domain, ['1.5', 2, 10.25], ['1.50', '2', '10.25'])).toEqual([])
  expect(encodeCell(domain, 0.125)).toBe('LOSES_SCALE lossy')
  expect(encodeCell(domain, null)).toBe('NULL_NOT_ALLOWED impossible')
  const moods: PgType = { oid: 0, schema: 'public', name: '_mood', kind: 'array', typmod: -1, element: enumType }
  expect(
    await differences(client(), moods, ['["happy", null]', '{1,"très triste"}'], ['{happy,NULL}', '{1,"très triste"}']),
  ).toEqual([])
})

test('arrays: from JSON and from literals, nested and empty', async () => {
  const cases: [name: string, value: string, text: string][] = [
    ['int4[]', '[1, 2, null, "3", 4.0]', '{1,2,NULL,3,4}'],
    ['int8[]', '[9223372036854775807]', '{9223372036854775807}'],
    ['int4[]', '[[1,2],[3,4]]', '{{1,2},{3,4}}'],
    ['int4[]', '{{1,2}, {3,4}}', '{{1,2},{3,4}}'],
    ['text[]', '["a,b", "", "NULL", "q\\"\\u00e9", null, 1.50, true]', '{"a,b","","NULL","q\\"é",NULL,1.50,true}'],
    ['text[]', '{a, "b c" ,NULL,"NULL",\\"x, d\\,e }', '{a,"b c",NULL,"NULL",\\"x,"d,e"}'],
    ['numeric(6,2)[]', '[1.5, "2.50", 3]', '{1.50,2.50,3.00}'],
    ['bool[]', '[true, false, 0, 1]', '{t,f,f,t}'],
    ['jsonb[]', '[{"a": [1, "]"]}, "x", [1], null, 2.0]', '{"{\\"a\\": [1, \\"]\\"]}","\\"x\\"",[1],NULL,2.0}'],
    ['date[]', '["2024-02-29"]', '{2024-02-29}'],
    ['float8[]', '[1.5, 2, 0.1]', '{1.5,2,0.1}'],
    ['varchar(3)[]', '["abc"]', '{abc}'],
    ['text[]', '[]', '{}'],
    ['text[]', '{}', '{}'],
    ['bytea[]', '["a"]', '{"\\\\x61"}'],
  ]
  for (const [name, value, text] of cases)
    expect([name, await differences(client(), builtinType(name), [value], [text])]).toEqual([name, []])
})

test('arrays of text survive whatever they hold', async () => {
  const lists = sample(fc.array(fc.option(anyText), { minLength: 1, maxLength: 6 }), 300)
  const { rows } = await client().query<{ text: string }>(
    'select array(select jsonb_array_elements_text(x::jsonb))::text as text from unnest($1::text[]) x',
    [lists.map((list) => JSON.stringify(list))],
  )
  const literals = rows.map(({ text }) => text)
  expect(
    await differences(
      client(),
      builtinType('text[]'),
      lists.map((list) => JSON.stringify(list)),
      literals,
    ),
  ).toEqual([])
  expect(await differences(client(), builtinType('text[]'), literals, literals)).toEqual([])
})

test('formatType writes what PostgreSQL reads, and as PostgreSQL writes it', async () => {
  const names = [
    'int4',
    'numeric(10,2)',
    ...(supports('numeric scales beyond the precision') ? ['numeric(3,-2)'] : []),
    'varchar(20)',
    'character(3)',
    'bpchar',
    'timestamp(3)',
    'timestamptz(0)',
    'time',
    'interval',
    'interval(3)',
    'text[]',
    'varchar(5)[]',
    'double precision',
    'time(2) without time zone',
  ]
  for (const name of names) {
    const type = builtinType(name)
    await client().query(`create temporary table spelled (v ${formatType(type)})`)
    const { rows } = await client().query(
      `select atttypid as oid, atttypmod as typmod, format_type(atttypid, atttypmod) as text from pg_attribute where attrelid = 'spelled'::regclass and attnum = 1`,
    )
    expect({ name, ...rows[0] }).toEqual({ name, oid: type.oid, typmod: type.typmod, text: formatType(type) })
    await client().query('drop table spelled')
  }
})

test('one row of many columns is one tuple', async () => {
  const types = ['int4', 'text', 'bool', 'numeric(8,3)', 'timestamptz', 'jsonb', 'uuid'].map(builtinType)
  const casts = types.map((type, i) => ({
    column: `c${i}`,
    target: `c${i}`,
    type,
    notNull: false,
    rules: {},
    because: '',
  }))
  const encoder = compileRow(casts)
  const out = createCopyBuffer(1)
  expect(
    encoder.encode([1, 'a', 1, 1.5, '2024-01-01T00:00:00Z', '{}', '550e8400-e29b-41d4-a716-446655440000'], out),
  ).toBe(-1)
  expect(encoder.encode([2, null, null, null, null, null, null], out)).toBe(-1)
  expect(out.bytes.readInt16BE(0)).toBe(7)
})
