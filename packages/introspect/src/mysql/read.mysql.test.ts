import { useMysqlDatabase } from '@rowferry/vitest-preset/mysql'
import { Kysely, MysqlDialect } from 'kysely'
import mysql from 'mysql2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Catalog, Table } from '../catalog.ts'
import { readMysqlCatalog } from './index.ts'

const database = useMysqlDatabase()
let kysely: Kysely<unknown> | undefined
let catalog: Catalog

beforeAll(async () => {
  if (!mysqlIsHere()) return
  await database.run(`
    create table parents (id bigint unsigned auto_increment primary key, code varchar(10) collate utf8mb4_bin not null, unique uq (code)) comment 'the elders';
    insert into parents (id, code) values (41, 'x');
    create table things (
      a int, b int, name varchar(50) default 'it''s' comment 'what it is called', kind enum('x','it''s') not null default 'x',
      at datetime default current_timestamp on update current_timestamp, both_ int generated always as (a + b) stored, soft int as (a * 2) virtual,
      parent bigint unsigned, doc json, note text,
      primary key (b, a), unique part (name(5)), key down (name desc), fulltext words (note),
      constraint of_parent foreign key (parent) references parents (id) on delete set null on update cascade, constraint positive check (a > 0)
    );
    create view names as select name, a from things;
    create trigger guard before insert on things for each row set new.b = coalesce(new.b, 1);
    create procedure nothing() begin end;
    create table old (v int) engine = MyISAM;
  `)
  kysely = new Kysely<unknown>({ dialect: new MysqlDialect({ pool: mysql.createPool(database.url) }) })
  catalog = await readMysqlCatalog(kysely, { countRows: true })
})
afterAll(() => kysely?.destroy())

function mysqlIsHere(): boolean {
  try {
    return database.url !== ''
  } catch {
    return false
  }
}

const table = (name: string): Table => catalog.tables.find((each) => each.name.name === name)!

test('tables, views and triggers, under the name of their database', () => {
  expect(catalog.dialect).toBe('mysql')
  expect(catalog.tables.map(({ name }) => name)).toEqual(
    ['old', 'parents', 'things'].map((name) => ({ schema: database.name, name })),
  )
  expect(catalog.views).toMatchObject([{ name: { name: 'names' }, columns: ['name', 'a'] }])
  expect(catalog.triggers).toMatchObject([
    { name: 'guard', table: { name: 'things' }, definition: expect.stringContaining('BEFORE INSERT ON `things`') },
  ])
  expect(table('parents')).toMatchObject({ comment: 'the elders', rowEstimate: 1, highWaterMark: '41' })
  expect(table('things')).toMatchObject({ comment: null, rowEstimate: 0, highWaterMark: null, enforcesTypes: true })
  expect(JSON.parse(JSON.stringify(catalog))).toEqual(catalog)
})

test('columns', () => {
  const things = new Map(table('things').columns.map((column) => [column.name, column]))
  expect(things.get('name')).toMatchObject({
    declaredType: 'varchar(50)',
    default: "'it''s'",
    comment: 'what it is called',
    collation: expect.stringMatching(/^utf8mb4_/),
  })
  expect(things.get('kind')).toMatchObject({ declaredType: "enum('x','it''s')", nullable: false, collation: null })
  expect(things.get('at')?.default?.toLowerCase()).toMatch(/^current_timestamp/)
  expect(things.get('both_')).toMatchObject({
    default: null,
    generated: { kind: 'stored', expression: expect.stringMatching(/`a` \+ `b`/) },
  })
  expect(things.get('soft')?.generated?.kind).toBe('virtual')
  expect(things.get('parent')).toMatchObject({ nullable: true, default: null })
  expect(table('parents').columns).toMatchObject([
    { identity: 'autoincrement', nullable: false },
    { identity: null, collation: null },
  ])
})

test('keys, indexes, references and checks', () => {
  const things = table('things')
  expect(things.primaryKey).toMatchObject({ name: null, columns: ['b', 'a'] })
  expect(things.uniques).toEqual([])
  expect(table('parents').uniques).toMatchObject([{ name: 'uq', columns: ['code'] }])
  expect(things.foreignKeys).toMatchObject([
    {
      name: 'of_parent',
      columns: ['parent'],
      references: { schema: database.name, name: 'parents' },
      referencedColumns: ['id'],
      onDelete: 'set null',
      onUpdate: 'cascade',
    },
  ])
  const indexes = new Map(things.indexes.map((index) => [index.name, index]))
  expect(indexes.get('PRIMARY')).toMatchObject({ constraint: 'primary key', unique: true })
  expect(indexes.get('part')).toMatchObject({
    constraint: null,
    unique: true,
    columns: [{ column: null, expression: 'left(`name`, 5)' }],
    definition: 'CREATE UNIQUE INDEX `part` ON `things` (`name`(5))',
  })
  expect(indexes.get('down')?.columns).toMatchObject([{ column: 'name', descending: true }])
  expect(indexes.get('words')?.method).toBe('fulltext')
  const checks = things.checks.map(({ expression }) => expression.replaceAll(/[()]/g, ''))
  expect(checks).toContain('`a` > 0')
  expect(checks).toContain("`kind` in 'x','it''s'")
})

test('what has no place in a catalog is a note', () => {
  expect(catalog.notes.map(({ code, object }) => [code, object])).toEqual(
    expect.arrayContaining([
      ['ON_UPDATE_NOT_CARRIED', 'things.at'],
      ['ENGINE_WITHOUT_SNAPSHOT', 'old'],
      ['ROUTINE_NOT_CARRIED', 'nothing'],
    ]),
  )
})

test('a connection without a database is told to choose one', async () => {
  const url = new URL(database.url)
  url.pathname = '/'
  const bare = new Kysely<unknown>({ dialect: new MysqlDialect({ pool: mysql.createPool(url.href) }) })
  await expect(readMysqlCatalog(bare)).rejects.toMatchObject({ code: 'MYSQL_NO_DATABASE' })
  await bare.destroy()
})
