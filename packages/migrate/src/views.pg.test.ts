import { expect, test } from 'vitest'
import { migrate } from './migrate-command.ts'
import { plan } from './plan-command.ts'
import { rig } from '../test/rig.ts'

const shop = `
  create table customer (id integer primary key, name text not null, city text collate nocase, since date);
  create table orders (id integer primary key, customer integer references customer, at datetime, total decimal(10,2), paid boolean);
  insert into customer values (1, 'Ana', 'Paris', '2020-01-31'), (2, 'Bo', null, '2021-02-28'), (3, 'Cé', 'paris', null);
  insert into orders values (1, 1, '2024-01-01 10:00:00', 19.99, 1), (2, 1, '2024-02-01 11:30:00', 5, 0), (3, 2, '2024-02-29 00:00:00', 0.1, 1);`

test('views arrive, in the order in which they need each other, with the same rows', async () => {
  await using at = await rig(`${shop}
    create view late as select * from big where total > 1;
    create view big as select o.id, c.name, o.total, o.at, o.paid, o.total * 2 as twice, c.name like 'a%' as a from orders o join customer c on c.id = o.customer;
    create view "By Month" as select strftime('%Y-%m', at) as month, count(*), sum(total) as total, max(at) as last, avg(id) as mean from orders group by 1 order by 1 desc;
    create view chain as with recursive n(i) as (select 1 union all select i + 1 from n where i < 3) select i, (select name from customer where id = i) as name from n;
    create view odd as select id, row_number() over (order by at desc, id) as place from orders;`)
  const report = await migrate(at.input())
  expect(report.error).toBeNull()
  expect(report.notCarried).toEqual([])
  expect(report.views.toSorted((a, b) => (a.source < b.source ? -1 : 1))).toEqual([
    { source: 'By Month', target: 'By Month', rows: 2, why: null },
    { source: 'big', target: 'big', rows: 3, why: null },
    { source: 'chain', target: 'chain', rows: 3, why: null },
    { source: 'late', target: 'late', rows: 2, why: null },
    { source: 'odd', target: 'odd', rows: 3, why: null },
  ])
  expect(await at.rows('select * from "By Month"')).toEqual([
    ['2024-02', '2', '5.1', '2024-02-29 00:00:00', '2.5'],
    ['2024-01', '1', '19.99', '2024-01-01 10:00:00', '1'],
  ])
  expect(await at.rows('select * from late order by id')).toEqual([
    ['1', 'Ana', '19.99', '2024-01-01 10:00:00', 't', '39.98', '1'],
    ['2', 'Ana', '5.00', '2024-01-01 11:30:00', 'f', '10', '1'].map((value, index) =>
      index === 3 ? '2024-02-01 11:30:00' : value,
    ),
  ])
})

test('a view without a proven form is listed, and so is every view that reads it', async () => {
  await using at = await rig(`${shop}
    create view any_total as select customer, total, count(*) as n from orders group by customer;
    create view upon as select n from any_total;
    create view broken as select * from gone;`)
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'done', views: [] })
  expect(report.notCarried.map(({ object, why }) => [object, why])).toEqual([
    ['view any_total', 'of each group SQLite takes orders.total from a row of its choice'],
    ['view upon', 'it reads any_total, which is not carried'],
    ['view broken', expect.stringContaining('no such table: main.gone')],
  ])
})

test('a view whose rows differ on the data is taken back, with the first difference', async () => {
  // The order of concatenation is open in SQLite; this one follows an index that PostgreSQL does not read
  await using at = await rig(`
    create table word (id integer primary key, w text); create index by_w on word (w desc);
    insert into word values (1, 'a'), (2, 'c'), (3, 'b');
    create view same as select group_concat(w) as all_words from word where id = 1;
    create view open as select group_concat(w, '-') as all_words from (select w from word order by w desc);
    create view upon as select all_words from open;`)
  const report = await migrate(at.input())
  expect(report.outcome).toBe('done')
  const [listed] = report.notCarried
  expect([report.views.map(({ source }) => source), report.notCarried.map(({ object }) => object)]).toEqual(
    listed ? [['same'], ['view open', 'view upon']] : [['same', 'open', 'upon'], []],
  )
  const there = await at.rows(
    "select relname from pg_class where relkind = 'v' and relnamespace = 'public'::regnamespace order by 1",
  )
  expect(there.flat()).toEqual(report.views.map(({ source }) => source).toSorted())
})

test('names follow the options, and a plan tells the views', async () => {
  await using at = await rig(`create table "Big Orders" ("Order ID" integer primary key, "Net" real);
    insert into "Big Orders" values (1, 2.5);
    create view "Net Sums" as select "Order ID", total("Net") as "The Sum" from "Big Orders" group by 1;`)
  const options = { case: 'snake' as const }
  const planned = await plan({ ...at.input(options), target: null })
  expect(planned.report.views).toMatchObject([{ source: 'Net Sums', target: 'net_sums', rows: null }])
  expect(await migrate(at.input(options))).toMatchObject({ outcome: 'done', views: [{ target: 'net_sums', rows: 1 }] })
  expect(await at.rows('select order_id, the_sum from net_sums')).toEqual([['1', '2.5']])
})

test('a rehearsal tries the views and leaves none', async () => {
  await using at = await rig(`${shop} create view v as select name from customer`)
  expect(await migrate({ ...at.input(), rehearse: true })).toMatchObject({ outcome: 'rehearsed', views: [{ rows: 3 }] })
  expect(
    await at.rows("select count(*) from pg_class where relkind = 'v' and relnamespace = 'public'::regnamespace"),
  ).toEqual([['0']])
})

test('rows that were set aside leave nothing to compare a view with', async () => {
  await using at =
    await rig(`create table t (k any unique, n integer) strict; insert into t values (1.0, 1), ('1.0', 2), ('x', 3);
    create view v as select n from t; create view joined as select group_concat(n) as all_n from t`)
  const report = await migrate(at.input({ onBadRow: 'quarantine', quarantineDir: `${at.folder}/aside` }))
  expect(report).toMatchObject({
    outcome: 'partial',
    views: [{ source: 'v', rows: null, why: 'rows were set aside' }],
    notCarried: [{ object: 'view joined', why: expect.stringContaining('order open') }],
  })
})
