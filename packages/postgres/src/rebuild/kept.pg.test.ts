import { useDatabase } from '@rowferry/vitest-preset/database'
import { needs } from '@rowferry/vitest-preset/features'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openServer } from '../../test/sessions.ts'
import type { Session } from '../session.ts'
import { planRebuild } from './plan-rebuild.ts'
import { dropForLoad, restoreAfterLoad } from './rebuild.ts'

const database = useDatabase()
const named = (name: string) => ({ schema: 'Re "build"', name })
let session: Session & AsyncDisposable

beforeEach(async () => {
  session = await openServer(database.url)
  await session.query(
    `set client_min_messages = warning; create schema "Re ""build"""; set search_path = "Re ""build""", public`,
  )
})
afterEach(async () => {
  await session.query('rollback; drop schema "Re ""build""" cascade')
  await session.close()
})

test.for<[string, string, string, string]>([
  [
    'a foreign key of another table',
    'create table f (t int references t)',
    't_pkey',
    'constraint f_t_fkey on table "Re ""build""".f depends on it',
  ],
  [
    'a foreign key of its own table that was not dropped',
    'alter table t add constraint own foreign key (b) references t',
    't_pkey',
    'constraint own on table',
  ],
  [
    'a foreign key on a plain unique index',
    'create unique index plain on t (b); create table f (t int references t (b))',
    'plain',
    'depends on it',
  ],
  [
    'views that group by the key',
    'create view v as select a, b from t group by a; create materialized view m as select a, b from t group by a',
    't_pkey',
    'view "Re ""build""".v, materialized view "Re ""build""".m depend on it',
  ],
  [
    'a function with ON CONFLICT ON CONSTRAINT',
    `create function f() returns void begin atomic insert into t values (1) on conflict on constraint t_pkey do nothing; end`,
    't_pkey',
    'function "Re ""build""".f() depends on it',
  ],
  [
    'a partitioned table',
    'drop table t; create table t (a int primary key) partition by range (a)',
    't_pkey',
    'it is part of a partitioned index',
  ],
  [
    'a partition',
    'create table parted (a int primary key) partition by range (a); drop table t; create table t partition of parted default',
    't_pkey',
    'it is part of a partitioned index',
  ],
  [
    'an extension',
    'create extension if not exists citext; create index i on t (b); alter index i depends on extension citext',
    'i',
    'the extension citext',
  ],
  [
    'a function that is no longer immutable',
    'create function f(int) returns int immutable language sql as $$ select $1 $$; create index i on t (f(b)); alter function f(int) stable',
    'i',
    'f(integer) is no longer immutable',
  ],
  [
    'an index that is not valid',
    'create index i on t (b); update pg_index set indisvalid = false where indexrelid = $$i$$::regclass',
    'i',
    'it is not valid',
  ],
  [
    'a table that others inherit from',
    'create table heir () inherits (t)',
    't_pkey',
    'other tables inherit from its table',
  ],
  [
    'a key with a twin, of which a foreign key could choose the other when it comes back',
    'create unique index twin on t (a) include (b)',
    't_pkey',
    'another unique index has the same columns',
  ],
  [
    'a table whose rows are judged by a function that may look rows up',
    `create function known(int) returns boolean language plpgsql as $$ begin return exists (select from t where a = $1); end $$;
     alter table t add check (known(b))`,
    't_pkey',
    'function "Re ""build""".known(integer) runs for each row, and may look rows up by it',
  ],
  [
    'a table with a domain that is judged so',
    `create function known(int) returns boolean stable language sql as $$ select $1 > 0 $$;
     create domain known_id as int check (known(value)); create domain inner_id as known_id; alter table t add c inner_id[]`,
    't_pkey',
    'may look rows up by it',
  ],
  [
    'a constraint trigger switched off',
    'alter table t add constraint d unique (b) deferrable; alter table t disable trigger all',
    'd',
    'switched by hand',
  ],
])('what cannot come back or is needed stays: %s', async ([, sql, object, why], context) => {
  if (sql.includes('begin atomic')) needs(context, 'begin atomic')
  await session.query(`create table t (a int primary key, b int); ${sql}; begin`)
  const rebuild = await planRebuild(session, [named('t')], { secondaryOnly: false })
  expect(rebuild.kept.filter((kept) => kept.object.endsWith(` ${object}`))).toEqual([
    { table: named('t'), object: expect.any(String), why: expect.stringContaining(why) },
  ])
  expect(rebuild.drops.map((drop) => drop.object)).not.toContain(`index ${object}`)
  await dropForLoad(session, rebuild)
  await restoreAfterLoad(session, rebuild)
})
