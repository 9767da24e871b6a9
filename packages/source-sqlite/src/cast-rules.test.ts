import { builtinType } from '@rowferry/coerce'
import { readSqliteCatalog } from '@rowferry/introspect/sqlite'
import Database from 'better-sqlite3'
import fc from 'fast-check'
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
  ['TINYINT(1)', 'int2'],
  ['smallint', 'int2'],
  ['SMALLINT UNSIGNED', 'int4'],
  ['mediumint(8)', 'int4'],
  ['smallint PRIMARY KEY', 'int8'],
  ['smallint REFERENCES t', 'int8'],
  ['int(5)', 'int8'],
  ['intege', 'int8'],
  ['NUMERIC(4,9)', 'numeric'],
  ['"byte[]"', 'int8'],
  ['"TEXT[]"', 'text'],
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
  ['VARCHAR(255)', 'varchar(255)'],
  ['NATIVE CHARACTER(70)', 'varchar(70)'],
  ['CHAR(36)', 'varchar(36)'],
  ['nvarchar( 9 )', 'varchar(9)'],
  ['"VARCHAR(10) CHARACTER SET utf8"', 'varchar(10)'],
  ['VARCHAR', 'text'],
  ['VARCHAR(0)', 'text'],
  ['"varchar(max)"', 'text'],
  ['VARCHAR(99999999)', 'text'],
  ['text(100)', 'text'],
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

test('any text is a declared type: one rule at least knows it, and proposes types that there are', () => {
  const words = [
    'INT',
    'CHAR',
    'NUMERIC',
    'decimal',
    '(',
    ')',
    ',',
    ' ',
    '10',
    '-1',
    'unsigned',
    '[]',
    'DATE',
    '"',
    'varchar',
  ]
  const odd = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...words), { maxLength: 8 }).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(odd, fc.boolean(), (declaredType, enforcesTypes) => {
      const column = { ...blank.columns[0], declaredType }
      const table = { ...blank, enforcesTypes, columns: [column] }
      const rule = sqliteCastRules.find((each) => each.matches(column, table))
      const proposed = rule?.candidatesOf?.(column, table) ?? rule?.candidates ?? []
      expect(proposed.length).toBeGreaterThan(0)
      for (const name of proposed) expect(() => builtinType(name)).not.toThrow()
    }),
  )
})

const blank = {
  name: { schema: 'main', name: 't' },
  kind: 'table',
  columns: [
    {
      name: 'c',
      position: 1,
      declaredType: '',
      nullable: true,
      default: null,
      generated: null,
      identity: null,
      sequence: null,
      collation: null,
      type: null,
      comment: null,
    },
  ],
  primaryKey: null,
  uniques: [],
  foreignKeys: [],
  checks: [],
  exclusions: [],
  indexes: [],
  enforcesTypes: false,
  rowIdentifier: 'rowid',
  rowEstimate: null,
  highWaterMark: null,
  withoutRowid: false,
  definition: null,
  comment: null,
  postgres: null,
} as const
