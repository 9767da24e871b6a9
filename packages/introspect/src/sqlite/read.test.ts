import type Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { open, read, reopen, tablesOf } from './open.fixture.ts'
import type { ReadSqliteOptions } from './read.ts'

describe('what is listed', () => {
  test('views, triggers and virtual tables; neither shadow tables nor SQLite’s own', async () => {
    const catalog = await read(
      open(`create table sqlitestats(a); create table t(id integer primary key autoincrement, a int); analyze;
      create view v as select a from t; create trigger tr after insert on T begin update t set a = 1 where id = new.id; end;
      create trigger tv instead of insert on v begin select 1; end;
      create virtual table ft using fts5(title, body, tokenize = 'porter'); create table ft_mine(x)`),
    )
    expect(catalog.tables.map((table) => [table.name.name, table.kind])).toEqual([
      ['sqlitestats', 'table'],
      ['t', 'table'],
      ['ft', 'virtual'],
      ['ft_mine', 'table'],
    ])
    expect(catalog.tables[2]?.columns.map((column) => column.name)).toEqual(['title', 'body'])
    expect(catalog.views).toEqual([
      {
        name: { schema: 'main', name: 'v' },
        definition: 'CREATE VIEW v as select a from t',
        columns: ['a'],
        materialized: false,
      },
    ])
    expect(catalog.triggers.map((trigger) => [trigger.name, trigger.table.name, trigger.enabled])).toEqual([
      ['tr', 't', null],
      ['tv', 'v', null],
    ])
    expect(catalog.triggers[0]?.definition).toBe(
      'CREATE TRIGGER tr after insert on T begin update t set a = 1 where id = new.id; end',
    )
    expect(catalog.notes).toEqual([])
    expect(catalog).toMatchObject({ dialect: 'sqlite', version: expect.stringMatching(/^3\.\d+\.\d+$/) })
  })

  test('tables named like the pragma functions do not stand in their way', async () => {
    const tables = await tablesOf(
      'create table pragma_table_list(a); create table pragma_table_xinfo(b unique); create table pragma_index_list(c)',
    )
    expect([...tables.keys()]).toEqual(['pragma_table_list', 'pragma_table_xinfo', 'pragma_index_list'])
    expect(tables.get('pragma_table_xinfo')?.uniques).toHaveLength(1)
  })

  test('temporary and attached tables stay out, also under the same name', async () => {
    const database = open(
      "create table t(a int); attach ':memory:' as other; create table other.t(x, y); create table other.u(z); create temp table t(q)",
    )
    const { tables } = await read(database)
    expect(tables.map((table) => table.columns.map((column) => column.name))).toEqual([['a']])
  })

  test('STRICT and WITHOUT ROWID', async () => {
    const tables = await tablesOf(
      'create table a(x any) strict; create table b(k primary key) without rowid; create table c(x)',
    )
    expect([...tables.values()].map((table) => [table.enforcesTypes, table.withoutRowid])).toEqual([
      [true, false],
      [false, true],
      [false, false],
    ])
  })
})

describe('rows', () => {
  test('counted on request, else as ANALYZE saw them', async () => {
    const database = open(
      'create table a(x); create index ai on a(x) where x > 2; create index aj on a(x); create table b(x)',
    )
    database.exec('insert into a values (1), (2), (3); analyze; insert into a values (4); insert into b values (1)')
    const rows = async (options?: ReadSqliteOptions) =>
      (await read(database, options)).tables.map((table) => table.rowEstimate)
    expect(await rows()).toEqual([3, null])
    expect(await rows({ countRows: true })).toEqual([4, 1])
  })

  test('the handle may be set to bigint', async () => {
    const database = open('create table a(x int primary key, y int references a unique); create index i on a(y desc)')
    database.exec('insert into a values (1, 1)')
    const asNumber = await read(database, { countRows: true })
    expect(await read(database.defaultSafeIntegers(), { countRows: true })).toEqual(asNumber)
  })

  test('a catalog is JSON', async () => {
    const catalog = await read(open('create table a(x int default 1); create view v as select 1'), { countRows: true })
    expect(JSON.parse(JSON.stringify(catalog))).toEqual(catalog)
  })

  test('an aborted reading throws the reason', async () => {
    const database = open('create table a(x)')
    await expect(read(database, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  })
})

describe('trouble becomes a note', () => {
  const notesOf = async (database: Database.Database) =>
    (await read(database, { countRows: true })).notes.map((note) => `${note.code} ${note.object}: ${note.message}`)

  test('a view on a lost table', async () => {
    const database = open('create view v as select * from gone; create table t(a)')
    expect(await notesOf(database)).toEqual(['VIEW_BROKEN v: no such table: main.gone'])
    expect((await read(database)).views.map((view) => view.name.name)).toEqual(['v'])
  })

  test('a generated column of a function nobody has', async () => {
    const database = open('')
    database.function('app', { deterministic: true }, (value) => value)
    database.exec('create table t(a int, b as (app(a))); create index i on t(app(a))')
    const other = reopen(database)
    expect(await notesOf(other)).toEqual(['GENERATED_UNREADABLE t.b: unknown function: app()'])
    expect((await read(other)).tables[0]).toMatchObject({
      columns: [{ name: 'a' }, { name: 'b', generated: { expression: 'app(a)' } }],
    })
  })

  test('collations and modules nobody has', async () => {
    const database = open(
      'create table t(a text collate nocase); create index i on t(a collate nocase); create table u(k text collate nocase primary key) without rowid',
    )
    database.unsafeMode()
      .exec(`pragma writable_schema = on; update sqlite_schema set sql = replace(sql, 'nocase', 'LOCALIZED');
      insert into sqlite_schema values ('table', 'sp', 'sp', 0, 'CREATE VIRTUAL TABLE sp USING VirtualSpatialIndex()')`)
    const other = reopen(database)
    expect(await notesOf(other)).toEqual([
      'VIRTUAL_TABLE_UNREADABLE sp: The table is left out: no such module: VirtualSpatialIndex',
      // Its key needs the collation, unlike the rows of t
      'ROWS_UNCOUNTED u: no such collation sequence: LOCALIZED',
      expect.stringContaining('COLLATION_UNKNOWN t: no such collation sequence: LOCALIZED'),
      expect.stringContaining('COLLATION_UNKNOWN u: no such collation sequence: LOCALIZED'),
    ])
    expect((await read(other)).tables.map((table) => [table.name.name, table.columns[0]?.collation])).toEqual([
      ['t', 'LOCALIZED'],
      ['u', 'LOCALIZED'],
    ])
  })

  test('full-text tables whose text lies elsewhere', async () => {
    const notes = await notesOf(
      open(`create table docs(id integer primary key, body); create virtual table own using fts5(body, prefix='2 3');
      create virtual table lent using fts5(body, content = 'docs', content_rowid = 'id'); create virtual table empty using fts5(body, content='')`),
    )
    expect(notes).toEqual([
      'FTS_WITHOUT_CONTENT lent: It indexes the text of docs and holds none of its own',
      'FTS_WITHOUT_CONTENT empty: It is contentless: the text it indexes was never stored',
    ])
  })
})

test('SQLite without PRAGMA table_list is refused', async () => {
  const database = open('create table t(a)')
  database.function('sqlite_version', () => '3.36.0')
  await expect(read(database)).rejects.toMatchObject({
    name: 'IntrospectError',
    code: 'SQLITE_TOO_OLD',
    remedy: expect.stringContaining('3.37'),
  })
})
