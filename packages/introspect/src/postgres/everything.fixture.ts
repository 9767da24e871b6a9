import { useDatabase } from '@rowferry/vitest-preset/database'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, inject } from 'vitest'
import type { Catalog, Column, Table } from '../catalog.ts'
import type { AnyDatabase } from '../database.ts'
import { readPostgresCatalog } from './read.ts'

export interface Everything {
  readonly databaseName: string
  /** One connection, to a database made of `schema`. */
  readonly db: AnyDatabase
  /** `server_version_num`. */
  readonly version: number
  /** Another connection, ended after the tests. */
  readonly connect: (config?: pg.PoolConfig, role?: string) => { readonly db: AnyDatabase; readonly pool: pg.Pool }
  readonly run: (text: string, on?: AnyDatabase) => Promise<void>
  /** Read once. */
  readonly catalog: () => Promise<Catalog>
  readonly tableOf: (name: string) => Promise<Table>
  readonly columnsOf: (name: string) => Promise<ReadonlyMap<string, Column>>
}

/** A database with one of everything, for the tests of one file. */
export function useEverything(): Everything {
  const database = useDatabase()
  const pools: pg.Pool[] = []
  let ready: { readonly db: AnyDatabase; readonly version: number } | undefined
  let known: Catalog | undefined

  const connect: Everything['connect'] = (config = {}, role) => {
    const url = new URL(database.url)
    if (role !== undefined) url.username = role
    const pool = new pg.Pool({ connectionString: url.href, max: 1, ...config })
    // The database is dropped while the last sockets are still closing
    pool.on('error', () => {})
    pools.push(pool)
    return { db: new Kysely({ dialect: new PostgresDialect({ pool }) }), pool }
  }
  const run: Everything['run'] = async (text, on = everything.db) => void (await sql.raw(text).execute(on))

  beforeAll(async () => {
    // useDatabase() skips the tests then
    if ('missing' in inject('postgres')) return
    const { db } = connect()
    const { rows } = await sql<{ version: string }>`select current_setting('server_version_num') as version`.execute(db)
    ready = { db, version: Number(rows[0]?.version) }
    await run(schema)
    if (ready.version >= 150000) await run(since15)
    if (ready.version >= 180000) await run(since18)
  })
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()))
  })

  const now = () => {
    if (ready === undefined) throw new Error('useEverything() is ready from beforeAll on')
    return ready
  }
  const everything: Everything = {
    get databaseName() {
      return database.name
    },
    get db() {
      return now().db
    },
    get version() {
      return now().version
    },
    connect,
    run,
    catalog: async () => (known ??= await readPostgresCatalog(everything.db)),
    async tableOf(name) {
      const found = (await everything.catalog()).tables.find((table) => table.name.name === name)
      if (found === undefined) throw new Error(`No table ${name}`)
      return found
    },
    async columnsOf(name) {
      return new Map((await everything.tableOf(name)).columns.map((column) => [column.name, column]))
    },
  }
  return everything
}

const since15 = 'create table nulls(a int, constraint one_null unique nulls not distinct (a))'
const since18 = `create table virtuals(a int, b int generated always as (a * 2) virtual,
  c int not null constraint soft check (c > 0) not enforced)`

const schema =
  `
create schema other; create schema "Odd.Schema";
create type mood as enum ('sad', 'ok', 'a "quoted", one'); alter type mood add value 'meh' before 'ok';
create type other.mood as enum ('x');
create domain code as varchar(8) not null check (value <> '') constraint upper_only check (value = upper(value));
create domain strict_code as code check (length(value) > 2);
create domain money_list as numeric(10,2)[];
create type pair as (a int, b text);
create table plain();
create table parent(id bigint generated always as identity primary key, code text collate "C" unique, a int, b int,
  constraint parent_ab unique (a, b) deferrable initially deferred);
comment on table parent is 'the parent'; comment on column parent.code is 'it''s';
create table types(
  i2 smallint, i4 int not null default 7, i8 int8, n numeric(12,3), n0 numeric, f4 real, f8 float8, b boolean default true,
  t text, v varchar(20), c char(3), bytes bytea, u uuid default gen_random_uuid(), d date, ts timestamp(3), tz timestamptz default '2024-01-02 03:04:05+02',
  iv interval day to second, j json, jb jsonb, m mood default 'ok', om other.mood, dom code default 'AB', sd strict_code, ml money_list,
  ia int[], va varchar(5)[], ma mood[], da code[], r int4range, p pair, bits bit varying(5), nm name, "Weird ""name""" text, "__proto__" int);
alter table types drop column i8;
create table child(
  id serial primary key, parent_id bigint references parent on delete cascade, code text constraint by_code references parent(code) match full on update set null deferrable initially deferred,
  a int, b int, self int references child(id), price numeric check (price > 0) , twice numeric generated always as (price * 2) stored,
  big bigint generated by default as identity (start 100 increment 5),
  constraint ab foreign key (b, a) references parent(b, a) deferrable, constraint "the check" check (a <> b or code ~ '^\\)') no inherit,
  exclude using gist (int4range(a, b) with &&) where (a < b));
alter table parent add constraint parent_ba unique (b, a);
`.replace('constraint ab foreign key (b, a) references parent(b, a) deferrable,', '') +
  `
alter table child add constraint ab foreign key (b, a) references parent(b, a) deferrable not valid;
create index "child idx" on child using btree (lower(code) desc, a asc nulls first, code collate "POSIX" text_pattern_ops) include (b) where a > 3 and code is not null;
create index child_hash on child using hash (code);
create unique index child_unique on child (a, (a + b) desc nulls last);
create view v as select id, code from parent; create materialized view mv as select 1 as one;
create rule no_delete as on delete to child do instead nothing;
create function noop() returns trigger language plpgsql as 'begin return new; end';
create trigger before_all before insert on child for each row when (new.a > 0) execute function noop();
create trigger always_on after update of a on child for each statement execute function noop(); alter table child enable always trigger always_on;
create trigger off after insert on child execute function noop(); alter table child disable trigger off;
create trigger on_view instead of insert on v for each row execute function noop();
create sequence other.feed start 5 increment 3 minvalue 5 maxvalue 9223372036854775807 cycle; select setval('other.feed', 9007199254740993);
create sequence lonely as smallint;
create table fed(a bigint default nextval('other.feed'), b bigint default nextval('public.lonely'::text), c serial, d int default 1); alter table fed alter c drop default;
create table parts(id int, region text, primary key (id, region)) partition by list (region);
create table parts_eu partition of parts for values in ('eu'); create table other.parts_us partition of parts for values in ('us') partition by list (region);
create table points_at_parts(id int, region text, foreign key (id, region) references parts);
create table base(a int); create table base2(b int); create table heir(c int) inherits (base2, base);
create unlogged table fast(a int primary key); alter table fast replica identity full;
create table secured(a int unique not null); alter table secured enable row level security; alter table secured replica identity using index secured_a_key;
create foreign data wrapper nowhere; create server far foreign data wrapper nowhere; create foreign table remote(a int) server far;
create temp table temporary_one(a int);
create table "Odd.Schema"."Ta""ble"("Id" int primary key);
create extension pgcrypto; create table owned_by_extension(a int); alter extension pgcrypto add table owned_by_extension;
create type owned_enum as enum ('x'); alter extension pgcrypto add type owned_enum;
insert into base select generate_series(1, 50); analyze base;
`
