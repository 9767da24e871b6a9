import { join } from 'node:path'
import { expect, test } from 'vitest'
import { migrate } from './migrate-command.ts'
import { plan } from './plan-command.ts'
import { rig } from '../test/rig.ts'
import { verify } from './verify-command.ts'

test('an empty target gets the schema the data calls for, with keys, identities and foreign keys', async () => {
  await using at = await rig(`
    create table author (id integer primary key autoincrement, name varchar(40) not null unique collate nocase, born date, active boolean not null default 1, score real, price decimal(10,2), zip text, extra json);
    create table book (isbn text not null, author integer not null references author on delete cascade deferrable initially deferred, added datetime default current_timestamp, primary key (isbn, author)) without rowid;
    create index book_added on book (added desc) where added is not null;
    insert into author values (7, 'Ana', '1970-01-02', 1, 1.5, 19.99, '00123', '{"a":[1,2]}'), (8, 'Bo', null, 0, 3, 5, '1e5', null);
    insert into author (id, name, active) values (100, 'gone', 1); delete from author where id = 100;
    insert into book values ('x', 7, '2024-01-02 03:04:05'), ('y', 8, null);`)
  const report = await migrate(at.input())
  expect(report.error).toBeNull()
  expect(report).toMatchObject({ outcome: 'done', exitCode: 0, totals: { read: 4, written: 4 } })
  const [compression] = await at.rows(
    "select coalesce('lz4' = any (enumvals), false) from pg_settings where name = 'default_toast_compression'",
  )
  expect(report.target?.compression).toBe(compression === undefined ? null : compression[0] === 't' ? 'lz4' : 'pglz')
  expect(
    await at.rows(
      "select column_name, data_type, is_nullable from information_schema.columns where table_name = 'author' order by ordinal_position",
    ),
  ).toEqual([
    ['id', 'bigint', 'NO'],
    ['name', 'character varying', 'NO'],
    ['born', 'date', 'YES'],
    ['active', 'boolean', 'NO'],
    ['score', 'double precision', 'YES'],
    ['price', 'numeric', 'YES'],
    ['zip', 'text', 'YES'],
    ['extra', 'jsonb', 'YES'],
  ])
  expect(
    await at.rows(
      "select contype, pg_get_constraintdef(oid) from pg_constraint where conrelid = 'book'::regclass and contype in ('f', 'p') order by 1",
    ),
  ).toEqual([
    ['f', 'FOREIGN KEY (author) REFERENCES author(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED'],
    ['p', 'PRIMARY KEY (isbn, author)'],
  ])
  expect(await at.rows("insert into author (name) values ('next') returning id, active")).toEqual([['101', 't']])
  await expect(at.rows("insert into author (name) values ('NEXT')")).rejects.toThrow('nocase')
})

test('verify agrees with a created schema later', async () => {
  await using at = await rig(
    "create table t (id integer primary key, at datetime, v); insert into t values (1, '2024-01-02 03:04:05', 1), (2, null, 'x'), (3, null, 1.0)",
  )
  expect(await migrate(at.input())).toMatchObject({ outcome: 'done' })
  expect(await verify(at.input())).toMatchObject({ outcome: 'done' })
})

test('data that contradicts its declaration gets the type that holds all of it, and that is said', async () => {
  await using at = await rig(`create table t (id integer primary key, flag boolean, at datetime, n integer);
    insert into t values (1, 1, '2024-01-01', 5), (2, 'maybe', 'yesterday', 9007199254740993)`)
  const report = await migrate(at.input())
  expect(report.error).toBeNull()
  expect(
    report.findings.filter((finding) => finding.code === 'DATA_CONTRADICTS_TYPE').map((finding) => finding.column),
  ).toEqual(expect.arrayContaining(['flag', 'at']))
  expect(await at.rows('select flag, at, n from t order by id')).toEqual([
    ['1', '2024-01-01', '5'],
    ['maybe', 'yesterday', '9007199254740993'],
  ])
})

test('what has no proven form is listed with its text, never dropped in silence', async () => {
  await using at =
    await rig(`create table t (id integer primary key, name text check (printf('%d', length(name)) <> '0'), p integer references nowhere(id));
    create view v as select name, count(*) from t; create trigger g after insert on t begin select 1; end; insert into t values (1, 'abc', 5)`)
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'done' })
  expect(report.notCarried.map((each) => each.object)).toEqual(
    expect.arrayContaining(['check on t', 'foreign key t(p)', 'view v', 'trigger g']),
  )
})

test('a source with rows its keys forbid is refused with the rows named', async () => {
  await using at = await rig(
    'create table a (id integer primary key); create table b (id integer primary key, a integer references a); insert into b values (1, 5)',
  )
  expect(await migrate(at.input())).toMatchObject({
    outcome: 'refused',
    findings: [{ code: 'ORPHANS', keys: ['id=1'] }],
  })
  expect(await at.rows("select count(*) from pg_class where relnamespace = 'public'::regnamespace")).toEqual([['0']])
})

test('a plan without a target shows the schema it would create', async () => {
  await using at = await rig('create table t (id integer primary key, name text not null)')
  const { ddl, report } = await plan({ ...at.input(), target: null })
  expect(report.outcome).toBe('planned')
  expect(ddl.join('\n')).toMatch(/CREATE TABLE "?public"?\."?t"?/i)
})

test('keys that collide only in PostgreSQL are named by row, and can be set aside', async () => {
  const source = "create table t (k any unique, n integer) strict; insert into t values (1.0, 1), ('1.0', 2), ('x', 3)"
  await using refused = await rig(source)
  const refusal = await migrate(refused.input())
  expect(refusal.outcome).toBe('refused')
  expect(refusal.findings.filter((finding) => finding.severity === 'refuse')).toMatchObject([
    { code: 'UNIQUE_VIOLATION', keys: ['rowid=2'] },
  ])
  await using parted = await rig(source)
  const report = await migrate(parted.input({ onBadRow: 'quarantine', quarantineDir: join(parted.folder, 'aside') }))
  expect(report).toMatchObject({ outcome: 'partial', totals: { read: 3, written: 2, rejected: 1 } })
})

test('a schema that is not there is made with the tables, and said', async () => {
  await using at = await rig('create table t (id integer primary key); insert into t values (7)')
  const report = await migrate(at.input({ schema: 'New "one"' }))
  expect(report).toMatchObject({ outcome: 'done', findings: [{ code: 'SCHEMA_MISSING', severity: 'note' }] })
  expect(await at.rows('select id from "New ""one""".t')).toEqual([['7']])
  await using rehearsed = await rig('create table t (id integer primary key)')
  await migrate({ ...rehearsed.input({ schema: 'fresh' }), rehearse: true })
  expect(await rehearsed.rows("select nspname from pg_namespace where nspname = 'fresh'")).toEqual([])
})

test('a value too long for the unique index of a created table is named', async () => {
  await using at = await rig(
    "create table t (id integer primary key, v text unique); insert into t values (1, hex(randomblob(9000))), (2, 'x')",
  )
  expect(await migrate(at.input())).toMatchObject({
    outcome: 'refused',
    findings: [
      { code: 'INDEX_ENTRY_LONG', count: 1, keys: ['id=1'] },
      { severity: 'refuse', count: 1, keys: ['id=1'], message: expect.stringContaining('index row') },
    ],
  })
})

test('after the largest id there is no next one, and verify does not call that a difference', async () => {
  await using at = await rig('create table t (id integer primary key); insert into t values (9223372036854775807)')
  expect(await migrate(at.input())).toMatchObject({ outcome: 'done', sequences: [{ nextValue: null }] })
  expect(await verify(at.input())).toMatchObject({
    outcome: 'done',
    findings: [
      { code: 'SEQUENCE_EXHAUSTED', severity: 'warning', table: 't', column: 'id' },
      { code: 'PLAN_NOT_GIVEN', severity: 'note' },
    ],
  })
})
