import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { parseCreateIndex } from './create-index.ts'
import { parseCreateTable } from './create-table.ts'
import { trimComments } from './token.ts'

const accepted = (sql: string): string => {
  const fresh = new Database(':memory:')
  fresh.exec(sql)
  const stored = fresh
    .prepare('select sql from sqlite_schema where sql is not null order by rowid desc limit 1')
    .pluck()
    .get() as string
  fresh.close()
  return stored
}

test('a DEFERRABLE clause goes to the last foreign key read', () => {
  const { foreignKeys } = parseCreateTable(
    accepted('create table t(a int references p, b int deferrable initially deferred, c references q)'),
  )
  expect(foreignKeys.map((key) => key.deferrability)).toEqual(['initially deferred', 'not deferrable'])
})

test('a name belongs to the constraint behind it, and to nothing at the end', () => {
  const text = parseCreateTable(
    accepted(
      'create table t(a int constraint n not null check (a > 0) constraint x constraint y check (1) constraint z)',
    ),
  )
  expect(text.checks).toEqual([
    { name: null, expression: 'a > 0' },
    { name: 'y', expression: '1' },
  ])
})

test('columns added and renamed later', () => {
  const text = parseCreateTable(
    accepted(`create table t(a int, check (a > 0) -- )
    ); alter table t add column b text collate nocase check (b <> ')') default (1); alter table t rename column a to "new name"; alter table t rename to "T 2"`),
  )
  expect(text.columns.map((one) => [one.name, one.type, one.collation])).toEqual([
    ['new name', 'int', null],
    ['b', 'text', 'nocase'],
  ])
  // SQLite keeps a table's checks in the order of the text
  expect(text.checks.map((one) => one.expression)).toEqual(["b <> ')'", '"new name" > 0'])
})

test('a table made from a query', () => {
  expect(
    parseCreateTable(accepted('create table s(a int, "b c" text); create table t as select * from s')).columns.map(
      (one) => one.name,
    ),
  ).toEqual(['a', 'b c'])
})

test('index terms without their sorting words', () => {
  const text = parseCreateIndex(
    accepted(
      `create table t("desc" int, "collate" text); create index i on t("desc" desc, (1 + "collate") collate nocase asc, coalesce("desc", 'x, y')) where "desc" > (0) -- )`,
    ),
  )
  expect(text).toEqual({ terms: ['"desc"', '(1 + "collate")', `coalesce("desc", 'x, y')`], where: '"desc" > (0)' })
})

test('text that is no statement is refused, not misread', () => {
  for (const sql of [
    '',
    'create table t',
    'create table t(a',
    'create view v as select 1',
    "create table t(a default 'x)",
  ]) {
    expect(() => parseCreateTable(sql)).toThrow(SyntaxError)
  }
  expect(() => parseCreateIndex('create index i on')).toThrow(SyntaxError)
})

test('comments around an expression', () => {
  expect(trimComments('/* a */ 1 /* b */ + 2 -- c')).toBe('1 /* b */ + 2')
  expect(trimComments('  ')).toBe('')
})
