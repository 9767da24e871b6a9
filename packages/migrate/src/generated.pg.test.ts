import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'
import { plan } from './plan-command.ts'
import { verify } from './verify-command.ts'

const shop = `create table item (
    id integer primary key, name text not null, price real, quantity integer, at datetime, big integer,
    total real generated always as (price * quantity) stored,
    label text as (upper(name) || ' x' || quantity) virtual unique,
    half text generated always as (substr(label, 1, 3)) stored,
    day date as (date(at)),
    cheap boolean as (price < 1.5) not null,
    now2 text as (datetime(at, '+1 day')),
    path text as (json_extract(name, '$')) );
  create index by_total on item (total);
  insert into item (id, name, price, quantity, at) values (1, '"a"', 0.1, 3, '2024-02-29 23:59:59'), (2, '"É"', 1e300, 7, '1999-12-31 00:00:00'), (3, '5', 2, null, null);`

const generated = `select attname, pg_get_expr(adbin, adrelid) from pg_attribute a join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where attgenerated = 's' and attrelid = 'item'::regclass order by attnum`

test('generated columns are generated, each in its place, and the rest is plain data and listed', async () => {
  await using at = await rig(shop)
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'done', error: null })
  expect((await at.rows(generated)).map(([name]) => name)).toEqual(['total', 'label', 'half', 'day', 'cheap'])
  expect(report.notCarried.map(({ object, definition, suggestion }) => [object, definition, suggestion])).toEqual([
    [
      'generated column item.now2',
      "datetime(at, '+1 day')",
      expect.stringMatching(/^GENERATED ALWAYS AS \(.*\) STORED$/),
    ],
    ['generated column item.path', "json_extract(name, '$')", null],
  ])
  expect(await verify(at.input())).toMatchObject({ outcome: 'done' })
  await at.rows(`insert into item (id, name, price, quantity, at) values (9, 'x', 0.7, 3, '2024-03-01 01:00:00')`)
  expect(await at.rows('select * from item where id in (1, 9) order by id')).toEqual([
    [
      '1',
      '"a"',
      '0.1',
      '3',
      '2024-02-29 23:59:59',
      null,
      '0.30000000000000004',
      '"A" x3',
      '"A"',
      '2024-02-29',
      't',
      '2024-03-01 23:59:59',
      'a',
    ],
    [
      '9',
      'x',
      '0.7',
      '3',
      '2024-03-01 01:00:00',
      null,
      '2.0999999999999996',
      'X x3',
      'X x',
      '2024-03-01',
      't',
      null,
      null,
    ],
  ])
})

test('where PostgreSQL comes to other values the column is plain data, and the first difference is told', async () => {
  // Stored when the expression was another one
  await using at =
    await rig(`create table item (id integer primary key, n integer, twice integer as (n * 2) stored, ok integer as (n + 1));
    insert into item (id, n) values (1, 5);`)
  const file = new Database(at.path).unsafeMode()
  file.pragma('writable_schema = on')
  file.exec("update sqlite_schema set sql = replace(sql, 'n * 2', 'n * 3') where name = 'item'")
  file.close()
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'done', error: null, tables: [{ written: 1 }] })
  expect(await at.rows('select id, n, twice, ok from item')).toEqual([['1', '5', '10', '6']])
  expect(await at.rows(generated)).toEqual([])
  expect(report.notCarried).toEqual([
    {
      object: 'generated column item.twice',
      definition: 'n * 3',
      why: expect.stringContaining(
        'PostgreSQL computes other values, first id=1, twice: 10 in SQLite, 15 in PostgreSQL',
      ),
      suggestion: 'GENERATED ALWAYS AS (("n"::bigint * 3)) STORED',
    },
    expect.objectContaining({ object: 'generated column item.ok' }),
  ])
})

test('without a proof, or under an expression that the server refuses, they are plain data', async () => {
  const wide = `create table item (id integer primary key, n integer, twice integer as (n * 2) stored); insert into item (id, n) values (1, 5);`
  await using unproven = await rig(wide)
  expect(await migrate(unproven.input({ verify: 'none' }))).toMatchObject({
    outcome: 'done',
    notCarried: [{ object: 'generated column item.twice' }],
  })
  expect(await unproven.rows(generated)).toEqual([])
})

test('a plan tells them, and rows that do not fit are refused and set aside as ever', async () => {
  await using at =
    await rig(`create table item (id integer primary key, code any unique, twice integer as (id * 2)) strict;
    insert into item (id, code) values (1, 1.0), (2, '1.0'), (3, 'x');`)
  const planned = await plan({ ...at.input(), target: null })
  expect(planned.plan!.tables[0]).toMatchObject({
    casts: [{ column: 'id' }, { column: 'code' }],
    generated: [{ column: 'twice' }],
    expressions: { twice: 'id * 2' },
  })
  expect(await migrate(at.input())).toMatchObject({ outcome: 'refused', notCarried: [] })
  const report = await migrate(at.input({ onBadRow: 'quarantine', quarantineDir: `${at.folder}/aside` }))
  expect(report).toMatchObject({ outcome: 'partial', notCarried: [] })
  expect((await at.rows(generated)).map(([name]) => name)).toEqual(['twice'])
})
