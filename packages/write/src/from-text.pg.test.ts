import type { SourceRow } from '@rowferry/introspect'
import { useDatabase } from '@rowferry/vitest-preset/database'
import { supports } from '@rowferry/vitest-preset/features'
import { describe, expect, test } from 'vitest'
import { memorySource } from '../test/memory-source.ts'
import type { Target } from '../test/target.ts'
import { isClean, openTarget, planOf, rowsOf } from '../test/target.ts'
import { writeGuarded } from './guarded.ts'
import type { Reject } from './reject.ts'
import { writeTable } from './write-table.ts'

const database = useDatabase()

async function plain(session: Target, columns: readonly string[], rows: readonly SourceRow[], given = {}) {
  const table = await planOf(session, 't', given)
  return writeTable({ table, source: memorySource(columns, rows), session, freeze: true })
}

async function guarded(session: Target, columns: readonly string[], rows: readonly SourceRow[], given = {}) {
  const rejects: Reject[] = []
  const written = await writeGuarded({
    table: await planOf(session, 't', given),
    source: memorySource(columns, rows),
    session,
    onReject: (reject) => void rejects.push(reject),
  })
  return { written, named: rejects.map(({ row, column, code, reason }) => [row, column, code, reason]) }
}

const EVERY: readonly [declared: string, stored: string | number, arrives: string][] = [
  ['inet', '2001:DB8::1', '2001:db8::1'],
  ['cidr', '10.0.0.0/8', '10.0.0.0/8'],
  ['macaddr', '08-00-2B-01-02-03', '08:00:2b:01:02:03'],
  ['macaddr8', '08:00:2b:01:02:03:04:05', '08:00:2b:01:02:03:04:05'],
  ['bit(3)', 101, '101'],
  ['varbit(4)', '11', '11'],
  ['bit(3)[]', '{101,110}', '{101,110}'],
  ['xml', '<a>é</a>', '<a>é</a>'],
  ['tsvector', 'b a', "'a' 'b'"],
  ['tsquery', 'a&b', "'a' & 'b'"],
  ['point', '(1.5,2)', '(1.5,2)'],
  ['polygon', '((0,0),(1,1),(1,0))', '((0,0),(1,1),(1,0))'],
  ['int4range', '[1,5]', '[1,6)'],
  ['datemultirange', '{[2024-01-01,2024-01-02]}', '{[2024-01-01,2024-01-03)}'],
  ['money', '1234.5', '$1,234.50'],
  ['money', -2, '-$2.00'],
  ['timetz(3)', '12:30:00.5Z', '12:30:00.5+00'],
  ['jsonpath', '$.a', '$."a"'],
  ['pg_lsn', '16/B374D848', '16/B374D848'],
  ['"char"', 'x', 'x'],
  ['inet[]', '{::1,10.0.0.1}', '{::1,10.0.0.1}'],
  ['address', '(Paris,10.0.0.1)', '(Paris,10.0.0.1)'],
  ['host', '10.0.0.1', '10.0.0.1'],
  ['host[]', '{10.0.0.1}', '{10.0.0.1}'],
  ['short', '10', '10'],
]
const TYPES = EVERY.filter(([type]) => type !== 'datemultirange' || supports('multiranges'))
const MADE =
  'create type address as (city text, ip inet); create domain host as inet check (masklen(value) = 32); create domain short as varbit(2)'

test('every type without an encoder is made by its own input function', async () => {
  const columns = ['id', ...TYPES.map((_, i) => `c ${i}`)]
  await using session = await openTarget(
    database.url,
    `${MADE}; create table t (id int generated always as identity primary key, ${TYPES.map(([type], i) => `"c ${i}" ${type}`).join(', ')})`,
  )
  const rows = [
    [1, ...TYPES.map(([, stored]) => stored)],
    [2, ...TYPES.map(() => null)],
  ]
  expect(await plain(session, columns, rows)).toMatchObject({ outcome: 'written', read: 2, written: 2, kept: 0 })
  await session.query("set local lc_monetary = 'C'")
  const [arrived] = await rowsOf(session, 'select * from public.t where id = 1')
  expect(arrived).toEqual(['1', ...TYPES.map(([, , text]) => text)])
  expect(await rowsOf(session, "select relname from pg_class where relpersistence = 't'")).toEqual([])
})

const REFUSED: readonly [declared: string, stored: string, reason: string][] = [
  ['inet', '999.1.1.1', 'invalid input syntax for type inet: "999.1.1.1"'],
  ['tsquery', 'a b', 'syntax error in tsquery: "a b"'],
  ['ltree', 'a..b', 'ltree syntax error at character 3'],
  ['ltree', 'x'.repeat(1001), 'label string is too long'],
  ['hstore', 'a', 'syntax error in hstore|Unexpected end of string'],
  ['regclass', 'nothing.here', 'schema "nothing" does not exist'],
  ['int4range', '[5,1]', 'range lower bound must be less than or equal to range upper bound'],
  ['xml', '<a>', 'invalid XML content'],
  ['inet[]', '["10.0.0.1"]', 'malformed array literal'],
]

test.each(REFUSED)('%s refuses text number %#, and the column is named', async (type, stored, reason) => {
  await using session = await openTarget(
    database.url,
    `create extension if not exists ltree; create extension if not exists hstore; create table t (id int primary key, v ${type})`,
  )
  const { written, named } = await guarded(
    session,
    ['id', 'v'],
    [
      [1, null],
      [2, stored],
      [3, null],
    ],
  )
  expect(written).toMatchObject({ read: 3, written: 2, rejected: 1 })
  expect(named).toEqual([['id=2', 'v', 'SERVER_REFUSED', expect.stringMatching(reason)]])
})

test.each([
  ['bit(3)', '1011', { outcome: 'misfit', code: 'WRONG_LENGTH' }],
  ['varbit(3)', '1011', { outcome: 'misfit', code: 'WRONG_LENGTH' }],
  ['bit(3)[]', '{101,1011}', { outcome: 'rejected' }],
  ['short', '101', { outcome: 'misfit', code: 'WRONG_LENGTH' }],
])('%s is never cut: %s is refused', async (type, stored, refused) => {
  await using session = await openTarget(database.url, `${MADE}; create table t (id int, v ${type})`)
  expect(await plain(session, ['id', 'v'], [[1, stored]])).toMatchObject(refused)
  expect(await isClean(session)).toBe(true)
})

describe('among many rows', () => {
  const rows = Array.from({ length: 2500 }, (_, i): SourceRow => [
    i + 1,
    `10.0.${i >> 8}.${i & 255}`,
    '08:00:2b:01:02:03',
  ])
  rows[1204] = [1205, '10.0.0.256', '08:00:2b:01:02:03']
  rows[2000] = [2001, '::1', '08:00:2b:01:02:0g']
  const sql = 'create table t (id int primary key, v inet unique, b macaddr)'

  test('the bad ones are isolated, all others go in', async () => {
    await using session = await openTarget(database.url, sql)
    const { written, named } = await guarded(session, ['id', 'v', 'b'], rows)
    expect(written).toMatchObject({ read: 2500, written: 2498, kept: 0, rejected: 2 })
    expect(named).toEqual([
      ['id=1205', 'v', 'SERVER_REFUSED', 'invalid input syntax for type inet: "10.0.0.256"'],
      ['id=2001', 'b', 'SERVER_REFUSED', 'invalid input syntax for type macaddr: "08:00:2b:01:02:0g"'],
    ])
    expect(await rowsOf(session, 'select count(*) from public.t')).toEqual([['2498']])
  })

  test('the plain way ends at the first', async () => {
    await using session = await openTarget(database.url, sql)
    expect(await plain(session, ['id', 'v', 'b'], rows)).toMatchObject({
      outcome: 'rejected',
      error: { code: '22P02' },
    })
  })
})

describe.each(['skip', 'merge'] as const)('%s', (onExisting) => {
  const sql = "create table t (v inet primary key, n bit(2)); insert into t values ('2001:db8::1', '00')"

  test.each([
    ['plain', plain],
    ['guarded', guarded],
  ] as const)('%s: keys meet as what their text means', async (way, write) => {
    await using session = await openTarget(database.url, sql)
    const done = await write(
      session,
      ['v', 'n'],
      [
        ['2001:DB8::1', '11'],
        ['::1', '10'],
      ],
      { onExisting },
    )
    const counts = onExisting === 'skip' ? { written: 1, kept: 1 } : { written: 2, kept: 0 }
    expect('named' in done ? done.written : done).toMatchObject({ read: 2, ...counts })
    expect(await rowsOf(session, 'select v, n from public.t order by v')).toEqual([
      ['::1', '10'],
      ['2001:db8::1', onExisting === 'skip' ? '00' : '11'],
    ])
    expect(way).toBeTypeOf('string')
  })

  test('two spellings of one key in the source are refused', async () => {
    await using session = await openTarget(database.url, sql)
    const { named } = await guarded(
      session,
      ['v', 'n'],
      [
        ['::2', '10'],
        ['0::2', '11'],
      ],
      { onExisting },
    )
    expect(named).toMatchObject([['v=0::2', null, 'UNIQUE_VIOLATION', expect.anything()]])
  })
})

test('a row may name a later one of its own table', async () => {
  await using session = await openTarget(database.url, 'create table t (id inet primary key, up inet references t)')
  const rows = [
    ['::1', '::2'],
    ['::2', '::3'],
    ['::3', null],
    ['::4', '::9'],
  ]
  const { written, named } = await guarded(session, ['id', 'up'], rows)
  expect(written).toMatchObject({ read: 4, written: 3, rejected: 1 })
  expect(named).toMatchObject([['id=::4', null, 'FOREIGN_KEY_VIOLATION', expect.anything()]])
})

test('a trigger that swallows rows is noticed', async () => {
  await using session = await openTarget(
    database.url,
    'create table t (v inet); create function f() returns trigger language plpgsql as $$ begin return null; end $$; create trigger g before insert on t for each row execute function f()',
  )
  await expect(plain(session, ['v'], [['::1']])).rejects.toMatchObject({ code: 'ROWS_LOST' })
})
