import { expect, test } from 'vitest'
import { translateMysqlDefault } from './default.ts'

test.each<[expression: string, type: string, sql: string]>([
  ['0', 'boolean', 'false'],
  ["'1'", 'smallint', '1'],
  ['-5', 'integer', '-5'],
  ['1.50', 'numeric(10,2)', '1.50'],
  ["'99999999999999999999.99'", 'numeric(30,2)', '99999999999999999999.99'],
  [`'it''s'`, 'text', `'it''s'`],
  [String.raw`'a\\b'`, 'character varying(20)', String.raw`E'a\\b'`],
  [String.raw`'it\'s'`, 'text', `'it''s'`],
  ["b'101'", 'bit(8)', "B'00000101'"],
  ["b'1'", 'boolean', 'true'],
  ['current_timestamp()', 'timestamp(0) without time zone', 'CURRENT_TIMESTAMP'],
  ['CURRENT_TIMESTAMP(3)', 'timestamp(3) with time zone', 'CURRENT_TIMESTAMP(3)'],
  ['now()', 'timestamp(0) without time zone', 'CURRENT_TIMESTAMP'],
  ['curdate()', 'date', 'CURRENT_DATE'],
  ['(uuid())', 'uuid', 'gen_random_uuid()'],
  ['uuid()', 'character varying(36)', 'gen_random_uuid()::text'],
  ['json_object()', 'jsonb', "'{}'::jsonb"],
  ['NULL', 'text', 'NULL'],
  ["'x'", 'bytea', String.raw`'\x78'::bytea`],
])('%s as %s', (expression, type, sql) => {
  expect(translateMysqlDefault(expression, { type })).toMatchObject({ ok: true, sql })
})

test.each<[expression: string, type: string, reason: RegExp]>([
  ["'0000-00-00 00:00:00'", 'timestamp(0) without time zone', /zeros/],
  ["'2024-00-10'", 'date', /zeros/],
  ['rand()', 'double precision', /no proven form/],
  ["concat('a','b')", 'text', /no proven form/],
  ['current_timestamp()', 'text', /present moment/],
  ['unix_timestamp()', 'bigint', /no proven form/],
])('%s as %s is listed', (expression, type, reason) => {
  expect(translateMysqlDefault(expression, { type })).toMatchObject({
    ok: false,
    reason: expect.stringMatching(reason),
  })
})
