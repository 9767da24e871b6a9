import { join } from 'node:path'
import { plan } from '@rowferry/migrate'
import type { CrossingOptionsInput } from '@rowferry/migrate'
import type { Plan } from '@rowferry/plan'
import type { Report } from '@rowferry/report'
import { sqlite } from '@rowferry/source-sqlite'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { useFolder } from '../../test/command-line.ts'
import { renderPlan } from './index.ts'

const folder = useFolder()
let made = 0

async function planned(sql: string, options: CrossingOptionsInput = {}): Promise<{ plan: Plan; report: Report }> {
  const path = join(folder, `${++made}.db`)
  const file = new Database(path)
  file.exec(sql)
  file.close()
  const { plan: settled, report } = await plan({
    source: { adapter: sqlite, options: { path }, label: path },
    target: null,
    options,
  })
  return { plan: settled!, report }
}

async function rendered(sql: string, options: CrossingOptionsInput = {}, width = 100): Promise<string> {
  const { plan: settled, report } = await planned(sql, options)
  return renderPlan(settled, report, { color: false, width })
}

test('what is made, what is not simply carried, and what is lost', async () => {
  const text = await rendered(
    `create table users (id integer primary key autoincrement, name text not null, active boolean, born date, at datetime, notes blob);
     insert into users values (7, 'Ann', 1, '2020-01-02', 1700000000, x'00'), (8, 'Bob', 0, 'soon', 1700000001, 'text');
     create table posts (id integer primary key, user_id integer references users, body text check (length(body) > 0));
     create index by_user on posts (user_id);
     create trigger t after insert on users begin
       select 1; end;`,
    { epoch: [{ column: 'users.at', unit: 's' }], map: [{ column: 'users.name', from: 'Ann', to: 'Anna' }] },
  )
  expect(text).toBe(`\
2 new tables  2 rows; in load order; --format sql prints the statements
  users 2 rows · key id
    id bigint, name text not null, active boolean, born text, at timestamp with time zone, notes
    bytea
  posts 0 rows · key id · 1 index · 1 check
    id bigint, user_id bigint, body text

5 columns not simply carried
  users.name    text            → text                      --map: "Ann" (1×)
  users.active  integer         → boolean                   declared BOOLEAN
  users.born    text            → text                      not date (1 value does not fit: "soon")
  users.at      integer         → timestamp with time zone  --epoch s: 2 cells
  users.notes   1 text, 1 blob  → bytea                     affinity BLOB

1 foreign key
  · created: made after the data, checked over all rows at once
    posts (user_id) → users (id)

2 sequences moved past the last used value
    users.id (past 8), posts.id

Not carried over
  · trigger t: only triggers are translated that put the present moment into the row that was
    written
    CREATE TRIGGER t after insert on users begin select 1; end`)
})

test('what is built again after the load, and what is not, each reason once', async () => {
  const { plan: settled, report } = await planned('create table t (id integer primary key)')
  const table = { schema: 'public', name: 't' }
  const why = 'view public.v depends on it'
  const staying = [
    { table, object: 'constraint t_pkey', why },
    { table, object: 'index by_a', why: 'it is not valid, and would come back valid' },
    { table, object: 'constraint coded', why },
  ]
  const text = (more: Partial<Plan>) =>
    renderPlan({ ...settled, ...more }, report, { color: false, width: 100 }).split('\n\n')[1]
  expect(text({ rebuilds: [{ table, object: 'index by_b' }], staying })).toBe(`\
1 index or key dropped and rebuilt  faster than keeping them while many rows load
    index by_b of t
  · 2 kept: view public.v depends on it
    constraint t_pkey of t, constraint coded of t
  · 1 kept: it is not valid, and would come back valid
    index by_a of t`)
  expect(text({ rebuilds: [], staying: staying.slice(0, 1) })).toBe(`\
1 index or key kept while many rows load
  · 1 kept: view public.v depends on it
    constraint t_pkey of t`)
  const many = Array.from({ length: 99 }, (_, n) => ({ table, object: `index i${n}`, why: `reason ${n}` }))
  expect(text({ rebuilds: [], staying: many })).toMatch(/reason 39\n.*i39 of t\n {2}· … and 59 more kept$/)
})

test('many tables fit on a few pages, and no line is wider than the page', async () => {
  const tables = Array.from(
    { length: 120 },
    (_, n) =>
      `create table "table ${n}" (${Array.from({ length: 12 }, (_each, c) => `c${c} boolean`).join(', ')}, parent integer references "table ${n}"(c0), unique (c0));
       insert into "table ${n}" (c0) values (1); create trigger "tr ${n}" after insert on "table ${n}" begin select 1; end;`,
  )
  const lines = (await rendered(tables.join('\n'), {}, 80)).split('\n')
  expect(lines.length).toBeLessThan(320)
  expect(lines.filter((line) => line.length > 80)).toEqual([])
  expect(lines.join('\n')).toContain('… and 80 more tables with 80 rows')
}, 120_000)

test('names never reach the terminal as control characters', async () => {
  const text = await rendered(
    'create table "a\u001B[2J" ("b\r\nc" boolean, "\u202Egnp" text); insert into "a\u001B[2J" values (1, 2)',
  )
  expect(text).toContain(String.raw`a\u001b[2J`)
  expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
})
