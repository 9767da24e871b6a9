import Database from 'better-sqlite3'
import fc from 'fast-check'
import pg from 'pg'
import { useDatabase } from '@rowferry/vitest-preset/database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { translateDefault } from './default.ts'

const sqlite = new Database(':memory:')
const database = useDatabase()
let client: pg.Client

beforeAll(async () => {
  client = new pg.Client(database.url)
  await client.connect()
})
afterAll(async () => {
  await client.end()
  sqlite.close()
})

/** What a new row holds, as PostgreSQL prints it. */
async function postgresDefault(type: string, sql: string): Promise<unknown> {
  await client.query(
    `drop table if exists t; create table t(id int, c ${type} default ${sql}); insert into t(id) values (1)`,
  )
  const { rows } = await client.query('select c::text as c from t')
  return asPrinted(type, rows[0].c)
}

/** Every way to write one that the crossing takes, in any case. */
const booleans = new Map([
  ...['1', 't', 'true', 'yes', 'on'].map((word) => [word, 'true'] as const),
  ...['0', 'f', 'false', 'no', 'off'].map((word) => [word, 'false'] as const),
])

/** What a new row holds, as the crossing would print it. */
function sqliteDefault(declaredType: string, type: string, expression: string): unknown {
  sqlite.exec(
    `drop table if exists t; create table t(id int, c ${declaredType} default (${expression})); insert into t(id) values (1)`,
  )
  const value = sqlite.prepare('select c from t').safeIntegers().pluck().get()
  if (value === null) return null
  if (Buffer.isBuffer(value)) return String.raw`\x${value.toString('hex')}`
  if (typeof value !== 'bigint' && typeof value !== 'number' && typeof value !== 'string')
    throw new TypeError('unknown value')
  if (type === 'boolean') return booleans.get(String(value).toLowerCase()) ?? `${value} is no boolean`
  return asPrinted(type, String(value))
}

/** Doubles and decimals have several spellings. */
function asPrinted(type: string, text: unknown): unknown {
  return typeof text === 'string' && /^(?:double|numeric)/.test(type) ? Number(text) : text
}

const targets = fc.constantFrom(
  ['BOOLEAN', 'boolean'],
  ['INTEGER', 'integer'],
  ['INT', 'smallint'],
  ['BIGINT', 'bigint'],
  ['DECIMAL(10,2)', 'numeric(10,2)'],
  ['DOUBLE', 'double precision'],
  ['TEXT', 'text'],
  ['STRING', 'text'],
  ['VARCHAR(5)', 'varchar(5)'],
  ['', 'text'],
  ['BLOB', 'bytea'],
  ['TEXT', 'numeric'],
)
const literals = fc.oneof(
  fc.constantFrom(
    'NULL',
    'TRUE',
    'false',
    "'true'",
    '0',
    '1',
    '-1',
    '+5',
    "'0'",
    "'1'",
    "''",
    "' 7 '",
    "'007'",
    "'1.50'",
    '1.0',
    '0.5',
    '-.25',
    '1e3',
    '0x10',
    "x'00ff'",
    "'it''s'",
    "'a\\b'",
    "'é漢'",
    "'abcdef'",
    '9223372036854775807',
    '-9223372036854775808',
    '1 + 2',
    "'a' || 'b'",
  ),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  fc
    .double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })
    .map((value) => (Number.isInteger(value) ? `${value}.0` : String(value))),
  fc
    .string({ unit: 'grapheme', maxLength: 6 })
    .filter((text) => !text.includes('\0'))
    .map((text) => `'${text.replaceAll("'", "''")}'`),
)

test('a new row gets what the crossing would have made of SQLite’s default', async () => {
  let accepted = 0
  await fc.assert(
    fc.asyncProperty(targets, literals, async ([declaredType = '', type = ''], expression) => {
      const said = translateDefault(expression, { type, declaredType })
      if (!said.ok) return
      accepted++
      const got = await postgresDefault(type, said.sql)
      expect({ expression, declaredType, type, got }).toEqual({
        expression,
        declaredType,
        type,
        got: sqliteDefault(declaredType, type, expression),
      })
    }),
    { numRuns: 300 },
  )
  expect(accepted).toBeGreaterThan(60)
})

test.each([
  ['CURRENT_TIMESTAMP', 'text'],
  ["datetime('now')", 'varchar(19)'],
  ['CURRENT_DATE', 'text'],
  ["strftime('%H:%M:%S', 'now')", 'text'],
  ["strftime('%Y-%m-%dT%H:%M:%SZ', 'now')", 'varchar(20)'],
  ['CURRENT_TIMESTAMP', 'timestamp(0)'],
  ['current_date', 'date'],
  ["strftime('%s', 'now')", 'bigint'],
  ["strftime('%s', 'now') * 1000", 'bigint'],
  ["1000 * unixepoch('now')", 'numeric'],
  ["strftime('%s', 'now')", 'text'],
])('%s into %s is the same moment whatever the session’s time zone', async (expression, type) => {
  await client.query("set timezone = 'Pacific/Kiritimati'")
  const said = translateDefault(expression, { type })
  if (!said.ok) throw new Error(said.reason)
  const now = (of: string): unknown => asPrinted(type, sqliteDefault('', 'text', of))
  let [before, got, after]: unknown[] = [0, 0, 1]
  // Until no clock has ticked meanwhile
  while (before !== after) {
    before = now(expression)
    got = await postgresDefault(type, said.sql)
    after = now(expression)
  }
  // timestamp(0) rounds
  const rounded = now(expression.replace(/^current_timestamp$/i, "datetime('now', '+1 second')"))
  expect([before, type === 'timestamp(0)' ? rounded : before]).toContain(got)
})

test('the suggestions for random values are valid', async () => {
  for (const [expression, type] of [
    ['hex(randomblob(16))', 'text'],
    ['lower(hex(randomblob(16)))', 'uuid'],
    ['random()', 'bigint'],
  ] as const) {
    const said = translateDefault(expression, { type })
    expect(said).toMatchObject({ ok: false })
    expect(await postgresDefault(type, (!said.ok && said.suggestion) || '')).toMatch(/^[0-9A-Fa-f-]+$/)
  }
})
