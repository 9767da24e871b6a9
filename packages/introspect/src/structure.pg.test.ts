import { expect, test } from 'vitest'
import { catalogFingerprint } from './fingerprint.ts'
import { useEverything } from './postgres/everything.fixture.ts'
import { readPostgresCatalog } from './postgres/read.ts'
import { compareStructures, describeStructure } from './structure.ts'

const everything = useEverything()

const setup = `
create schema drift;
create type drift.mood as enum ('sad', 'ok');
create type drift.point as (x int4, y int4);
create type drift.span as range (subtype = date);
create domain drift.small as int4 check (value < 10);
create table drift.users (id int4 primary key, name varchar(20) not null, mood drift.mood default 'ok', n drift.small, p drift.point, during drift.span);
create table drift.posts (id int4, user_id int4 references drift.users, at timestamptz, constraint positive check (id > 0));
create index by_at on drift.posts (at desc);
create sequence drift.numbers;
create view drift.v as select 1 as one;
create function drift.f() returns trigger language plpgsql as 'begin return new; end';
create trigger tr before insert on drift.posts for each row execute function drift.f();
create rule r as on delete to drift.posts do instead nothing;
`

test.each([
  ['alter table drift.users alter name type varchar(10)', 'column drift.users.name'],
  ['alter table drift.users alter name drop not null', 'column drift.users.name'],
  ["alter table drift.users alter mood set default 'sad'", 'column drift.users.mood'],
  ['alter table drift.users drop n', 'column drift.users.n'],
  ['alter table drift.users add later text', 'column drift.users.later'],
  ["alter type drift.mood add value 'glad'", 'type drift.mood'],
  ["alter type drift.mood rename value 'sad' to 'blue'", 'type drift.mood'],
  ['alter type drift.point add attribute z int4', 'type drift.point'],
  ['alter domain drift.small add check (value > 0)', 'type drift.small'],
  ['alter table drift.posts drop constraint positive', 'check positive of drift.posts'],
  ['alter table drift.posts drop constraint posts_user_id_fkey', 'foreign key posts_user_id_fkey of drift.posts'],
  [
    'alter table drift.posts alter constraint posts_user_id_fkey deferrable',
    'foreign key posts_user_id_fkey of drift.posts',
  ],
  ['create unique index on drift.posts (id)', 'index posts_id_idx of drift.posts'],
  ['drop index drift.by_at', 'index by_at of drift.posts'],
  ['alter table drift.posts disable trigger tr', 'trigger tr of drift.posts'],
  ['drop trigger tr on drift.posts', 'trigger tr of drift.posts'],
  ['alter table drift.posts enable row level security', 'table drift.posts'],
  ['alter table drift.posts replica identity full', 'table drift.posts'],
  ['drop rule r on drift.posts', 'table drift.posts'],
  ['alter sequence drift.numbers increment 5', 'sequence drift.numbers'],
  ['create or replace view drift.v as select 2 as one', 'view drift.v'],
  ['drop table drift.posts', 'table drift.posts'],
  ['create table drift.new (a int4)', 'table drift.new'],
])('%s', async (statement, object) => {
  const read = () => readPostgresCatalog(everything.db, { schemas: ['drift'] })
  await everything.run(setup)
  try {
    const before = await read()
    expect(compareStructures(describeStructure(before), describeStructure(await read()))).toEqual([])
    await everything.run(statement)
    const now = await read()
    expect(catalogFingerprint(now)).not.toBe(catalogFingerprint(before))
    const changes = compareStructures(describeStructure(before), describeStructure(now))
    expect(changes.map((each) => each.object)).toContain(object)
    expect(changes.filter((each) => each.object.startsWith('order of '))).toEqual([])
  } finally {
    await everything.run('drop schema drift cascade')
  }
})

test('columns that changed places are told as that', () => {
  const before = { 'column t.a': 'text', 'column t.b': 'text', 'order of columns of t': '(a, b)' }
  expect(compareStructures(before, { ...before, 'order of columns of t': '(b, a)' })).toEqual([
    { object: 'order of columns of t', before: '(a, b)', now: '(b, a)' },
  ])
})

test('nothing is taken from the prototype', () => {
  expect(compareStructures({}, { 'type toString': 'x', constructor: 'y' })).toEqual([
    { object: 'type toString', before: null, now: 'x' },
    { object: 'constructor', before: null, now: 'y' },
  ])
})
