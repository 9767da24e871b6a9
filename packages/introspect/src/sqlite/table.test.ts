import type Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { open, read, tableOf, tablesOf } from './open.fixture.ts'

describe('columns', () => {
  test('types are as declared, or empty', async () => {
    const { columns } = await tableOf(
      'create table t(a, b Varchar(10) , c "my type", d integer, e TIMESTAMP WITH TIME ZONE, f decimal(10,2))',
    )
    expect(columns.map((column) => column.declaredType)).toEqual([
      '',
      'Varchar(10)',
      'my type',
      'integer',
      'TIMESTAMP WITH TIME ZONE',
      'decimal(10,2)',
    ])
    expect(columns.map((column) => column.position)).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('defaults are text, without the comments around them', async () => {
    const { columns } = await tableOf(`create table t(a default (1 /* in */ + 2 -- why
      ), b default 'it''s', c default -5, d default CURRENT_TIMESTAMP, e default (datetime('now')), f default null, g default x'00ff', h)`)
    expect(columns.map((column) => column.default)).toEqual([
      '1 /* in */ + 2',
      "'it''s'",
      '-5',
      'CURRENT_TIMESTAMP',
      "datetime('now')",
      'null',
      "x'00ff'",
      null,
    ])
  })

  test('generated columns are there, with their expression', async () => {
    const { columns } = await tableOf(
      `create table t(a int, b int generated always as (a * (2)) stored not null, c as (a || ')') , d text as (upper(b)) virtual check (d <> ''))`,
    )
    expect(columns.map((column) => column.generated)).toEqual([
      null,
      { kind: 'stored', expression: 'a * (2)' },
      { kind: 'virtual', expression: "a || ')'" },
      { kind: 'virtual', expression: 'upper(b)' },
    ])
    expect(columns[1]).toMatchObject({ declaredType: 'int', nullable: false, default: null })
  })

  test('collations: null is BINARY', async () => {
    const { columns } = await tableOf(
      'create table t(a text collate nocase, b text collate "RTRIM", c text collate Binary, d text)',
    )
    expect(columns.map((column) => column.collation)).toEqual(['NOCASE', 'RTRIM', null, null])
  })

  test('names of JavaScript are names like any other', async () => {
    const tables = await tablesOf(
      'create table "__proto__"("__proto__" int primary key, "constructor" text, "to""String" int references "__proto__")',
    )
    const table = tables.get('__proto__')
    expect(table?.columns.map((column) => column.name)).toEqual(['__proto__', 'constructor', 'to"String'])
    expect(table?.foreignKeys[0]?.referencedColumns).toEqual(['__proto__'])
  })
})

function whatBecomesOfNull(database: Database.Database): unknown {
  try {
    database.exec('insert into t(id) values (null)')
    return database.prepare('select typeof(id) from t').pluck().get()
  } catch {
    return 'refused'
  }
}

describe('primary keys', () => {
  const cases: [ddl: string, identity: string | null, nullable: boolean][] = [
    ['create table t(id integer primary key)', 'rowid', false],
    ['create table t(id INTEGER, x, primary key (id desc))', 'rowid', false],
    ['create table t(id integer primary key autoincrement)', 'autoincrement', false],
    ['create table t(id integer, primary key (id autoincrement))', 'autoincrement', false],
    ['create table t(id integer primary key desc)', null, true],
    ['create table t(id int primary key)', null, true],
    ['create table t(id text primary key)', null, true],
    ['create table t(id text primary key not null)', null, false],
    ['create table t(id integer primary key, x) without rowid', null, false],
    ['create table t(id text primary key, x) without rowid', null, false],
    ['create table t(id int primary key) strict', null, false],
    ['create table t(id integer primary key) strict', 'rowid', false],
  ]
  test.each(cases)('%s', async (ddl, identity, nullable) => {
    const database = open(ddl)
    const table = (await read(database)).tables[0]
    expect(table?.columns[0]).toMatchObject({ identity, nullable })
    // SQLite itself is asked: an alias of the rowid turns NULL into a number
    expect(whatBecomesOfNull(database)).toBe(identity !== null ? 'integer' : nullable ? 'null' : 'refused')
  })

  test('columns stand in the order of the key, with its name', async () => {
    const table = await tableOf('create table t(a int, b int, c int, constraint "the key" primary key (c, a))')
    expect(table.primaryKey).toEqual({
      name: 'the key',
      columns: ['c', 'a'],
      deferrability: 'not deferrable',
      nullsNotDistinct: false,
    })
    expect(table.columns.map((column) => column.nullable)).toEqual([true, true, true])
    expect(table.indexes).toMatchObject([
      { name: 'sqlite_autoindex_t_1', constraint: 'primary key', definition: null, unique: true },
    ])
  })

  test('the row identifier is one that no column shadows', async () => {
    const tables =
      await tablesOf(`create table a(x); create table b(ROWID, x); create table c(rowid, "_ROWID_"); create table d(rowid, _rowid_, Oid);
      create table e(k primary key) without rowid; create virtual table f using fts5(x); create virtual table g using rtree(id, x0, x1)`)
    expect([...tables.values()].map((table) => [table.name.name, table.rowIdentifier])).toEqual([
      ['a', 'rowid'],
      ['b', '_rowid_'],
      ['c', 'oid'],
      ['d', null],
      ['e', null],
      ['f', 'rowid'],
      ['g', 'rowid'],
    ])
  })

  test('the high-water mark outlives the rows', async () => {
    const database = open(
      'create table t(id integer primary key autoincrement); create table u(id integer primary key)',
    )
    database.exec('insert into t values (9223372036854775806); delete from t; insert into u values (7)')
    expect((await read(database)).tables.map((table) => table.highWaterMark)).toEqual(['9223372036854775806', null])
  })
})

describe('constraints', () => {
  test('uniques carry their names', async () => {
    const table = await tableOf(
      'create table t(a int constraint ua unique, b int unique, c int, constraint "u,bc" unique (C, b), unique (a, c))',
    )
    expect(table.uniques.map((key) => [key.name, key.columns])).toEqual([
      ['ua', ['a']],
      [null, ['b']],
      ['u,bc', ['c', 'b']],
      [null, ['a', 'c']],
    ])
    expect(table.indexes.map((index) => index.constraint)).toEqual(['unique', 'unique', 'unique', 'unique'])
  })

  test('CHECKs of columns and of the table, named or not, with odd commas', async () => {
    const table = await tableOf(`create table t(
      a int constraint positive check (a > 0) check (a <> ')'), -- check (no)
      "b" text check (b glob '*[(]*' or b in ('x', "b")) /* check (neither) */,
      constraint c1 check (a < 100 -- end
      ) constraint c2 check (length(b) < (5 + 5)) check (b <> '''') )`)
    expect(table.checks).toEqual([
      { name: 'positive', expression: 'a > 0', validated: true },
      { name: null, expression: "a <> ')'", validated: true },
      { name: null, expression: `b glob '*[(]*' or b in ('x', "b")`, validated: true },
      { name: 'c1', expression: 'a < 100', validated: true },
      { name: 'c2', expression: 'length(b) < (5 + 5)', validated: true },
      { name: null, expression: "b <> ''''", validated: true },
    ])
  })
})

describe('indexes', () => {
  test('partial, on expressions, descending, collated', async () => {
    const table = await tableOf(`create table t(a text collate nocase, b text, c int);
      create unique index "i 1" on t(a, b collate nocase desc, lower(b || ',') collate rtrim asc, a collate binary) where c > 0 /* only */ and b <> ';' -- end`)
    expect(table.indexes).toHaveLength(1)
    expect(table.indexes[0]).toMatchObject({
      name: 'i 1',
      unique: true,
      where: "c > 0 /* only */ and b <> ';'",
      constraint: null,
      valid: true,
    })
    expect(table.indexes[0]?.columns).toEqual([
      { column: 'a', expression: null, descending: false, nullsFirst: null, collation: 'NOCASE' },
      { column: 'b', expression: null, descending: true, nullsFirst: null, collation: 'NOCASE' },
      { column: null, expression: "lower(b || ',')", descending: false, nullsFirst: null, collation: 'RTRIM' },
      { column: 'a', expression: null, descending: false, nullsFirst: null, collation: 'BINARY' },
    ])
    expect(table.indexes[0]?.definition).toContain('CREATE UNIQUE INDEX "i 1"')
  })
})
