import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseDatabase } from '@rowferry/connect'
import type { MigrateInput, TargetAddress } from '@rowferry/migrate'
import { sqlite } from '@rowferry/source-sqlite'
import { createDatabase } from '@rowferry/vitest-preset/database'
import Database from 'better-sqlite3'
import pg from 'pg'
import type { Proxy } from './proxy.ts'
import { openProxy } from './proxy.ts'

// A self reference backwards and forwards, and a table without a key whose rows repeat
const source = (items: number) => `
  create table owner (id integer primary key autoincrement, name text not null, boss integer references owner (id));
  create table item (id integer primary key, owner integer not null references owner (id), name text);
  create table log (line text, at text);
  with recursive n(i) as (select 1 union all select i + 1 from n where i < 300) insert into owner select i, 'owner ' || i, 301 - i from n;
  with recursive n(i) as (select 1 union all select i + 1 from n where i < ${items}) insert into item select i, 1 + i % 300, 'item ' || i from n;
  with recursive n(i) as (select 1 union all select i + 1 from n where i < 900) insert into log select 'line ' || (i / 3), null from n;
  update sqlite_sequence set seq = 5000 where name = 'owner';`

const TARGET = `
  create table owner (id bigint generated always as identity primary key, name varchar(20) not null, boss bigint);
  create table item (id bigint primary key, owner bigint not null, name text);
  create table log (line text, at timestamptz);
  alter table owner add constraint owner_boss foreign key (boss) references owner (id) deferrable initially deferred;
  alter table item add constraint item_owner foreign key (owner) references owner (id) on delete cascade;
  comment on constraint item_owner on item is 'whose it is';
  create index item_name on item (lower(name)); create unique index item_of on item (owner, name) with (fillfactor = 80);
  comment on index item_of is 'one of a name';
  create function shout() returns trigger language plpgsql as $$ begin new.name := upper(new.name); return new; end $$;
  create trigger loud before insert on item for each row execute function shout();
  alter table item enable always trigger loud;`

/** Into tables that are there, or into none. */
export type Into = 'existing' | 'create'

/** A load that can be stopped anywhere, and everything that is asked about it afterwards. The server is asked directly, the load goes through the proxy. */
export interface Load extends AsyncDisposable {
  readonly proxy: Proxy
  /** The server itself, and the way through the proxy. */
  readonly target: TargetAddress
  readonly url: string
  readonly path: string
  readonly throughUrl: string
  readonly input: (options: Partial<Extract<MigrateInput['options'], object>>) => MigrateInput
  /** Everything a person could see: rows, definitions, sequences, schemas. */
  state(): Promise<string>
  /** Rows of all tables, however they are called; 0 where there are none. */
  rows(): Promise<number>
  /** As it was at the beginning. */
  reset(): Promise<void>
  /** Until no session of the load is left. Throws after 5 seconds. */
  quiet(): Promise<void>
  /** Of the source's file. */
  digest(): string
}

/** `items`: rows of the largest table; from 50,000 on its indexes go for the load. */
export async function prepareLoad(into: Into, items: number): Promise<Load> {
  const folder = mkdtempSync(join(tmpdir(), 'rowferry-faults-'))
  const path = join(folder, 'app.db')
  const file = new Database(path)
  file.exec(source(items))
  file.close()
  const database = await createDatabase()
  const client = new pg.Client(database.url)
  await client.connect()
  const at = new URL(database.url)
  const proxy = await openProxy({ host: at.hostname, port: Number(at.port) })
  const through = new URL(database.url)
  through.hostname = '127.0.0.1'
  through.port = String(proxy.port)
  through.searchParams.set('sslmode', 'disable')
  const ask = async (sql: string): Promise<string[][]> =>
    ((await client.query({ text: sql, rowMode: 'array' })).rows as unknown[][]).map((row) => row.map(String))
  const reset = async (): Promise<void> => {
    await client.query('drop schema if exists rowferry cascade; drop schema public cascade; create schema public')
    if (into === 'existing') await client.query(TARGET)
  }
  await reset()
  return {
    proxy,
    target: parseDatabase(database.url, { env: {} }) as TargetAddress,
    url: database.url,
    path,
    throughUrl: through.href,
    input: (options) => ({
      source: { adapter: sqlite, options: { path }, label: path },
      target: parseDatabase(through.href, { env: {} }) as TargetAddress,
      options: { resumable: true, commitEvery: Math.ceil(items / 3), triggers: 'disable', ...options },
    }),
    async state() {
      const there = (await ask("select to_regclass('public.item') is not null"))[0]![0] === 'true'
      return JSON.stringify([...(await ask(OBJECTS)), ...(there ? await ask(HELD) : [])], null, 1)
    },
    async rows() {
      const tables = await ask(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'",
      )
      if (tables.length === 0) return 0
      const [counted] = await ask(`select ${tables.map(([name]) => `(select count(*) from ${name})`).join(' + ')}`)
      return Number(counted![0])
    },
    reset,
    async quiet() {
      for (let waited = 0; ; waited += 20) {
        const [left] = await ask(
          "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'",
        )
        if (left![0] === '0') return
        if (waited > 5000) throw new Error(`${left![0]} sessions are left after five seconds`)
        await sleep(20)
      }
    },
    digest: () => createHash('sha256').update(readFileSync(path)).digest('hex'),
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]()
      await client.end()
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const OBJECTS = `
  select 'schema', nspname, '' from pg_namespace where nspname !~ '^pg_|^information_schema$'
  union all select 'sequence', sequencename, start_value || ' ' || coalesce(last_value::text, 'fresh') from pg_sequences
  union all select 'index', indexname, indexdef || coalesce(obj_description((schemaname || '.' || indexname)::regclass), '') from pg_indexes where schemaname = 'public'
  union all select 'constraint', conname, pg_get_constraintdef(oid) || convalidated || coalesce(obj_description(oid, 'pg_constraint'), '') from pg_constraint where connamespace = 'public'::regnamespace
  union all select 'trigger', tgname, pg_get_triggerdef(oid) || tgenabled::text from pg_trigger where not tgisinternal
  union all select 'column', attrelid::regclass || '.' || attname, format_type(atttypid, atttypmod) || attnotnull || attidentity::text
    from pg_attribute where attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r') and attnum > 0
  order by 1, 2, 3`

/** Whole rows, without an order. */
const HELD = `
  select 'owner', count(*)::text, coalesce(sum(hashtextextended(t::text, 0)), 0)::text from owner t
  union all select 'item', count(*)::text, coalesce(sum(hashtextextended(t::text, 0)), 0)::text from item t
  union all select 'log', count(*)::text, coalesce(sum(hashtextextended(t::text, 0)), 0)::text from log t order by 1`
