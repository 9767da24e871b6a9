import type { CrossingOptionsInput } from '@rowferry/migrate'
import type { Random } from './random.ts'

/** A source to be crossed before it is damaged; its rows come from the numbers given. */
export interface Specimen {
  readonly name: string
  readonly source: (numbers: Random) => string
  /** The tables that are there before; none, and they are created. */
  readonly target?: string
  readonly options?: CrossingOptionsInput
}

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`
const words = [
  '',
  'a',
  'A',
  'a ',
  'ß',
  'naïve',
  '日本',
  '👢',
  "it's",
  'x\ty',
  '0012',
  '1.0',
  'NULL',
  'long '.repeat(60),
]
const two = (value: number): string => String(value).padStart(2, '0')
const day = (r: Random): string => `${1970 + r.below(80)}-${two(1 + r.below(12))}-${two(1 + r.below(28))}`
const clock = (r: Random): string =>
  `${two(r.below(24))}:${two(r.below(60))}:${two(r.below(60))}${r.pick(['', '.5', '.000001', '.123456'])}`
const hex = (r: Random, bytes: number): string =>
  Array.from({ length: bytes }, () => r.below(256).toString(16).padStart(2, '0')).join('')
const uuid = (r: Random): string => hex(r, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
const json = (r: Random): string =>
  JSON.stringify({ n: r.below(9) / 2, s: r.pick(words), l: [r.below(3), null, { d: true }] })
const maybe = (r: Random, value: string): string => (r.chance(0.15) ? 'null' : value)

function rows(r: Random, table: string, count: number, row: (i: number) => readonly string[]): string {
  return Array.from({ length: count }, (_, i) => `insert into ${table} values (${row(i + 1).join(', ')});`).join('\n')
}

export const specimens: readonly Specimen[] = [
  {
    name: 'every declared type, created',
    source: (r) => `
      create table stored (id integer primary key autoincrement, i integer, r real, t text not null, b blob, n numeric(10,2), yes boolean,
        d date, at datetime, j json, u uuid, untyped);
      create table child (id integer primary key, of integer not null references stored (id) on delete cascade, note varchar(20) default 'none');
      create index child_of on child (of);
      create view named as select id, t from stored where t <> '';
      ${rows(r, 'stored', 12, (i) => [
        String(i * 3),
        maybe(r, r.pick(['0', '-1', '9223372036854775807', '42'])),
        maybe(r, r.pick(['-0.0', '0.1', '1e300', '2.5'])),
        text(r.pick(words)),
        maybe(r, `x'${hex(r, r.below(9))}'`),
        maybe(r, String(r.below(99_999) / 100)),
        maybe(r, r.pick(['0', '1'])),
        maybe(r, text(day(r))),
        maybe(r, text(`${day(r)} ${clock(r)}`)),
        maybe(r, text(json(r))),
        maybe(r, text(uuid(r))),
        maybe(r, r.pick(['1', "'x'", '2.5'])),
      ])}
      delete from stored where id = 36;
      ${rows(r, 'child', 8, (i) => [String(i), String(3 * (1 + r.below(11))), maybe(r, text(r.pick(words).slice(0, 20)))])}`,
  },
  {
    name: 'every type of PostgreSQL, existing',
    source: (r) => `
      create table every (id integer primary key, i2, i4, i8, f4 real, f8 real, n text, n2 text, b, t text, v text, c text, y blob, u text, d text, tm text,
        ts text, tz text, ms integer, iv text, j text, jb text, e text, a text, at text, ip text, dom integer);
      ${rows(r, 'every', 12, (i) => [
        String(i),
        maybe(r, String(r.below(65_000) - 32_500)),
        maybe(r, String(r.below(4e9) - 2e9)),
        maybe(r, r.pick(['9223372036854775806', '-9007199254740993', '5'])),
        maybe(r, r.pick(['0.5', '-2.25', '1e10'])),
        maybe(r, r.pick(['-0.0', '0.1', '1e-300', '123456.789'])),
        maybe(r, text(r.pick(['1.10', '12345678901234567890.123', '-0.001', '7']))),
        maybe(r, text(`${r.below(9999)}.${two(r.below(100))}`)),
        maybe(r, r.pick(['0', '1', "'true'", "'f'"])),
        maybe(r, text(r.pick(words))),
        maybe(r, text(r.pick(words).slice(0, 30))),
        maybe(r, text(r.pick(words).trim().slice(0, 30))),
        maybe(r, `x'${hex(r, r.below(12))}'`),
        maybe(r, text(uuid(r))),
        maybe(r, text(day(r))),
        maybe(r, text(clock(r))),
        maybe(r, text(`${day(r)} ${clock(r)}`)),
        maybe(r, text(`${day(r)}T${clock(r)}${r.pick(['Z', '+05:30', '-08:00'])}`)),
        maybe(r, String(r.below(2e9) * 1000 + r.below(1000))),
        maybe(r, text(`P${r.below(3)}Y${r.below(12)}M${r.below(40)}DT${r.below(30)}H${r.below(60)}.25S`)),
        maybe(r, text(json(r))),
        maybe(r, text(json(r))),
        maybe(r, text(r.pick(['calm', 'glad', 'Glad ']))),
        maybe(r, text(JSON.stringify([r.below(9), null, r.below(9)]))),
        maybe(r, text(JSON.stringify([r.pick(words), r.pick(words)]))),
        maybe(r, text(`10.0.${r.below(256)}.${r.below(256)}`)),
        maybe(r, String(1 + r.below(9))),
      ])}`,
    target: `
      create type mood as enum ('calm', 'glad', 'Glad '); create domain small as integer check (value < 10);
      create table every (id bigint primary key, i2 smallint, i4 integer, i8 bigint, f4 real, f8 double precision, n numeric, n2 numeric(12,2), b boolean, t text,
        v varchar(40), c char(40), y bytea, u uuid, d date, tm time, ts timestamp, tz timestamptz, ms timestamptz, iv interval, j json, jb jsonb, e mood,
        a integer[], at text[], ip inet, dom small)`,
    options: { epoch: [{ column: 'every.ms', unit: 'ms' }] },
  },
  {
    name: 'composite keys and checks, created',
    source: (r) => `
      create table p (a integer not null, b text not null, c numeric check (c >= 0), primary key (a, b), unique (c));
      create table q (id integer primary key, a integer, b text, n integer not null default 7, doubled integer as (n * 2), constraint n_range check (n between 0 and 100),
        foreign key (a, b) references p (a, b));
      create unique index q_n on q (n, id) where n > 3; create index q_b on q (b desc);
      ${rows(r, 'p', 9, (i) => [String(i % 3), text(`${r.pick(words)}${i}`), maybe(r, String(i * 1.5))])}
      ${rows(r, 'q', 9, (i) => [String(i), 'null', 'null', String(r.below(100))])}
      update q set (a, b) = (select a, b from p where p.a = q.id % 3 limit 1) where id % 4 <> 0;`,
  },
  {
    name: 'WITHOUT ROWID and blob keys, created',
    source: (r) => `
      create table w (k blob not null, t text not null, v real, primary key (k, t)) without rowid;
      create table "Odd ""name" (id text primary key not null, "select" integer unique, 'as' text) without rowid;
      ${rows(r, 'w', 10, (i) => [`x'${hex(r, 3)}${two(i)}'`, text(r.pick(words)), maybe(r, String(r.below(1000) / 8))])}
      ${rows(r, '"Odd ""name"', 8, (i) => [text(`${r.pick(words)}${i}`), maybe(r, String(i)), maybe(r, text(r.pick(words)))])}`,
  },
  {
    name: 'no key, equal rows, created',
    source: (r) => `
      create table log (at text, level integer, said text); create table one (v);
      ${rows(r, 'log', 14, () => [maybe(r, text(day(r))), maybe(r, String(r.below(3))), maybe(r, text(r.pick(words)))])}
      insert into log select * from log limit 3;
      ${rows(r, 'one', 5, () => [String(r.below(3))])}`,
  },
  {
    name: 'self references and cycles, existing',
    source: (r) => `
      create table person (id integer primary key, name text not null, boss integer references person (id), team integer references team (id));
      create table team (id integer primary key, name text, lead integer references person (id));
      ${rows(r, 'team', 3, (i) => [String(i), text(r.pick(words)), maybe(r, String(1 + r.below(9)))])}
      ${rows(r, 'person', 9, (i) => [String(i), text(r.pick(words)), maybe(r, String(1 + r.below(9))), maybe(r, String(1 + r.below(3)))])}`,
    target: `
      create table team (id bigint generated by default as identity primary key, name text, lead bigint);
      create table person (id bigint generated always as identity primary key, name text not null, boss bigint references person deferrable initially deferred,
        team bigint references team deferrable);
      alter table team add constraint team_lead foreign key (lead) references person deferrable initially deferred;
      create index person_boss on person (boss); create unique index team_name_lead on team (name, lead, id) where lead is not null`,
  },
  {
    name: 'triggers, serials and a generated column, existing',
    source: (r) => `
      create table orders (id integer primary key autoincrement, total numeric not null, state text, placed text, code text unique);
      create table lines (id integer primary key, "order" integer not null references orders (id), qty integer, price real);
      ${rows(r, 'orders', 10, (i) => [String(i * 2), String(r.below(9999) / 100), maybe(r, text(r.pick(['OPEN', 'DONE']))), maybe(r, text(`${day(r)} ${clock(r)}`)), maybe(r, text(`c${i}`))])}
      insert into orders (id, total) values (50, 1); delete from orders where id = 50;
      ${rows(r, 'lines', 10, (i) => [String(i), String(2 * (1 + r.below(10))), String(r.below(20)), String(r.below(99) / 4)])}`,
    target: `
      create type state as enum ('open', 'done');
      create table orders (id serial primary key, total numeric(12,2) not null check (total >= 0), state state, placed timestamp, code varchar(10) unique,
        cents bigint generated always as ((total * 100)::bigint) stored);
      create table lines (id bigserial primary key, "order" integer not null references orders on delete cascade, qty integer constraint "some" check (qty >= 0), price double precision);
      create function touch() returns trigger language plpgsql as 'begin return new; end';
      create trigger touch before update on orders for each row execute function touch();
      create trigger off after insert on lines for each row execute function touch(); alter table lines disable trigger off;
      create index lines_order on lines ("order") include (qty)`,
    options: {
      triggers: 'fire',
      map: [
        { column: 'orders.state', from: 'OPEN', to: 'open' },
        { column: 'orders.state', from: 'DONE', to: 'done' },
      ],
    },
  },
  {
    name: 'beside other rows, existing',
    source: (r) => `
      create table a (id integer primary key, v text, n integer not null); create table loose (v text, n real);
      ${rows(r, 'a', 10, (i) => [String(100 + i), maybe(r, text(r.pick(words))), String(r.below(1e6))])}
      ${rows(r, 'loose', 6, () => [text(r.pick(words)), String(r.below(8) / 2)])}`,
    target: `
      create table a (id bigserial primary key, v text, n integer not null, unique (id, n)); create table loose (v text, n double precision);
      insert into a values (1, 'before', 1), (2, null, 2); insert into loose values ('before', 0)`,
    options: { onExisting: 'append' },
  },
  {
    name: 'partitioned and renamed, existing',
    source: (r) => `
      create table Event (Id integer not null, Day text not null, What text, primary key (Id, Day)); create table tag (name text primary key not null, size integer);
      ${rows(r, 'Event', 10, (i) => [String(i), text(`20${two(20 + (i % 4))}-0${1 + r.below(9)}-11`), maybe(r, text(r.pick(words)))])}
      ${rows(r, 'tag', 6, (i) => [text(`${r.pick(words)}${i}`), String(r.below(99))])}`,
    target: `
      create table event (id integer, day date, what text, primary key (id, day)) partition by range (day);
      create table event_old partition of event for values from (minvalue) to ('2022-01-01'); create table event_new partition of event default;
      create table tag (name varchar(400) primary key, size smallint)`,
    options: { case: 'lower' },
  },
]
