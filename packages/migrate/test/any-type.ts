import fc from 'fast-check'
import {
  day,
  fraction,
  clock,
  offset,
  moment,
  zoned,
  decimal,
  whole,
  letters,
  json,
  hex,
  one,
  mostly,
  list,
  bits,
  range,
  number,
} from './any-text.ts'

/** How a value of the type may be lost although PostgreSQL takes its text. */
export type Kind =
  | 'truth'
  | 'integer'
  | 'float4'
  | 'float8'
  | 'numeric'
  | 'decimal'
  | 'money'
  | 'text'
  | 'padded'
  | 'bytes'
  | 'uuid'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamptz'
  | 'interval'
  | 'json'
  | 'jsonb'
  | 'array'
  | 'asked'

export interface Target {
  readonly declared: string
  readonly kind: Kind
  /** Digits behind the second that a type of time keeps. */
  readonly digits: number
  /** Texts that fit or look as if they did. */
  readonly texts: fc.Arbitrary<string>
}

/** The types that are not PostgreSQL's own. */
export const MADE = `
  create extension citext; create extension ltree; create extension hstore;
  create type mood as enum ('calm', 'glad', 'Glad ', 'é日本', '');
  create domain price as numeric(10, 2) check (value >= 0); create domain short as varchar(5) not null default '';
  create domain tags as text[]; create domain host as inet;
  create type pair as (n int, label varchar(5), at date);`

const target = (declared: string, kind: Kind, texts: fc.Arbitrary<string>, digitsKept = 6): Target => ({
  declared,
  kind,
  texts,
  digits: digitsKept,
})
export const TARGETS: readonly Target[] = [
  target(
    'boolean',
    'truth',
    one(
      't',
      'f',
      'true',
      'FALSE',
      'Yes',
      'no',
      'on',
      'off',
      'of',
      '0',
      '1',
      'y',
      'n',
      'tru',
      ' true ',
      'maybe',
      '2',
      '',
    ),
  ),
  ...['smallint', 'integer', 'bigint', 'oid'].map((name) => target(name, 'integer', number)),
  target('real', 'float4', number),
  target('double precision', 'float8', number),
  target('numeric', 'numeric', number),
  ...['numeric(10,2)', 'numeric(20,7)', 'numeric(3,0)', 'price'].map((name) => target(name, 'decimal', number)),
  target(
    'money',
    'money',
    mostly(
      decimal,
      one('$12.50', '12,50', '1,234.50', '-12', '(12.00)', '92233720368547758.07', '92233720368547758.08'),
    ),
  ),
  ...['text', 'citext', 'varchar', 'varchar(5)', 'name', 'short'].map((name) =>
    target(
      name,
      'text',
      mostly(
        letters,
        one('abcde', 'abcdef', 'ab   ', '     ', 'ab      ', 'x'.repeat(63), 'x'.repeat(64), 'é'.repeat(32)),
      ),
    ),
  ),
  target('mood', 'text', mostly(one('calm', 'glad', 'Glad ', 'é日本', ''), one('Calm', 'glad ', 'Glad', 'sad'))),
  ...['char(5)', 'bpchar', '"char"'].map((name) =>
    target(
      name,
      name === 'char(5)' ? 'padded' : 'text',
      mostly(letters, one('a', 'ab   ', '      ', 'abcdef', '\\101', '')),
    ),
  ),
  target('bytea', 'bytes', mostly(letters, one('\\x00ff', '', '\\000', 'a\\b'))),
  target(
    'uuid',
    'uuid',
    fc
      .tuple(hex(4), hex(2), hex(2), hex(2), hex(6), fc.constantFrom('-', '', '{'))
      .map(([a, b, c, d, e, how]) =>
        how === '' ? a + b + c + d + e : how === '-' ? [a, b, c, d, e].join('-') : `{${[a, b, c, d, e].join('-')}}`,
      ),
  ),
  target(
    'date',
    'date',
    fc.oneof(
      day,
      day,
      moment,
      zoned,
      one(
        '2024-02-30',
        '1900-02-29',
        '0000-01-01',
        '0044-03-15 BC',
        '20240102',
        '170416',
        '01/02/2024',
        'now',
        'today',
        'infinity',
        '-infinity',
        'epoch',
        '5874897-12-31',
        '5874898-01-01',
        '10000-01-01',
        '2024-1-2',
        '2024-002',
        'Jan 2 2024',
        'J2460311',
        '2024-01-02 00:00:00',
        '2024-01-02T00:00',
      ),
    ),
  ),
  ...(
    [
      ['time', 6],
      ['time(2)', 2],
      ['time(0)', 0],
    ] as const
  ).map(([name, kept]) =>
    target(
      name,
      'time',
      fc.oneof(
        clock,
        clock,
        fc.tuple(clock, offset).map((parts) => parts.join('')),
        one(
          '24:00:00',
          '23:59:60',
          '12:30',
          '1:2:3',
          '030405',
          'T03:04:05',
          'allballs',
          'now',
          '12:30 PM',
          '04:05:06.789-8',
          '2024-01-02 03:04:05',
        ),
      ),
      kept,
    ),
  ),
  target(
    'timetz',
    'asked',
    fc.oneof(
      fc.tuple(clock, offset).map((parts) => parts.join('')),
      clock,
      one('now', 'allballs', '12:30:00+02:30:15', '24:00:00+00', '2024-01-02 03:04:05 Europe/Paris', '12:30 PM +02'),
    ),
  ),
  ...(
    [
      ['timestamp', 6],
      ['timestamp(3)', 3],
      ['timestamp(0)', 0],
    ] as const
  ).map(([name, kept]) =>
    target(
      name,
      'timestamp',
      fc.oneof(
        moment,
        moment,
        moment,
        zoned,
        day,
        one(
          'now',
          'infinity',
          'epoch',
          '294276-12-31 23:59:59.999999',
          '294277-01-01 00:00:00',
          '2024-01-02 24:00:00',
          '2024-12-31 23:59:60',
          '20240102T030405',
          '2024-01-02 3:4:5',
          '+012024-01-02T03:04:05',
          '4713-01-01 00:00:00 BC',
        ),
      ),
      kept,
    ),
  ),
  ...(
    [
      ['timestamptz', 6],
      ['timestamptz(2)', 2],
    ] as const
  ).map(([name, kept]) =>
    target(
      name,
      'timestamptz',
      fc.oneof(
        zoned,
        zoned,
        zoned,
        moment,
        day,
        one(
          'now',
          'infinity',
          '2024-01-02 03:04:05 EST',
          '294276-12-31 23:59:59.999999Z',
          '0001-01-01 00:00:00+01',
          '2024-01-02Z',
          '2024-03-31 02:30:00 Europe/Paris',
          '20240102T030405Z',
        ),
      ),
      kept,
    ),
  ),
  ...(
    [
      ['interval', 6],
      ['interval(2)', 2],
      ['interval day to second', 6],
    ] as const
  ).map(([name, kept]) =>
    target(
      name,
      'interval',
      fc.oneof(
        fc
          .tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -99, max: 99 }), clock)
          .map(([y, d, c]) => `${y} years ${d} days ${c}`),
        fc.tuple(fc.nat(9), fc.nat(40), fc.nat(99), fraction).map(([y, d, s, f]) => `P${y}Y${d}DT${s}${f}S`),
        one(
          '1 day',
          '-1 day +02:03:04',
          '1 day ago',
          '@ 1 hour',
          '1-2',
          '1 2:03:04',
          'P1W',
          '-P1Y2M',
          'P-1Y',
          'P0.5Y',
          '1.5 days',
          'PT1H',
          'PT0.0000001S',
          '12:30',
          '5',
          'infinity',
          '1 mon -1 days',
          '-00:00:01.000001',
          '1 fortnight',
          '178956970 years',
          '1 week',
          '1:02',
          '1 year 2 mons 3 days 04:05:06.789',
        ),
      ),
      kept,
    ),
  ),
  target('json', 'json', json),
  target('jsonb', 'jsonb', json),
  target('integer[]', 'array', list(fc.integer({ min: -99, max: 99 }).map(String), false)),
  target(
    'bigint[]',
    'array',
    list(
      whole.map((item) => item.trim()),
      false,
    ),
  ),
  target('numeric[]', 'array', list(decimal, false)),
  target('text[]', 'array', list(letters, true)),
  target('tags', 'array', list(letters, true)),
  target('date[]', 'array', list(day, true)),
  target('timestamptz[]', 'array', list(zoned, true)),
  target('boolean[]', 'array', list(one('t', 'f', 'true', 'no', '1', '2'), true)),
  target('uuid[]', 'array', list(fc.uuid(), true)),
  target('mood[]', 'array', list(one('calm', 'glad', 'Glad', 'é日本'), true)),
  ...['inet', 'host'].map((name) =>
    target(
      name,
      'asked',
      mostly(
        fc.ipV4(),
        one('::1', '2001:DB8:0::1', '10.0.0.1/8', '10.1', '::ffff:1.2.3.4', '1.2.3.4/33', 'fe80::1%eth0', '10.0.0.0/8'),
      ),
    ),
  ),
  target(
    'cidr',
    'asked',
    mostly(
      fc.tuple(fc.nat(255), fc.nat(255), fc.integer({ min: 8, max: 33 })).map(([a, b, n]) => `${a}.${b}.0.0/${n}`),
      one('10', '10.1/16', '10.0.0.1/8', '::1', '2001:db8::/32'),
    ),
  ),
  target(
    'macaddr',
    'asked',
    mostly(
      fc.tuple(hex(1), hex(2), hex(3)).map(([a, b, c]) => `${a}${b}${c}`.replaceAll(/(..)(?=.)/g, '$1:')),
      one('08002b:010203', '08-00-2b-01-02-03', '0800.2b01.0203', '08002b010203', '08:00:2b:01:02'),
    ),
  ),
  target('macaddr8', 'asked', one('08:00:2b:01:02:03:04:05', '08:00:2b:01:02:03', '08002b0102030405')),
  target('bit(3)', 'asked', mostly(bits(3, 3), bits(0, 5))),
  target('varbit(4)', 'asked', mostly(bits(0, 4), one('10101', 'B101', 'xF', 'x1F'))),
  target('varbit', 'asked', mostly(bits(0, 9), one('X1F', 'B1', '012'))),
  target('bit(3)[]', 'asked', list(bits(2, 4), false)),
  target('ltree', 'asked', one('Top.Science', 'a', 'a.b.c', '', 'a..b', 'A_1.b', 'a b', 'é.b', '.a')),
  target(
    'hstore',
    'asked',
    mostly(
      fc
        .tuple(letters, letters)
        .map(([k, v]) => `"${k.replaceAll(/["\\]/g, '\\$&')}"=>"${v.replaceAll(/["\\]/g, '\\$&')}"`),
      one('a=>1, b=>NULL', 'a=>1,a=>2', '"a"=>"1", a=>2', '', 'a', 'a=>"NULL"', '"b"=>"2", "a"=>"1"'),
    ),
  ),
  target(
    'xml',
    'asked',
    one(
      '<a/>',
      '<a>é</a>',
      'text',
      '<a',
      '<?xml version="1.0"?><a/>',
      '<?xml version="1.0" encoding="UTF-8"?><a/>',
      '<?xml version="1.0" encoding="latin1"?><a>é</a>',
      '',
      '<a b="1"/><c/>',
      '&amp;',
      '<a></a>',
    ),
  ),
  target('tsvector', 'asked', mostly(letters, one("'a':1 'b'", 'b a a:2', "a:1A,2B 'c d'", 'a:99999', "it''s"))),
  target('tsquery', 'asked', one("'a' & 'b'", 'a | b', 'a &', '!a', 'a <-> b', 'a:*B', '')),
  target(
    'point',
    'asked',
    mostly(
      fc.tuple(decimal, decimal).map(([x, y]) => `(${x},${y})`),
      one('1,2', '(1,2', '1.50,-0', '(NaN,1)', '(Infinity,0)', '1e400,0'),
    ),
  ),
  target('box', 'asked', one('(1,2),(0,0)', '(0,0),(1,2)', '1,2,3,4', '(1,2)')),
  target('int4range', 'asked', range(fc.integer({ min: -99, max: 99 }).map(String))),
  target('numrange', 'asked', range(decimal)),
  target('daterange', 'asked', range(day)),
  target('tsrange', 'asked', range(fc.oneof(moment, day, zoned))),
  target('tstzrange', 'asked', range(fc.oneof(zoned, moment))),
  target('int4range[]', 'asked', list(range(fc.nat(9).map(String)), true)),
  target('inet[]', 'asked', list(fc.ipV4(), false)),
  target(
    'pair',
    'asked',
    mostly(
      fc.tuple(fc.nat(99), letters, day).map(([n, l, d]) => `(${n},"${l.replaceAll(/["\\]/g, '\\$&')}",${d})`),
      one(
        '(1,a,2024-01-02)',
        '(,,)',
        '(1,abcdef,)',
        '(1,a ,)',
        '(1,a,now)',
        '(1,a)',
        '(1,a,170416)',
        '( 7 ,x,2024-01-02)',
      ),
    ),
  ),
  target('pg_lsn', 'asked', one('16/B374D848', '0/0', 'G/1', '016/b374d848')),
  target('jsonpath', 'asked', one('$.a', '$."a"', 'strict $.a[*]', '$.', '')),
]
