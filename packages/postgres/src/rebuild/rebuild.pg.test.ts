import { useDatabase } from '@rowferry/vitest-preset/database'
import { supports } from '@rowferry/vitest-preset/features'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { dumpSchema } from '../../test/schema-dump.ts'
import { openServer } from '../../test/sessions.ts'
import type { Session } from '../session.ts'
import { dropForeignKeys, restoreForeignKeys } from './drop-foreign-keys.ts'
import { planRebuild } from './plan-rebuild.ts'
import { dropForLoad, restoreAfterLoad, type Rebuild } from './rebuild.ts'
import { disableTriggers, readUserTriggers, restoreTriggers } from './triggers.ts'

const database = useDatabase()
const schema = 'Re "build"'
const nullsNotDistinct = supports('nulls not distinct') ? 'nulls not distinct' : ''
const named = (name: string) => ({ schema, name })
let session: Session & AsyncDisposable
let tablespace: string
let guest: string

beforeEach(async () => {
  session = await openServer(database.url)
  tablespace = `${database.name} Space`
  guest = `${database.name}_guest`
  await session.query('set client_min_messages = warning; set allow_in_place_tablespaces = on')
  await session.query(`create tablespace "${tablespace}" location ''`)
  await session.query(`create role ${guest}`)
  await session.query(`create schema "Re ""build"""; set search_path = "Re ""build""", public`)
})
afterEach(async () => {
  await session.query(
    'rollback; reset role; drop publication if exists "all of it"; drop schema "Re ""build""" cascade',
  )
  await session.query(`drop tablespace "${tablespace}"`)
  await session.query(`drop role ${guest}`)
  await session.close()
})

async function everything(): Promise<void> {
  await session.query(`
    create function slug(t text) returns text immutable language sql as $$ select lower(t) $$;
    create table author (
      id int constraint "author key" primary key with (fillfactor = 71), tag text not null, code text, at int4range, note text,
      constraint "one tag" unique (tag) include (note) with (fillfactor = 60) deferrable initially deferred,
      constraint "no nulls" unique ${nullsNotDistinct} (code) deferrable,
      constraint apart exclude using gist (at with &&) with (fillfactor = 55) where (id > 3) deferrable
    );
    create table placed (id int, constraint "placed key" primary key (id) using index tablespace "${tablespace}", word text);
    create index "placed elsewhere" on placed using brin (word) tablespace "${tablespace}" where word is not null;
    create unique index "identifies" on author (tag, id);
    create index "by slug" on author (slug(note), (id + 1) desc, code collate "C" text_pattern_ops nulls last) include (tag) with (fillfactor = 50, deduplicate_items = off) where id > 10;
    create unique index "one note" on author (note) ${nullsNotDistinct};
    create index hashed on author using hash (note);
    alter index "by slug" alter column 1 set statistics 77;
    alter index "by slug" alter column 2 set statistics 0;
    alter table author replica identity using index identifies;
    alter table author cluster on "author key";
    alter table placed cluster on "placed key";
    comment on index "by slug" is 'it''s \\ a slug';
    comment on index "author key" is 'index of the key';
    comment on constraint "author key" on author is 'the key';
    comment on constraint apart on author is 'apart';
    comment on index apart is 'index of apart';
    create table book (
      id bigint primary key, author int, second int, tag text,
      constraint "by author" foreign key (author) references author on delete cascade deferrable initially deferred,
      constraint "sequel" foreign key (id) references book match full on update set null
    );
    alter table book add constraint "second author" foreign key (second) references author not valid;
    comment on constraint "second author" on book is 'no promise';
    insert into author select n, 't' || n, 'c' || n, int4range(n * 2, n * 2 + 1), 'Note ' || n from generate_series(1, 20) n;
    alter table book disable trigger all; insert into book values (1, 1, 999); alter table book enable trigger all`)
}

const tables = [named('author'), named('book'), named('placed')]
const names = (rebuild: Rebuild) => ({
  drops: rebuild.drops.map((drop) => drop.object),
  kept: rebuild.kept.map((kept) => `${kept.object}: ${kept.why}`),
})

test('plain secondary indexes go and come back as they were', async () => {
  await everything()
  const before = await dumpSchema(session, database.url, schema)
  await session.query('begin')
  const rebuild = await planRebuild(session, tables)
  expect(names(rebuild)).toEqual({
    drops: ['index by slug', 'index hashed', 'index placed elsewhere'],
    kept: [
      ...['author key', 'one tag', 'no nulls', 'apart'].map((name) => `constraint ${name}`),
      ...['identifies', 'one note'].map((name) => `index ${name}`),
      'constraint placed key',
      'constraint book_pkey',
    ].map((object) => `${object}: rows are held to it as they load`),
  })
  await dropForLoad(session, rebuild)
  expect(
    await session.query(`select from pg_class where relname in ('placed elsewhere', 'by slug', 'hashed')`),
  ).toEqual([])
  await restoreAfterLoad(session, rebuild)
  await session.query('commit')
  expect(await dumpSchema(session, database.url, schema)).toEqual(before)
})

test('keys, constraints and foreign keys go and come back as they were, after being written down as JSON, under any settings', async () => {
  await everything()
  const before = await dumpSchema(session, database.url, schema)
  await session.query('begin')
  const foreignKeys = await dropForeignKeys(session, [
    { table: named('book'), name: 'by author' },
    { table: named('book'), name: 'sequel' },
    { table: named('book'), name: 'second author' },
  ])
  expect(names(foreignKeys)).toEqual({
    drops: ['foreign key by author', 'foreign key sequel', 'foreign key second author'],
    kept: [],
  })
  const rebuild = await planRebuild(session, tables, { secondaryOnly: false })
  expect(names(rebuild).kept).toEqual([])
  expect(rebuild.drops).toHaveLength(11)
  await dropForLoad(session, rebuild)
  const left = `select conname from pg_constraint where contype in ('p', 'u', 'x', 'f') and connamespace = '"Re ""build"""'::regnamespace`
  expect(await session.query(left)).toEqual([])
  await session.query(
    `insert into author values (21, 'new', 'c21', null, 'x'); set local search_path = public; set local default_tablespace = '${tablespace}'`,
  )
  await restoreAfterLoad(session, JSON.parse(JSON.stringify(rebuild)))
  await restoreForeignKeys(session, JSON.parse(JSON.stringify(foreignKeys)))
  expect(await session.query('show default_tablespace')).toEqual([{ default_tablespace: tablespace }])
  await session.query('commit')
  await session.query(`set search_path = "Re ""build""", public`)
  expect(await dumpSchema(session, database.url, schema)).toEqual(before)
  await expect(session.query(`insert into author values (22, 'new')`)).rejects.toMatchObject({ code: '23505' })
})

const withoutOverlaps = supports('constraints without overlaps')
  ? `create table booked (
       room int constraint "has a room" not null, during tstzrange constraint named not null,
       constraint "one at a time" primary key (room, during without overlaps) with (fillfactor = 66) deferrable initially deferred,
       constraint "and so" unique (during without overlaps, room) using index tablespace "SPACE");
     comment on constraint "one at a time" on booked is 'in each room'`
  : ''

test('keys of every kind come back as they were, and what else tables keep beside them', async () => {
  const citext = `create extension if not exists citext; create collation public.folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`
  await session.query(`${citext};
    create domain code as text check (value <> ''); create type size as enum ('s', 'l'); create sequence numbers;
    create function plain(text) returns text immutable language sql as $$ select upper($1) $$;
    create table parent (id int generated always as identity primary key with (deduplicate_items = off));
    create table many (
      id bigint generated by default as identity constraint "must be" not null, at timestamptz not null default now(), "Odd ""name" citext, folded text collate public.folded,
      code code not null, size size, twice int generated always as (1 + 1) stored, n int default nextval('numbers'), doc jsonb,
      constraint "Its ""key" primary key (id, at) include (n) with (fillfactor = 44),
      constraint late unique (code, size) deferrable, constraint later unique (n) include (doc) using index tablespace "${tablespace}" deferrable initially deferred,
      constraint fold unique (folded), constraint ci unique ("Odd ""name"),
      constraint near exclude using gist (int8range(id, id + 1) with &&) where (n > 0), constraint "all of it" check (n > 0) not valid
    );
    create unique index "sorted" on many (at desc nulls last, code collate "C" text_pattern_ops, plain(code)) include (size) with (fillfactor = 33) tablespace "${tablespace}" where n is not null;
    create unique index "of an expression" on many ((id % 1000), lower(code)) ${nullsNotDistinct};
    alter index sorted alter column 3 set statistics 9; alter index "of an expression" alter column 1 set statistics 1000;
    comment on constraint "Its ""key" on many is 'key'; comment on index "Its ""key" is 'index'; comment on index sorted is '; --';
    alter table many cluster on late; alter table many replica identity using index "Its ""key";
    create publication "all of it" for table many, parent;
    create view seen as select id, count(*) from many group by id; create statistics joint on code, size from many;
    create table moved (like many including all); alter table moved replica identity full;
    create table fixed (like many including all, other int references parent unique); alter table fixed replica identity nothing;
    create table heir (primary key (id)) inherits (parent);
    ${withoutOverlaps.replace('SPACE', tablespace)}`)
  const before = await dumpSchema(session, database.url, schema)
  await session.query('begin')
  const all = ['parent', 'many', 'moved', 'fixed', 'heir', 'booked'].map(named)
  const rebuild = await planRebuild(session, all, { secondaryOnly: false })
  expect(names(rebuild).kept).toEqual(['constraint parent_pkey: other tables inherit from its table'])
  await dropForLoad(session, rebuild)
  for (const table of ['many', 'moved', 'fixed'])
    await session.query(
      `insert into ${table} (code, size, doc) select 'c' || n, 's', '{}' from generate_series(1, 9) n`,
    )
  await session.query('insert into heir values (1)')
  await restoreAfterLoad(session, rebuild)
  await session.query('commit')
  expect(await dumpSchema(session, database.url, schema)).toEqual(before)
})

test('planning leaves the search path alone', async () => {
  await session.query('begin; set local search_path = public, "$user"')
  await planRebuild(session, tables)
  expect(await session.query('show search_path')).toEqual([{ search_path: 'public, "$user"' }])
})

test("another role's table, schema and tablespace are left alone", async () => {
  await session.query(`create table theirs (a int); create index on theirs (a);
    create table ours (a int); create index on ours (a); create index on ours (a) tablespace "${tablespace}"; alter table ours owner to ${guest};
    grant usage on schema "Re ""build""" to ${guest}; begin; set local role ${guest}`)
  const plan = () => planRebuild(session, [named('theirs'), named('ours')])
  const schemaWhy = `this role may not create anything in schema ${schema}`
  expect((await plan()).kept.map((kept) => kept.why)).toEqual([
    'its table belongs to another role',
    schemaWhy,
    schemaWhy,
  ])
  await session.query(`reset role; grant create on schema "Re ""build""" to ${guest}; set local role ${guest}`)
  const rebuild = await plan()
  expect(rebuild.kept.map((kept) => kept.why)).toEqual([
    'its table belongs to another role',
    `this role may not create anything in tablespace ${tablespace}`,
  ])
  await dropForLoad(session, rebuild)
  await restoreAfterLoad(session, rebuild)
})

test('foreign keys that could not come back stay', async () => {
  await session.query(`create table p (a int primary key, b int unique); create table c (a int constraint whole references p, b int constraint part references p (b));
    create table parted (a int constraint split references p) partition by range (a);
    create table switched (a int constraint off references p); alter table switched disable trigger all;
    alter table c owner to ${guest}; grant usage on schema "Re ""build""" to ${guest}; grant references (b) on p to ${guest}; begin`)
  const drop = (table: string, name: string) => dropForeignKeys(session, [{ table: named(table), name }])
  expect(names(await drop('parted', 'split')).kept).toEqual(['foreign key split: one of its tables is partitioned'])
  expect(names(await drop('switched', 'off')).kept).toEqual([
    'foreign key off: the triggers behind it were switched by hand',
  ])
  await session.query(`set local role ${guest}`)
  expect(names(await drop('c', 'whole')).kept).toEqual([
    'foreign key whole: this role has no REFERENCES right on its parent, and could not make it again',
  ])
  expect(names(await drop('switched', 'off')).kept).toEqual(['foreign key off: its table belongs to another role'])
  const dropped = await drop('c', 'part')
  expect(names(dropped)).toEqual({ drops: ['foreign key part'], kept: [] })
  await restoreForeignKeys(session, dropped)
  await expect(drop('c', 'gone')).rejects.toMatchObject({ code: 'FOREIGN_KEY_MISSING', constraint: 'gone' })
})

test('triggers come back one by one, each in its own state', async () => {
  await session.query(`create function f() returns trigger language plpgsql as $$ begin return null; end $$;
    create table t (a int primary key); create table c (a int references t);
    create table parted (a int) partition by range (a); create table leaf partition of parted default;
    create trigger "A one" before insert on t for each row execute function f();
    create trigger d before insert on t execute function f(); alter table t disable trigger d;
    create trigger r after insert on t execute function f(); alter table t enable replica trigger r;
    create constraint trigger w after insert on t initially deferred for each row execute function f(); alter table t enable always trigger w;
    create trigger clone before insert on parted for each row execute function f();
    create trigger off before insert on parted for each row execute function f(); alter table leaf disable trigger off;
    create trigger "on leaf" before insert on leaf for each row execute function f()`)
  const before = await dumpSchema(session, database.url, schema)
  await session.query('begin')
  const all = [named('t'), named('c'), named('parted')]
  const triggers = await readUserTriggers(session, all)
  expect(triggers.map(({ table, name, enabled }) => `${table.name}.${name} ${enabled}`)).toEqual([
    't.A one O',
    't.d D',
    't.r R',
    't.w A',
    'parted.clone O',
    'parted.off O',
    'leaf.clone O',
    'leaf.off D',
    'leaf.on leaf O',
  ])
  const disabled = await disableTriggers(session, triggers)
  expect((await readUserTriggers(session, all)).map((trigger) => trigger.enabled).join('')).toBe('DDDDDDDDD')
  await session.query('insert into t values (1); insert into parted values (1); set constraints all immediate')
  await expect(session.query('savepoint s; insert into c values (9)')).rejects.toMatchObject({ code: '23503' })
  await session.query('rollback to s')
  await restoreTriggers(session, disabled)
  await session.query('commit')
  expect(await dumpSchema(session, database.url, schema)).toEqual(before)
})
