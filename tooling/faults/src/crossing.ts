import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseDatabase } from '@rowferry/connect'
import { migrate, type CrossingOptionsInput, type MigrateInput, type TargetAddress } from '@rowferry/migrate'
import { sqlite } from '@rowferry/source-sqlite'
import Database from 'better-sqlite3'
import pg from 'pg'

const SOURCE = `
  create table owner (id integer primary key autoincrement, name text not null);
  create table item (id integer primary key, owner integer not null references owner (id), name text, price real);
  create table log (line text);
  with recursive n (i) as (select 1 union all select i + 1 from n where i < 300) insert into owner select i, 'owner ' || i from n;
  with recursive n (i) as (select 1 union all select i + 1 from n where i < 8000) insert into item select i, 1 + i % 300, 'item ' || i, i / 4.0 from n;
  with recursive n (i) as (select 1 union all select i + 1 from n where i < 900) insert into log select 'line ' || (i / 3) from n;`

const TARGET = `
  create table owner (id bigint generated always as identity primary key, name text not null);
  create table item (id bigint primary key, owner bigint not null references owner (id), name text, price float8);
  create table log (line text);
  create index item_name on item (name);`

// Counted, summed and hashed by the server alone
const STATE = `
  select concat_ws(' ', (select count(*) || ' ' || coalesce(sum(id), 0) || ' ' || coalesce(md5(string_agg(o::text, '' order by id)), '') from owner o),
    (select count(*) || ' ' || coalesce(sum(owner), 0) || ' ' || coalesce(md5(string_agg(i::text, '' order by id)), '') from item i),
    (select count(*) || ' ' || coalesce(md5(string_agg(line, '' order by line)), '') from log),
    (select md5(string_agg(pg_get_constraintdef(oid) || convalidated, '' order by conname)) from pg_constraint where connamespace = 'public'::regnamespace),
    (select md5(string_agg(indexdef, '' order by indexname)) from pg_indexes where schemaname = 'public')) as state`

/** Into tables that are there: three of them, one without a key. */
export interface Crossing extends AsyncDisposable {
  readonly url: string
  /** What the target says of itself before anything came, and with everything there. */
  readonly before: string
  readonly complete: string
  run(target?: TargetAddress, options?: CrossingOptionsInput): ReturnType<typeof migrate>
  input(target?: TargetAddress, options?: CrossingOptionsInput): MigrateInput
  through(port: number): TargetAddress
  state(): Promise<string>
  empty(): Promise<void>
  /** Until no session of a crossing is left; throws after ten seconds. */
  quiet(): Promise<void>
  query(sql: string): Promise<Record<string, string>[]>
}

/** `url`: a database of its own, empty. */
export async function prepareCrossing(url: string): Promise<Crossing> {
  const folder = mkdtempSync(join(tmpdir(), 'rowferry-faults-'))
  const path = join(folder, 'source.db')
  const file = new Database(path)
  file.exec(SOURCE)
  file.close()
  const digest = (): string => createHash('sha256').update(readFileSync(path)).digest('hex')
  const untouched = digest()
  const direct = {
    ...parseDatabase(url, { env: {} }),
    ssl: { mode: 'disable', rootCertificate: null },
  } as TargetAddress
  const query = async (sql: string): Promise<Record<string, string>[]> => {
    const client = new pg.Client(url)
    await client.connect()
    try {
      return (await client.query<Record<string, string>>(sql)).rows
    } finally {
      await client.end()
    }
  }
  const state = async (): Promise<string> => (await query(STATE))[0]!['state']!
  const input: Crossing['input'] = (target = direct, options = {}) => ({
    source: { adapter: sqlite, options: { path }, label: path },
    target,
    options,
  })
  const empty = async (): Promise<void> => void (await query('truncate owner, item, log restart identity'))
  const run: Crossing['run'] = (target, options) => migrate(input(target, options))
  await query(TARGET)
  const before = await state()
  const whole = await run()
  if (whole.outcome !== 'done') throw new Error(`An undisturbed crossing came to ${whole.outcome}`)
  const complete = await state()
  await empty()
  return {
    url,
    before,
    complete,
    run,
    input,
    state,
    empty,
    query,
    through: (port) => ({ ...direct, host: '127.0.0.1', port }) as TargetAddress,
    async quiet() {
      for (let waited = 0; waited < 10_000; waited += 50) {
        const left = await query(
          "select pid from pg_stat_activity where datname = current_database() and application_name like 'rowferry%'",
        )
        if (left.length === 0) return
        await setTimeout(50)
      }
      throw new Error('A session of the crossing is left')
    },
    async [Symbol.asyncDispose]() {
      if (digest() !== untouched) throw new Error('The source was touched')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
