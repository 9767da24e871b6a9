import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { afterEach, describe, expect, test } from 'vitest'
import type { Catalog, Table } from '../catalog.ts'
import { readSqliteCatalog, type ReadSqliteOptions } from './read.ts'

let opened: Database.Database[] = []
afterEach(() => {
  for (const database of opened) database.close()
  opened = []
})

function open(ddl: string): Database.Database {
  const database = new Database(':memory:')
  opened.push(database)
  database.exec(ddl)
  return database
}

/** As another program would find the file: none of this connection's functions, modules or collations. */
function reopen(database: Database.Database): Database.Database {
  const other = new Database(database.serialize())
  opened.push(other)
  return other
}

const read = (database: Database.Database, options?: ReadSqliteOptions): Promise<Catalog> =>
  readSqliteCatalog(new Kysely({ dialect: new SqliteDialect({ database }) }), options)

async function tablesOf(ddl: string): Promise<Map<string, Table>> {
  const { tables } = await read(open(ddl))
  return new Map(tables.map((table) => [table.name.name, table]))
}

async function tableOf(ddl: string): Promise<Table> {
  const [table] = (await tablesOf(ddl)).values()
  if (table === undefined) throw new Error('No table')
  return table
}

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

  test('foreign keys: parents in their own spelling, implicit keys resolved, the lost ones as written', async () => {
    const tables =
      await tablesOf(`create table Parent("Id" integer primary key, Code text unique); create table Pair(x int, y int, primary key (y, x));
      create table child(
        a int references PARENT on delete cascade on update set null deferrable initially deferred,
        b text constraint by_code references parent(CODE) match full on delete restrict,
        c int references nowhere, d int references nowhere(z), e int references pair,
        f int not deferrable references "Élan" ,
        foreign key (c, d) references pair, constraint two foreign key (d, c) references Pair(X, nope) on update set default deferrable)`)
    const keys = tables.get('child')?.foreignKeys ?? []
    expect(keys.map((key) => [key.name, key.columns, key.references.name, key.referencedColumns])).toEqual([
      [null, ['a'], 'Parent', ['Id']],
      ['by_code', ['b'], 'Parent', ['Code']],
      [null, ['c'], 'nowhere', null],
      [null, ['d'], 'nowhere', ['z']],
      [null, ['e'], 'Pair', null],
      [null, ['f'], 'Élan', null],
      [null, ['c', 'd'], 'Pair', ['y', 'x']],
      ['two', ['d', 'c'], 'Pair', ['x', 'nope']],
    ])
    expect(keys.map((key) => [key.onDelete, key.onUpdate, key.deferrability])).toEqual([
      ['cascade', 'set null', 'initially deferred'],
      ['restrict', 'no action', 'not deferrable'],
      ['no action', 'no action', 'not deferrable'],
      ['no action', 'no action', 'not deferrable'],
      ['no action', 'no action', 'not deferrable'],
      ['no action', 'no action', 'not deferrable'],
      ['no action', 'no action', 'not deferrable'],
      ['no action', 'set default', 'initially immediate'],
    ])
  })

  test('É and é are two tables to SQLite', async () => {
    const tables = await tablesOf('create table "É"(id integer primary key); create table c(a int references "é")')
    expect(tables.get('c')?.foreignKeys[0]).toMatchObject({ references: { name: 'é' }, referencedColumns: null })
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
      { name: { schema: 'main', name: 'v' }, definition: 'CREATE VIEW v as select a from t', materialized: false },
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
    const database = new Database(':memory:')
    opened.push(database)
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
