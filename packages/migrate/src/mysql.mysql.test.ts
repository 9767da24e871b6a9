import { needsMysql } from '@rowferry/vitest-preset/mysql'
import { expect, test } from 'vitest'
import { mysqlRig } from '../test/mysql-rig.ts'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'
import { verify } from './verify-command.ts'

needsMysql()

/** Each type of MySQL at its edges: how it is declared, what is stored, what PostgreSQL makes of it as `type: text`. */
const kinds: readonly (readonly [
  declared: string,
  values: readonly string[],
  type: string,
  texts: readonly string[],
])[] = [
  ['tinyint', ['-128', '127'], 'smallint', ['-128', '127']],
  ['tinyint unsigned', ['0', '255'], 'smallint', ['0', '255']],
  ['tinyint(1)', ['0', '1'], 'boolean', ['f', 't']],
  ['tinyint(1)', ['0', '2'], 'smallint', ['0', '2']],
  ['smallint', ['-32768', '32767'], 'smallint', ['-32768', '32767']],
  ['smallint unsigned', ['0', '65535'], 'integer', ['0', '65535']],
  ['mediumint', ['-8388608', '8388607'], 'integer', ['-8388608', '8388607']],
  ['mediumint unsigned', ['0', '16777215'], 'integer', ['0', '16777215']],
  ['int', ['-2147483648', '2147483647'], 'integer', ['-2147483648', '2147483647']],
  ['int(5) unsigned zerofill', ['0', '4294967295'], 'bigint', ['0', '4294967295']],
  [
    'bigint',
    ['-9223372036854775808', '9223372036854775807'],
    'bigint',
    ['-9223372036854775808', '9223372036854775807'],
  ],
  [
    'bigint unsigned',
    ['9007199254740993', '9223372036854775807'],
    'bigint',
    ['9007199254740993', '9223372036854775807'],
  ],
  ['bigint unsigned', ['0', '18446744073709551615'], 'numeric(20,0)', ['0', '18446744073709551615']],
  [
    'decimal(65,30)',
    [`'${'9'.repeat(35)}.${'9'.repeat(30)}'`, `'-0.${'0'.repeat(29)}1'`],
    'numeric(65,30)',
    [`${'9'.repeat(35)}.${'9'.repeat(30)}`, `-0.${'0'.repeat(29)}1`],
  ],
  ['decimal(10,2)', ['0', '-99999999.99'], 'numeric(10,2)', ['0.00', '-99999999.99']],
  ['float', ['3.14', '-3.4e38'], 'real', ['3.14', '-3.4e+38']],
  ['float', ['16777217', '1e-40'], 'real', ['1.6777216e+07', '1e-40']],
  ['double', ['5e-324', '1.7976931348623157e308'], 'double precision', ['5e-324', '1.7976931348623157e+308']],
  ['double', ['0.1e0+0.2e0', '1/3e0'], 'double precision', ['0.30000000000000004', '0.3333333333333333']],
  ['bit', ["b'0'", "b'1'"], 'boolean', ['f', 't']],
  ['bit(10)', ["b'101'", "b'1111111111'"], 'bit(10)', ['0000000101', '1111111111']],
  ['bit(64)', ['1', '18446744073709551615'], 'bit(64)', [`${'0'.repeat(63)}1`, '1'.repeat(64)]],
  ['year', ['1901', '2155'], 'smallint', ['1901', '2155']],
  ['date', ["'1000-01-01'", "'9999-12-31'"], 'date', ['1000-01-01', '9999-12-31']],
  [
    'datetime',
    ["'1000-01-01 00:00:00'", "'9999-12-31 23:59:59'"],
    'timestamp(0) without time zone',
    ['1000-01-01 00:00:00', '9999-12-31 23:59:59'],
  ],
  [
    'datetime(6)',
    ["'2024-02-29 23:59:59.999999'", "'1969-12-31 23:59:59.000001'"],
    'timestamp(6) without time zone',
    ['2024-02-29 23:59:59.999999', '1969-12-31 23:59:59.000001'],
  ],
  [
    'timestamp(3) null',
    ["'1970-01-01 00:00:01'", "'2038-01-19 03:14:07.999'"],
    'timestamp(3) with time zone',
    ['1970-01-01 00:00:01+00', '2038-01-19 03:14:07.999+00'],
  ],
  ['time(6)', ["'00:00:00'", "'23:59:59.999999'"], 'time(6) without time zone', ['00:00:00', '23:59:59.999999']],
  ['time(6)', ["'-838:59:59.999999'", "'838:59:59.999999'"], 'interval(6)', ['-838:59:59.999999', '838:59:59.999999']],
  ['char(10)', ["'a '", "''"], 'character varying(10)', ['a', '']],
  ['varchar(10)', ["'a '", "'😀'"], 'character varying(10)', ['a ', '😀']],
  ['varchar(10) character set latin1', ["'é€'", "'ÿ'"], 'character varying(10)', ['é€', 'ÿ']],
  ['varchar(10) character set utf16', ["'é😀'", "'漢'"], 'character varying(10)', ['é😀', '漢']],
  ['tinytext', ["'x'", "''"], 'text', ['x', '']],
  ['longtext', [String.raw`'line\nbreak'`, "repeat('ä', 70000)"], 'text', ['line\nbreak', 'ä'.repeat(70_000)]],
  ['binary(3)', ["x'01'", "x'010203'"], 'bytea', [String.raw`\x010000`, String.raw`\x010203`]],
  ['varbinary(3)', ["x''", "x'00ff'"], 'bytea', [String.raw`\x`, String.raw`\x00ff`]],
  [
    'longblob',
    ["x'ff00'", "repeat(x'07', 70000)"],
    'bytea',
    [String.raw`\xff00`, String.raw`\x${'07'.repeat(70_000)}`],
  ],
  ["enum('b','a','it''s')", ["'a'", "'it''s'"], 'text', ['a', "it's"]],
  ["set('x','y','z')", ["''", "'x,z'"], 'text', ['', 'x,z']],
  ['json', [`'{"a": [1, 2.5, null]}'`, "'null'"], 'jsonb', ['{"a": [1, 2.5, null]}', 'null']],
  [
    'point',
    ["st_geomfromtext('POINT(1 2)')", 'null'],
    'bytea',
    [String.raw`\x0101000000000000000000f03f0000000000000040`, 'null'],
  ],
]

test('every type arrives exactly, at both of its ends and as NULL', async () => {
  const columns = kinds.map(([declared], at) => `c${at} ${declared}`)
  const row = (at: 0 | 1): string => kinds.map(([, values]) => values[at]).join(', ')
  await using crossing = await mysqlRig(
    `create table kinds (id int auto_increment primary key, ${columns.join(', ')}, nothing int);
     insert into kinds values (1, ${row(0)}, null), (5, ${row(1)}, null), (7, ${kinds.map(() => 'null').join(', ')}, null);`,
  )
  const report = await migrate(crossing.input())
  expect(report.error).toBeNull()
  expect(report.tables).toMatchObject([{ read: 3, written: 3, rejected: 0, verdict: 'equal' }])
  const types = await crossing.rows(
    `select format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'kinds'::regclass and attnum > 1 order by attnum`,
  )
  expect(types.map(([type]) => type).slice(0, -1)).toEqual(kinds.map(([, , type]) => type))
  const stored = await crossing.rows(`select ${kinds.map((_, at) => `c${at}`).join(', ')} from kinds order by id`)
  const told = (at: 0 | 1) =>
    kinds.map(([, , , texts]) => (texts[at] === 'null' && !texts[0]!.startsWith('{') ? null : texts[at]))
  expect(stored).toEqual([told(0), told(1), kinds.map(() => null)])
  expect(await crossing.rows('insert into kinds (c0) values (1) returning id')).toEqual([['8']])
  expect((await verify(crossing.input())).tables).toMatchObject([{ verdict: 'different', extra: 1 }])
})

const shop = `
  create table customers (id bigint unsigned auto_increment primary key, email varchar(100) not null, state enum('new','old') not null default 'new',
    active tinyint(1) not null default 1, created timestamp null default current_timestamp, note text comment 'what was said',
    unique key by_email (email), key by_note (note(20))) comment 'who buys';
  create table orders (id int auto_increment primary key, customer bigint unsigned not null, total decimal(10,2) not null check (total >= 0),
    twice decimal(12,2) generated always as (total * 2) stored, placed datetime not null,
    constraint buyer foreign key (customer) references customers (id) on delete cascade);
  insert into customers (email, state, active, created, note) values ('a@x', 'new', 1, '2024-03-01 10:00:00', null), ('b@x', 'old', 0, null, 'hi');
  insert into orders (customer, total, placed) values (1, 9.99, '2024-03-01 11:00:00'), (2, 0, '2024-03-02 12:30:00');
`

test('a schema is created with what belongs to it', async () => {
  await using crossing = await mysqlRig(shop)
  const report = await migrate(crossing.input())
  expect(report.outcome).toBe('done')
  const facts = await crossing.rows(`
    select conname::text || ': ' || pg_get_constraintdef(oid, true) from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n' order by 1`)
  expect(facts.flat()).toEqual([
    'buyer: FOREIGN KEY (customer) REFERENCES customers(id) ON DELETE CASCADE',
    'by_email: UNIQUE (email)',
    'customers_pkey: PRIMARY KEY (id)',
    "customers_state_check: CHECK (state = ANY (ARRAY['new'::text, 'old'::text]))",
    'orders_pkey: PRIMARY KEY (id)',
    'orders_total_check: CHECK (total >= 0::numeric)',
  ])
  expect(
    await crossing.rows(`select obj_description('customers'::regclass), col_description('customers'::regclass, 6)`),
  ).toEqual([['who buys', 'what was said']])
  expect(
    await crossing.rows(`insert into orders (customer, total, placed) values (1, 2.5, now()) returning id, twice`),
  ).toEqual([['3', '5.00']])
  expect(await crossing.rows(`insert into customers (email) values ('c') returning state, active`)).toEqual([
    ['new', 't'],
  ])
  expect(await crossing.rows(`select indexdef from pg_indexes where indexname = 'by_note'`)).toEqual([
    [expect.stringContaining(`"left"(note, 20)`)],
  ])
})

test('into tables that are there: their types decide, and instants stay instants', async () => {
  await using crossing = await mysqlRig(
    shop,
    `create type state as enum ('new', 'old');
     create table customers (id bigint primary key, email text, state state not null, active boolean, created timestamptz, note varchar(10));
     create table orders (id bigint primary key, customer bigint references customers, total numeric(20,4), twice numeric, placed timestamptz)`,
  )
  const refused = await migrate(crossing.input())
  expect(refused.findings.map(({ code }) => code)).toContain('TIMEZONE_NEEDED')
  const report = await migrate(crossing.input({ timezone: 'Europe/Paris' }))
  expect(report.error).toBeNull()
  expect(report.tables.map(({ verdict }) => verdict)).toEqual(['equal', 'equal'])
  expect(await crossing.rows('select created, state, active from customers order by id')).toEqual([
    ['2024-03-01 10:00:00+00', 'new', 't'],
    [null, 'old', 'f'],
  ])
  expect(await crossing.rows('select placed, total from orders order by id')).toEqual([
    ['2024-03-01 10:00:00+00', '9.9900'],
    ['2024-03-02 11:30:00+00', '0.0000'],
  ])
})

test('zero dates and enums without a label are refused by name, and settled by name', async () => {
  await using crossing = await mysqlRig(`
    create table events (id int primary key, day date not null, at datetime, stamp timestamp null, kind enum('a','b') not null);
    insert into events values (1, '0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00', 'a'), (2, '2024-05-06', '2024-05-06 01:02:03', null, 'no such');
  `)
  const refused = await migrate(crossing.input())
  expect(refused.outcome).toBe('refused')
  const said = JSON.stringify(refused.findings)
  for (const word of ['events.day', 'events.at', 'events.stamp', '0000-00-00', 'zero']) expect(said).toContain(word)
  expect(await crossing.rows(`select to_regclass('events')`)).toEqual([[null]])
  await crossing.run("alter table events modify day date null; update events set kind = 'b' where id = 2")
  const report = await migrate(crossing.input({ zeroDateAsNull: ['events.*'] }))
  expect(report.error).toBeNull()
  expect(await crossing.rows('select * from events order by id')).toEqual([
    ['1', null, null, null, 'a'],
    ['2', '2024-05-06', '2024-05-06 01:02:03', null, 'b'],
  ])
})

test('a key of enums, a table without a key, a partitioned one and a reference that meets nobody', async () => {
  await using crossing = await mysqlRig(`
    create table keyed (kind enum('z','a') primary key, n int); insert into keyed values ('a', 2), ('z', 1);
    create table keyless (a int, b text); insert into keyless values (1, 'x'), (1, 'x'), (2, null);
    create table parts (id int primary key, v int) partition by hash(id) partitions 3; insert into parts values (1, 1), (2, 2), (3, 3);
    create table parent (id int primary key); create table child (id int primary key, parent int, foreign key (parent) references parent (id));
    insert into child values (1, 99), (2, null);
  `)
  const refused = await migrate(crossing.input())
  expect(JSON.stringify(refused.findings)).toContain('id=1')
  await crossing.run('set foreign_key_checks = 0; update child set parent = null')
  const report = await migrate(crossing.input())
  expect(report.error).toBeNull()
  expect(Object.fromEntries(report.tables.map(({ target, written, verdict }) => [target, [written, verdict]]))).toEqual(
    {
      keyed: [2, 'equal'],
      keyless: [3, 'equal'],
      parent: [0, 'equal'],
      parts: [3, 'equal'],
      child: [2, 'equal'],
    },
  )
  expect(await crossing.rows('select count(*) from keyless where a = 1')).toEqual([['2']])
})

test('what changed in the target afterwards is found', async () => {
  await using crossing = await mysqlRig(shop)
  await migrate(crossing.input())
  await crossing.rows(`update customers set created = created + interval '1 s' where id = 1`)
  const report = await verify(crossing.input())
  expect(report.outcome).toBe('different')
  expect(report.tables.find(({ source }) => source.endsWith('customers'))).toMatchObject({
    verdict: 'different',
    mismatches: [{ key: 'id=1', column: 'created' }],
  })
})

test('the same data in SQLite and in MySQL becomes the same in PostgreSQL', async () => {
  const rows = [
    `insert into artists values (1, 'AC/DC'), (2, 'Motörhead'), (3, 'O''Brien; 漢字 😀');`,
    `insert into albums values (10, 1, 'Back in Black', 8.99, '1980-07-25 00:00:00'), (11, 2, 'Ace\nof Spades', 0.10, null), (12, 3, '', 99999999.99, '2024-02-29 23:59:59');`,
  ].join('\n')
  const tables = (text: string, moment: string): string =>
    `create table artists (id integer primary key, name ${text} not null);
     create table albums (id integer primary key, artist integer not null references artists (id), title ${text} not null, price decimal(10,2) not null, made ${moment});`
  await using inMysql = await mysqlRig(`${tables('varchar(120)', 'datetime')} ${rows}`)
  await using inSqlite = await rig(`${tables('text', 'datetime')} ${rows}`)
  const { target } = inMysql.input()
  expect((await migrate(inMysql.input())).outcome).toBe('done')
  const report = await verify({ ...inSqlite.input(), target })
  expect(report.findings.filter(({ severity }) => severity === 'refuse')).toEqual([])
  expect(report.tables.map(({ verdict }) => verdict)).toEqual(['equal', 'equal'])
})
