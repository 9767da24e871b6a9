import { useDatabase } from '@rowferry/vitest-preset/database'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openLite, openServer } from '../test/sessions.ts'
import { checkForeignKeys, deleteOrphans, findOrphans, type Reference } from './foreign-keys.ts'
import type { Session } from './session.ts'

const database = useDatabase()
const schema = 'For "keys"'
const byText = (a: string | null, b: string | null) => (a ?? '').localeCompare(b ?? '')
const named = (name: string) => ({ schema, name })

function reference(columns: string[], referencedColumns: string[], more: Partial<Reference> = {}): Reference {
  return { table: named('child'), columns, references: named('parent'), referencedColumns, ...more }
}

describe.each(['server', 'pglite'] as const)('on a %s', (kind) => {
  let session: Session

  beforeAll(async () => {
    session = await (kind === 'pglite' ? openLite() : openServer(database.url))
  })
  beforeEach(async () => {
    await session.query(
      `drop schema if exists "For ""keys""" cascade; create schema "For ""keys"""; set search_path = "For ""keys"""`,
    )
  })
  afterAll(() => session?.close())

  /** The path that a session has: no operator of an extension is found on it. */
  async function make(sql: string): Promise<void> {
    await session.query(`set search_path = "For ""keys""", public; ${sql}; set search_path = pg_catalog`)
  }

  test('rows without a parent are counted, and named by key up to the limit', async () => {
    await make(
      `create table parent ("I d" int); create table child (k1 bytea, "k 2" text, "p p" bigint);
       insert into parent values (1), (2); insert into child select case when n < 5 then '\\x00ff'::bytea end, 'r' || n, n from generate_series(1, 6) n;
       insert into child values ('', 'null', null)`,
    )
    const key = reference(['p p'], ['I d'])
    expect(await findOrphans(session, key, ['k 2', 'k1'], 10)).toEqual({
      count: 4,
      rows: [
        ['r3', '\\x00ff'],
        ['r4', '\\x00ff'],
        ['r5', null],
        ['r6', null],
      ],
    })
    expect(await findOrphans(session, key, ['k 2'], 1)).toMatchObject({
      count: 4,
      rows: [['r3']],
    })
    expect((await deleteOrphans(session, key, ['k 2'])).flat().toSorted(byText)).toEqual(['r3', 'r4', 'r5', 'r6'])
    expect(await findOrphans(session, key, ['k 2'], 10)).toEqual({ count: 0, rows: [] })
    expect(await session.query('select "k 2" as k from "For ""keys""".child')).toEqual([
      { k: 'r1' },
      { k: 'r2' },
      { k: 'null' },
    ])
  })

  test('MATCH SIMPLE forgives any NULL, MATCH FULL only all of them', async () => {
    await make(
      `create table parent (a int, b int); create table child (id int, a int, b int); insert into parent values (1, 1);
       insert into child values (1, 1, 1), (2, 1, 2), (3, null, 2), (4, 1, null), (5, null, null)`,
    )
    const ids = async (match: 'simple' | 'full') =>
      (await findOrphans(session, reference(['a', 'b'], ['a', 'b'], { match }), ['id'], 9)).rows.flat()
    expect(await ids('simple')).toEqual(['2'])
    expect(await ids('full')).toEqual(['2', '3', '4'])
  })

  test('rows that lose their parent to the deletion go with it, cycles stay', async () => {
    await make(
      `create table child (id int primary key, up int); insert into child values (1, null), (2, 1), (3, 99), (4, 3), (5, 4), (6, 6), (7, 8), (8, 7)`,
    )
    const key = reference(['up'], ['id'], { references: named('child') })
    expect(await deleteOrphans(session, key, ['id'])).toEqual([['3'], ['4'], ['5']])
    expect(await session.query('select id from "For ""keys""".child order by id')).toHaveLength(5)
  })

  test('rows that came in behind the back of the key are found, whatever the catalog claims', async () => {
    await make(
      `create table parent (id int primary key); create table child (id int, parent int constraint claimed references parent on delete cascade, up int);
       set session_replication_role = replica; insert into child values (1, 7), (2, 8), (3, null); set session_replication_role = origin;
       alter table child add constraint admitted foreign key (up) references parent not valid`,
    )
    const facts = {
      table: named('child'),
      references: named('parent'),
      referencedColumns: ['id'],
      match: 'simple',
      period: false,
      enforced: true,
    }
    expect(await checkForeignKeys(session, [named('child'), named('parent')])).toEqual([
      { ...facts, name: 'claimed', columns: ['parent'], validated: true, orphans: 2 },
      { ...facts, name: 'admitted', columns: ['up'], validated: false, orphans: 0 },
    ])
  })

  test('columns pair up as the key says, not as the tables list them', async () => {
    await make(
      `create table parent (x int, y text, primary key (y, x)); insert into parent values (1, 'a');
       create table child (b text, a int, constraint pair foreign key (a, b) references parent (x, y) match full); insert into child values ('a', 1)`,
    )
    expect(await checkForeignKeys(session, [named('child')])).toMatchObject([
      { columns: ['a', 'b'], referencedColumns: ['x', 'y'], match: 'full', orphans: 0 },
    ])
  })

  test('partitions on both sides are looked into, rows of inheriting tables are not parents', async () => {
    await make(
      `create table parent (id int primary key) partition by range (id); create table p1 partition of parent for values from (0) to (10); create table p2 partition of parent default;
       create table child (id int, parent int references parent) partition by range (id); create table c1 partition of child default;
       insert into parent values (1), (20); insert into child values (1, 1), (2, 20);
       create table plain (id int primary key); create table heir () inherits (plain); insert into heir values (5);
       create table other (id int)`,
    )
    expect(await checkForeignKeys(session, [named('child')])).toMatchObject([{ name: 'child_parent_fkey', orphans: 0 }])
    expect(await checkForeignKeys(session, [named('c1')])).toMatchObject([{ table: named('c1'), orphans: 0 }])
    await make(`alter table c1 disable trigger all; insert into child values (3, 4); insert into other values (5)`)
    expect(await checkForeignKeys(session, [named('child')])).toMatchObject([{ orphans: 1 }])
    const key = reference(['id'], ['id'], { table: named('other'), references: named('plain') })
    expect(await findOrphans(session, key, ['id'], 1)).toEqual({ count: 1, rows: [['5']] })
  })

  test('periods may be covered by several rows together', async (context) => {
    if (session.server.version < 180000) context.skip('PERIOD came with PostgreSQL 18')
    await make(
      `create table parent (id int4range, at daterange, primary key (id, at without overlaps));
       create table child (n int, id int4range, at daterange, foreign key (id, period at) references parent (id, period at));
       insert into parent values ('[1,2)', '[2020-01-01,2020-06-01)'), ('[1,2)', '[2020-06-01,2021-01-01)');
       insert into child values (1, '[1,2)', '[2020-03-01,2020-09-01)'); alter table child disable trigger all;
       insert into child values (2, '[1,2)', '[2020-03-01,2021-09-01)'), (3, '[2,3)', '[2020-03-01,2020-04-01)'), (4, '[2,3)', null)`,
    )
    const [key] = await checkForeignKeys(session, [named('child')])
    expect(key).toMatchObject({ period: true, orphans: 2 })
    expect((await findOrphans(session, key!, ['n'], 9)).rows).toEqual([['2'], ['3']])
  })
})

describe('values are compared as the key compares them', () => {
  test.each([
    ['citext', 'citext', 'citext'],
    ['a domain over a domain over citext', 'word', 'citext'],
    ['citext that references a domain', 'citext', 'word'],
    ['a collation that ignores case', 'text collate blind', 'text collate blind'],
    ['two collations', 'text collate "C"', 'text collate "POSIX"'],
    ['an enum', 'mood', 'mood'],
    ['varchar and text', 'varchar(9)', 'text'],
  ])('%s, with the key and before it is there', async (_name, child, parent) => {
    await using session = await openServer(database.url)
    await session.query(
      `drop schema if exists "For ""keys""" cascade; create schema "For ""keys"""; set search_path = "For ""keys""", public;
       create extension if not exists citext schema public; create domain inner_word as citext; create domain word as inner_word;
       create collation blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false); create type mood as enum ('ONE', 'one', 'two');
       create table parent (id ${parent} primary key); create table child (id ${child});
       insert into parent values ('ONE'); insert into child values ('one'), ('two'), ('ONE'); set search_path = pg_catalog`,
    )
    const blind = /cit|word|blind/.test(parent)
    const expected = { count: blind ? 1 : 2, rows: blind ? [['two']] : [['one'], ['two']] }
    expect(await findOrphans(session, reference(['id'], ['id']), ['id'], 9)).toEqual(expected)
    await session.query(
      `alter table "For ""keys""".child add foreign key (id) references "For ""keys""".parent not valid`,
    )
    expect(await findOrphans(session, reference(['id'], ['id']), ['id'], 9)).toEqual(expected)
    await deleteOrphans(session, reference(['id'], ['id']), [])
    await session.query(`alter table "For ""keys""".child validate constraint child_id_fkey`)
  })
})
