import { expect, test } from 'vitest'
import type { PgType } from '@rowferry/introspect'
import { builtinType, formatType } from './index.ts'

test.for([
  ['int8', 'bigint'],
  ['BIGINT', 'bigint'],
  ['int', 'integer'],
  ['decimal(10, 2)', 'numeric(10,2)'],
  ['numeric(5)', 'numeric(5,0)'],
  ['char', 'character(1)'],
  ['character varying(7)', 'character varying(7)'],
  ['timestamp(3) with time zone', 'timestamp(3) with time zone'],
  ['timestamptz(3)', 'timestamp(3) with time zone'],
  ['timestamp', 'timestamp without time zone'],
  ['double  precision', 'double precision'],
  ['varchar(5)[]', 'character varying(5)[]'],
  ['numeric[]', 'numeric[]'],
] as const)('builtinType(%j) is %s', ([name, spelling]) => {
  expect(formatType(builtinType(name))).toBe(spelling)
  expect(builtinType(formatType(builtinType(name)))).toEqual(builtinType(name))
})

test.for([
  '',
  'cidr',
  'citext',
  'numeric(0)',
  'numeric(1001)',
  'varchar(0)',
  'timestamp(7)',
  'int4(3)',
  'varchar(1,2)',
  'date with time zone',
  'text[][]',
  'int4; drop table t',
])('builtinType(%j) is refused', (name) => {
  expect(() => builtinType(name)).toThrow(expect.objectContaining({ code: 'TYPE_UNKNOWN' }))
})

test('types of other schemas are qualified, and quoted where they must be', () => {
  const type = (schema: string, name: string): PgType => ({
    oid: 1,
    schema,
    name,
    kind: 'enum',
    typmod: -1,
    labels: [],
  })
  expect(formatType(type('public', 'user_role'))).toBe('public.user_role')
  expect(formatType(type('My App', 'Mood"s'))).toBe('"My App"."Mood""s"')
  expect(formatType(type('user', 'order'))).toBe('"user"."order"')
  expect(formatType({ ...type('public', '_mood'), kind: 'array', element: type('public', 'mood') })).toBe(
    'public.mood[]',
  )
  expect(formatType({ oid: 18, schema: 'pg_catalog', name: 'char', kind: 'base', typmod: -1 })).toBe('"char"')
})
