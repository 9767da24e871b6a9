import { builtinType } from '@rowferry/coerce'
import { readSqliteCatalog } from '@rowferry/introspect/sqlite'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { expect, test } from 'vitest'
import { sqliteCastRules } from './index.ts'

/** The proposals for a column declared so, read from a real table. */
async function candidates(declaration: string, options = ''): Promise<readonly string[]> {
  const database = new Database(':memory:')
  database.exec(`CREATE TABLE t (c ${declaration})${options}`)
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) })
  const [table] = (await readSqliteCatalog(db)).tables
  await db.destroy()
  const [column] = table?.columns ?? []
  if (table === undefined || column === undefined) throw new Error('no column')
  const rule = sqliteCastRules.find((each) => each.matches(column, table))
  return rule?.candidatesOf?.(column, table) ?? rule?.candidates ?? []
}

const first: readonly (readonly [declared: string, type: string])[] = [
  ['INTEGER PRIMARY KEY', 'int8'],
  ['BOOLEAN', 'bool'],
  ['bool', 'bool'],
  ['TINYINT(1)', 'int8'],
  ['UNSIGNED BIG INT', 'int8'],
  ['FLOATING POINT', 'int8'],
  ['DOUBLE PRECISION', 'float8'],
  ['FLOAT', 'float8'],
  ['NUMERIC', 'numeric'],
  ['DECIMAL(10,5)', 'numeric(10,5)'],
  ['decimal( 8 , 2 )', 'numeric(8,2)'],
  ['NUMERIC(4)', 'numeric(4,0)'],
  ['DECIMAL(5000)', 'numeric'],
  ['DATE', 'date'],
  ['DATETIME', 'timestamp'],
  ['datetime(6)', 'timestamp'],
  ['TIMESTAMP(3)', 'timestamp'],
  ['TIMESTAMP WITH TIME ZONE', 'timestamptz'],
  ['timestamp  with time  zone(3)', 'timestamptz'],
  ['TIME', 'time'],
  ['JSON', 'jsonb'],
  ['UUID', 'uuid'],
  ['UNIQUEIDENTIFIER', 'uuid'],
  ['VARCHAR(255)', 'text'],
  ['NATIVE CHARACTER(70)', 'text'],
  ['CLOB', 'text'],
  ['STRING', 'text'],
  ['BLOB', 'bytea'],
  ['VARBINARY(16)', 'bytea'],
  ['', 'int8'],
  ['SOMETHING_ELSE', 'int8'],
]

test.each(first)('%j is proposed %s', async (declared, type) => {
  const proposed = await candidates(declared)
  expect(proposed[0]).toBe(type)
  for (const name of proposed) expect(() => builtinType(name)).not.toThrow()
})

// SQLite stores '0012' as it is in these, so that a number type would be a guess from the text
test.each(['TEXT', 'VARCHAR(5)', 'CLOB', 'BLOB'])('a column declared %j is never a number', async (declared) => {
  expect((await candidates(declared)).filter((name) => /int|num|float|bool/.test(name))).toEqual([])
})

test('ANY converts nothing in a STRICT table, and is numeric in any other', async () => {
  expect(await candidates('ANY', ' STRICT')).toEqual(['int8', 'float8', 'text', 'bytea'])
  expect((await candidates('ANY'))[0]).toBe('int8')
})
