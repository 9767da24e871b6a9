import { expect, test } from 'vitest'
import { useEverything } from './everything.fixture.ts'

const { catalog, columnsOf, tableOf } = useEverything()

test('are numbered without the gaps of dropped ones', async () => {
  const { columns } = await tableOf('types')
  expect(columns.map((column) => column.position)).toEqual(columns.map((_, at) => at + 1))
  expect(columns.slice(0, 3).map((column) => column.name)).toEqual(['i2', 'i4', 'n'])
  expect(columns.slice(-2).map((column) => column.name)).toEqual(['Weird "name"', '__proto__'])
})

test('types are printed with their schema and modifier', async () => {
  const columns = await columnsOf('types')
  const printed = ['n', 'v', 'c', 'ts', 'iv', 'm', 'om', 'dom', 'va', 'ma', 'bits'].map(
    (name) => columns.get(name)?.declaredType,
  )
  expect(printed).toEqual([
    'numeric(12,3)',
    'character varying(20)',
    'character(3)',
    'timestamp(3) without time zone',
    'interval day to second',
    'public.mood',
    'other.mood',
    'public.code',
    'character varying(5)[]',
    'public.mood[]',
    'bit varying(5)',
  ])
})

test('types are resolved to the ground', async () => {
  const columns = await columnsOf('types')
  const typeOf = (name: string) => columns.get(name)?.type
  expect(typeOf('i4')).toEqual({ oid: 23, schema: 'pg_catalog', name: 'int4', kind: 'base', typmod: -1 })
  expect(typeOf('v')).toMatchObject({ name: 'varchar', typmod: 24 })
  expect(typeOf('m')).toMatchObject({
    schema: 'public',
    name: 'mood',
    kind: 'enum',
    labels: ['sad', 'meh', 'ok', 'a "quoted", one'],
  })
  expect(typeOf('om')).toMatchObject({ schema: 'other', labels: ['x'] })
  expect(typeOf('ia')).toMatchObject({ kind: 'array', name: '_int4', element: { name: 'int4', kind: 'base' } })
  expect(typeOf('va')).toMatchObject({ kind: 'array', typmod: 9, element: { name: 'varchar', typmod: 9 } })
  expect(typeOf('ma')).toMatchObject({
    kind: 'array',
    element: { kind: 'enum', labels: ['sad', 'meh', 'ok', 'a "quoted", one'] },
  })
  expect(typeOf('dom')).toMatchObject({
    kind: 'domain',
    name: 'code',
    typmod: 12,
    base: { name: 'varchar', kind: 'base', typmod: 12 },
    notNull: true,
    checks: ["CHECK (((VALUE)::text <> ''::text))", 'CHECK (((VALUE)::text = upper((VALUE)::text)))'],
  })
  expect(typeOf('sd')).toMatchObject({
    kind: 'domain',
    notNull: false,
    checks: ['CHECK ((length((VALUE)::text) > 2))'],
    base: { kind: 'domain', name: 'code', base: { name: 'varchar', typmod: 12 } },
  })
  expect(typeOf('ml')).toMatchObject({
    kind: 'domain',
    base: { kind: 'array', element: { name: 'numeric', typmod: ((10 << 16) | 2) + 4 } },
  })
  expect(typeOf('da')).toMatchObject({ kind: 'array', element: { kind: 'domain', base: { name: 'varchar' } } })
  expect(typeOf('r')).toMatchObject({ kind: 'range', subtype: { name: 'int4', typmod: -1 } })
  expect(typeOf('p')?.fields?.map(({ name, typmod }) => [name, typmod])).toEqual([
    ['int4', -1],
    ['text', -1],
  ])
  expect([typeOf('r')?.kind, typeOf('p')?.kind, typeOf('jb')?.kind, typeOf('nm')?.kind]).toEqual([
    'range',
    'composite',
    'base',
    'base',
  ])
  expect((await catalog()).types.map((type) => `${type.name} ${type.kind}`)).toEqual([
    'code domain',
    'money_list domain',
    'mood enum',
    'strict_code domain',
  ])
})

test('NULL is refused by the column or by its domain, however deep', async () => {
  const columns = await columnsOf('types')
  expect(['i2', 'i4', 'dom', 'sd', 'da'].map((name) => columns.get(name)?.nullable)).toEqual([
    true,
    false,
    false,
    false,
    true,
  ])
})

test('defaults, generated columns, collations and comments', async () => {
  const columns = await columnsOf('types')
  expect(['i4', 'b', 'm', 'dom', 'u', 'tz', 't'].map((name) => columns.get(name)?.default)).toEqual([
    '7',
    'true',
    "'ok'::public.mood",
    "'AB'::character varying",
    'gen_random_uuid()',
    "'2024-01-02 01:04:05+00'::timestamp with time zone",
    null,
  ])
  expect((await columnsOf('child')).get('twice')).toMatchObject({
    default: null,
    generated: { kind: 'stored', expression: '(price * (2)::numeric)' },
  })
  const code = (await columnsOf('parent')).get('code')
  expect([code?.collation, code?.comment, columns.get('t')?.collation, columns.get('nm')?.collation]).toEqual([
    'C',
    "it's",
    null,
    null,
  ])
})

test('identities and the sequences that feed a column', async () => {
  const facts = async (table: string) =>
    (await tableOf(table)).columns.map((column) => [column.name, column.identity, column.sequence?.name ?? null])
  expect((await facts('parent'))[0]).toEqual(['id', 'always', 'parent_id_seq'])
  expect((await facts('child')).filter(([, identity]) => identity !== null)).toEqual([
    ['id', 'serial', 'child_id_seq'],
    ['big', 'by default', 'child_big_seq'],
  ])
  expect(await facts('fed')).toEqual([
    ['a', null, 'feed'],
    ['b', null, 'lonely'],
    ['c', null, 'fed_c_seq'],
    ['d', null, null],
  ])
})

test('sequences, also from another schema, with values past 2^53', async () => {
  const { sequences } = await catalog()
  expect(sequences.map((sequence) => sequence.name.name)).toEqual([
    'feed',
    'child_big_seq',
    'child_id_seq',
    'fed_c_seq',
    'lonely',
    'parent_id_seq',
  ])
  expect(sequences[0]).toEqual({
    name: { schema: 'other', name: 'feed' },
    ownedBy: null,
    dataType: 'bigint',
    start: '5',
    increment: '3',
    minimum: '5',
    maximum: '9223372036854775807',
    cycle: true,
    lastValue: '9007199254740993',
  })
  expect(sequences[1]).toMatchObject({
    start: '100',
    increment: '5',
    lastValue: null,
    ownedBy: { table: { schema: 'public', name: 'child' }, column: 'big' },
  })
  expect(sequences[4]).toMatchObject({ dataType: 'smallint', maximum: '32767', cycle: false })
})
