import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { parsePlan } from '@rowferry/plan'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'
import { plan } from './plan-command.ts'

const SOURCE = `
  create table users (id integer primary key, name text, role text);
  insert into users values (1, 'Ann', 'ADMIN'), (2, 'Bob', 'USER');
  create table notes (id integer primary key, body text, extra);
  insert into notes values (1, 'x', 1);`
const TARGET = `
  create type role as enum ('ADMIN', 'USER');
  create table users (id int primary key, name varchar(20) not null, role role);
  create table notes (id int primary key, body text, extra text, roles role[]);
  create index by_name on users (name);`

async function kept(at: Awaited<ReturnType<typeof rig>>) {
  const { plan: made, report } = await plan(at.input())
  expect(report).toMatchObject({ outcome: 'planned' })
  return parsePlan(JSON.stringify(made))
}

function change(path: string, sql: string): void {
  const file = new Database(path)
  file.exec(sql)
  file.close()
}

test.each([
  ["insert into users values (3, 'Cy', 'USER')", 'rows of users was 2, is 3'],
  ['delete from users where id = 2', 'rows of users was 2, is 1'],
  ['alter table users drop column role', 'column users.role is gone'],
  ['alter table users rename column role to rank', 'column users.role is gone'],
  ['create trigger touch after insert on users begin select 1; end', 'touch'],
  ['update users set role = null where id = 2', 'values of users.role was 2 text, is 1 NULL, 1 text'],
  ["update users set name = 'Roberta' where id = 2", 'values of users.name was 2 text, is other values'],
  ["update notes set extra = 'one'", 'values of notes.extra was 1 integer, is 1 text'],
  ['alter table users add column later text', 'column users.later is new: text'],
  ['create table more (a)', 'table more is new'],
  ['drop table notes', 'table notes is gone'],
  ['create index i on users (role)', 'index i of users is new: CREATE INDEX i on users (role)'],
  ["update users set name = 'Bop' where id = 2", 'values changed in place'],
])('the source moved: %s', async (sql, words) => {
  await using at = await rig(SOURCE, TARGET)
  const made = await kept(at)
  change(at.path, sql)
  const report = await migrate({ ...at.input(), plan: made })
  expect(report).toMatchObject({ outcome: 'failed', exitCode: 1, error: { code: 'SOURCE_CHANGED' } })
  expect(report.error?.message).toContain(words)
  expect(await at.rows('select count(*) from users')).toEqual([['0']])
})

test.each([
  [
    'alter table users alter name type varchar(10)',
    'column users.name was character varying(20) not null, is character varying(10) not null',
  ],
  ["alter type role add value 'GUEST'", 'type role was enum ("ADMIN", "USER"), is enum ("ADMIN", "USER", "GUEST")'],
  [
    'alter table users add constraint short check (length(name) < 9)',
    'check short of users is new: CHECK ((length((name)::text) < 9))',
  ],
  ['alter table users add later int', 'column users.later is new: integer'],
  ['alter table notes drop roles', 'column notes.roles is gone'],
  ['alter table notes rename extra to more', 'column notes.extra is gone'],
  ['alter table notes drop constraint notes_pkey', 'notes_pkey'],
  ['alter type role rename to rank', 'rank'],
  [
    `create function f() returns trigger language plpgsql as 'begin return new; end';
     create trigger touch before insert on users for each row execute function f()`,
    'touch',
  ],
  ['alter table users enable row level security', 'users'],
  ['drop index by_name', 'index by_name of users is gone'],
  ['drop index by_name; create index by_name on users (name desc)', 'index by_name of users was CREATE INDEX'],
  ['alter table notes add unique (body)', 'notes_body_key'],
  ['alter table notes add foreign key (id) references users', 'notes_id_fkey'],
  ["alter table users alter name set default 'x'", 'column users.name'],
  ['alter table users alter name drop not null', 'column users.name'],
  ["alter type role rename value 'USER' to 'MEMBER'", '"MEMBER"'],
  ['create table other (a int)', 'table other is new'],
])('the target moved: %s', async (sql, words) => {
  await using at = await rig(SOURCE, TARGET)
  const made = await kept(at)
  await at.rows(sql)
  const report = await migrate({ ...at.input(), plan: made })
  expect(report).toMatchObject({ outcome: 'failed', exitCode: 1, error: { code: 'TARGET_CHANGED' } })
  expect(report.error?.message).toContain(words)
})

test('a row has come into the target', async () => {
  await using at = await rig(SOURCE, TARGET)
  const made = await kept(at)
  await at.rows("insert into users values (9, 'first', 'USER')")
  const report = await migrate({ ...at.input(), plan: made })
  expect(report).toMatchObject({ outcome: 'failed', exitCode: 1, error: { code: 'TARGET_NOT_EMPTY', table: 'users' } })
  expect(await at.rows('select name from users')).toEqual([['first']])
})

test('both sides are told at once', async () => {
  await using at = await rig(SOURCE, TARGET)
  const made = await kept(at)
  change(at.path, 'delete from notes')
  await at.rows('alter table users add note text')
  const { error } = await migrate({ ...at.input(), plan: made })
  expect(error?.message).toContain('rows of notes was 1, is 0')
  expect(error?.message).toContain('column users.note is new: text')
})

test('a plan made against one server is carried out on another of the same structure, whose oids differ', async () => {
  const source = `create table t (id integer primary key, tags text); insert into t values (1, '{a,b}');`
  const target = `create type tag as enum ('a', 'b'); create table t (id int primary key, tags tag[]);`
  await using rehearsed = await rig(source, target)
  await using real = await rig(
    source,
    `create type other as enum (); drop type other; create table gone (a int); drop table gone; ${target}`,
  )
  const made = await kept(rehearsed)
  const report = await migrate({ ...real.input(), source: rehearsed.input().source, plan: made })
  expect(report).toMatchObject({ outcome: 'done', exitCode: 0 })
  expect(await real.rows('select tags::text from t')).toEqual([['{a,b}']])
})

test('a plan holds what was seen, and no value of it', async () => {
  await using at = await rig(SOURCE, TARGET)
  const made = await kept(at)
  expect(made.tables.find((table) => table.source.name === 'users')).toMatchObject({
    rows: 2,
    evidence: [
      { column: 'id', declared: 'integer', integers: 2, nulls: 0 },
      { column: 'name', declared: 'text', texts: 2 },
      { column: 'role', declared: 'text', texts: 2 },
    ],
  })
  expect(JSON.stringify(made.tables)).not.toMatch(/Ann|Bob/)
})
