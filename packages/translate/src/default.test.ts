import { expect, test } from 'vitest'
import { translateDefault } from './default.ts'

test.each([
  ['NULL', 'text', 'NULL'],
  ['0', 'boolean', 'false'],
  ['TRUE', 'boolean', 'true'],
  ["'1'", 'boolean', 'true'],
  ['true', 'integer', '1'],
  ['(0)', 'bigint', '0'],
  ['-9223372036854775808', 'bigint', '-9223372036854775808'],
  ['0x1F', 'integer', '31'],
  ["'0'", 'integer', '0'],
  ['1.0', 'integer', '1'],
  ['+.5', 'numeric(10,2)', '0.5'],
  ["'it''s'", 'text', "'it''s'"],
  ["''", 'character varying(5)', "''"],
  [String.raw`'C:\x'`, 'text', String.raw`E'C:\\x'`],
  ['"PRIVATE"', 'text', "'PRIVATE'"],
  ['PRIVATE', 'text', "'PRIVATE'"],
  ["'null'", 'text', "'null'"],
  ['0', 'text', "'0'"],
  ["x'00FF'", 'bytea', "decode('00ff', 'hex')"],
  ['\'["200-299"]\'', 'jsonb', `'["200-299"]'::jsonb`],
  ["'{}'", 'json', "'{}'::json"],
  ["'2024-02-29 12:00:00'", 'timestamp without time zone', "timestamp '2024-02-29 12:00:00'"],
  ["'2024-02-29'", 'date', "date '2024-02-29'"],
  ['60 * 60 * 24', 'bigint', '((60::bigint * 60)::bigint * 24)'],
  ['CURRENT_TIMESTAMP', 'timestamp(3) without time zone', "(now() AT TIME ZONE 'utc')"],
  ['(current_timestamp)', 'timestamp with time zone', 'now()'],
  ["DATETIME('now')", 'timestamp without time zone', "(now() AT TIME ZONE 'utc')"],
  ['CURRENT_DATE', 'date', "(now() AT TIME ZONE 'utc')::date"],
  ["time('now')", 'time without time zone', "(now() AT TIME ZONE 'utc')::time"],
  ["strftime('%s', 'now')", 'bigint', 'floor(extract(epoch from now()))::bigint'],
  ["(strftime('%s','now') * 1000)", 'bigint', '(floor(extract(epoch from now()))::bigint * 1000)'],
  ["CAST(strftime('%s', 'now') AS INTEGER)", 'bigint', 'floor(extract(epoch from now()))::bigint'],
  [
    "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
    'text',
    `to_char((now() AT TIME ZONE 'utc'), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  ],
  ["strftime('%Y-%m-%dT%H:%M:%SZ', 'now')", 'timestamp with time zone', 'now()'],
  ['unixepoch()', 'timestamp with time zone', 'now()'],
  ['CURRENT_TIMESTAMP', 'text', "to_char((now() AT TIME ZONE 'utc'), 'YYYY-MM-DD HH24:MI:SS')"],
])('DEFAULT %s of %s is %s', (expression, type, sql) => {
  expect(translateDefault(expression, { type })).toMatchObject({ ok: true, sql })
})

test.each([
  ['2', 'boolean', 'neither 0 nor 1', null],
  ["'yes'", 'boolean', 'neither 0 nor 1', null],
  ['40000', 'smallint', 'too large', null],
  ['9223372036854775808', 'bigint', 'no whole number', null],
  ['1.5', 'integer', 'no whole number', null],
  ['0.001', 'numeric(10,2)', 'precision and scale', null],
  ['9007199254740993', 'double precision', 'rounded', null],
  ['0.1', 'real', 'rounded', null],
  ["'abc'", 'integer', 'no number', null],
  ["'abcdef'", 'character varying(5)', 'longer than 5', null],
  ['1.5', 'text', 'no text', null],
  ["'abc'", 'bytea', 'no bytea', null],
  ["'{'", 'jsonb', 'no JSON', null],
  [String.raw`'"\u0000"'`, 'jsonb', 'jsonb cannot hold', null],
  ["'0000-00-00'", 'date', 'no date', null],
  ["'2023-02-29'", 'date', 'no date', null],
  ["'2024-01-01 00:00'", 'timestamp with time zone', 'no time zone', "'2024-01-01 00:00+00'"],
  ['0', 'timestamp with time zone', 'number means', 'to_timestamp(0)'],
  ["'USER'", 'user_role', 'not known', "'USER'"],
  ["datetime('now', 'localtime')", 'timestamp without time zone', 'local time', 'LOCALTIMESTAMP'],
  ["datetime('now', '+1 day')", 'timestamp without time zone', 'no proven form', "now() + interval '…'"],
  ['CURRENT_TIMESTAMP', 'integer', 'does not fit', 'floor(extract(epoch from now()))::bigint'],
  ['CURRENT_TIMESTAMP', 'date', 'does not fit', null],
  ["'CURRENT_TIMESTAMP'", 'timestamp without time zone', 'no date', null],
  ['hex(randomblob(16))', 'text', 'random', "upper(replace(gen_random_uuid()::text, '-', ''))"],
  ['lower(hex(randomblob(16)))', 'uuid', 'random', 'gen_random_uuid()'],
  ['random()', 'bigint', 'random', 'floor(random() * 9007199254740991)::bigint'],
  ["julianday('now')", 'double precision', 'no proven form', null],
  ['(select 1)', 'integer', 'SELECT', null],
])('DEFAULT %s of %s is refused: %s', (expression, type, reason, suggestion) => {
  expect(translateDefault(expression, { type })).toEqual({
    ok: false,
    reason: expect.stringContaining(reason),
    suggestion,
  })
})

test('the declared type changes what SQLite stores, and so what the default is', () => {
  expect(translateDefault("'007'", { type: 'text', declaredType: 'TEXT' })).toMatchObject({ sql: "'007'" })
  expect(translateDefault("'007'", { type: 'text', declaredType: 'STRING' })).toMatchObject({ sql: "'7'" })
  expect(translateDefault('1', { type: 'numeric', declaredType: 'REAL' })).toMatchObject({ sql: '1' })
  expect(translateDefault("' 12 '", { type: 'integer', declaredType: 'INTEGER' })).toMatchObject({ sql: '12' })
})
