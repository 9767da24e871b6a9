import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { affinityOf } from './affinity.ts'

// The table of https://www.sqlite.org/datatype3.html, section 3.1.1
const documented = {
  integer: ['INT', 'INTEGER', 'TINYINT', 'SMALLINT', 'MEDIUMINT', 'BIGINT', 'UNSIGNED BIG INT', 'INT2', 'INT8'],
  text: [
    'CHARACTER(20)',
    'VARCHAR(255)',
    'VARYING CHARACTER(255)',
    'NCHAR(55)',
    'NATIVE CHARACTER(70)',
    'NVARCHAR(100)',
    'TEXT',
    'CLOB',
  ],
  blob: ['BLOB', ''],
  real: ['REAL', 'DOUBLE', 'DOUBLE PRECISION', 'FLOAT'],
  numeric: ['NUMERIC', 'DECIMAL(10,5)', 'BOOLEAN', 'DATE', 'DATETIME'],
} as const

test.each(Object.entries(documented))('%s as documented', (affinity, types) => {
  for (const type of types) expect([type, affinityOf(type)]).toEqual([type, affinity])
})

test('what surprises people', () => {
  expect(['FLOATING POINT', 'CHARINT', 'STRING', 'JSON', 'uuid', 'ſtring int'].map(affinityOf)).toEqual([
    'integer',
    'integer',
    'numeric',
    'numeric',
    'numeric',
    'integer',
  ])
})

test('SQLite behaves so, whatever the type is made of', () => {
  const database = new Database(':memory:')
  const fragments = fc.constantFrom(
    'int',
    'Char',
    'CLOB',
    'text',
    'bloB',
    'real',
    'FLOA',
    'doub',
    'numeric',
    'x',
    ' ',
    'İ',
    'ı',
  )
  fc.assert(
    fc.property(fc.array(fragments, { maxLength: 4 }), (parts) => {
      const type = parts.join('')
      database.exec(`drop table if exists t; create table t(a ${type.trim() === '' ? '' : `"${type}"`})`)
      database.exec("insert into t values ('1'), ('1.0'), ('1.5'), (1), (2)")
      const classes = database.prepare('select group_concat(typeof(a)) as found from t').pluck().get()
      const expected = {
        integer: 'integer,integer,real,integer,integer',
        numeric: 'integer,integer,real,integer,integer',
        text: 'text,text,text,text,text',
        real: 'real,real,real,real,real',
        blob: 'text,text,text,integer,integer',
      }
      expect([type, classes]).toEqual([type, expected[affinityOf(type.trim())]])
    }),
  )
  database.close()
})

test('integer and numeric differ in a cast only', () => {
  const database = new Database(':memory:')
  const classOf = (type: string): unknown => database.prepare(`select typeof(cast('1.5' as "${type}"))`).pluck().get()
  for (const type of ['FLOATING POINT', 'CHARINT', 'int', 'STRING', 'JSON', 'datetime']) {
    expect([type, classOf(type)]).toEqual([type, affinityOf(type) === 'integer' ? 'integer' : 'real'])
  }
  database.close()
})
