import { PGlite } from '@electric-sql/pglite'
import { Kysely, PGliteDialect, sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { readPostgresCatalog } from './read.ts'

const pglite = new PGlite()
const db = new Kysely({ dialect: new PGliteDialect({ pglite }) })
// To start PGlite takes a second, or several on a busy machine
const startTimeout = 30_000
afterAll(() => db.destroy())

test(
  'PGlite is read like a server',
  async () => {
    await pglite.exec(`create type mood as enum ('sad', 'ok');
    create table parent(id bigint generated always as identity primary key, mood mood not null default 'ok', tags text[]);
    create table child(id serial primary key, parent_id bigint references parent, check (id > 0));
    create index child_parent on child(parent_id) where parent_id > 5;
    select setval('child_id_seq', 7); create view v as select 1 as one; set search_path = public`)
    const catalog = await readPostgresCatalog(db)
    const [child, parent] = catalog.tables
    expect(catalog.tables.map((table) => table.name.name)).toEqual(['child', 'parent'])
    expect(
      parent?.columns.map((column) => [column.name, column.declaredType, column.default, column.identity]),
    ).toEqual([
      ['id', 'bigint', null, 'always'],
      ['mood', 'public.mood', "'ok'::public.mood", null],
      ['tags', 'text[]', null, null],
    ])
    expect(parent?.columns[1]?.type?.labels).toEqual(['sad', 'ok'])
    expect(parent?.columns[2]?.type).toMatchObject({ kind: 'array', element: { name: 'text' } })
    expect(child?.foreignKeys).toMatchObject([
      { columns: ['parent_id'], referencedColumns: ['id'], references: { name: 'parent' } },
    ])
    expect(child?.checks.map((check) => check.expression)).toEqual(['(id > 0)'])
    expect(child?.indexes.map((index) => [index.name, index.where])).toEqual([
      ['child_parent', '(parent_id > 5)'],
      ['child_pkey', null],
    ])
    expect(catalog.sequences.map((sequence) => [sequence.name.name, sequence.lastValue])).toEqual([
      ['child_id_seq', '7'],
      ['parent_id_seq', null],
    ])
    expect(catalog.views.map((view) => view.name.name)).toEqual(['v'])
    expect((await sql<{ path: string }>`select current_setting('search_path') as path`.execute(db)).rows).toEqual([
      { path: 'public' },
    ])
  },
  startTimeout,
)
