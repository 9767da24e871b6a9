import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding, Plan } from '@rowferry/plan'
import { sqlite } from '@rowferry/source-sqlite'
import { supports } from '@rowferry/vitest-preset/features'
import { expect, test } from 'vitest'
import { rig } from '../test/rig.ts'
import { examine } from './examine.ts'
import { migrate } from './migrate-command.ts'
import { crossingOptionsSchema } from './options.ts'
import { plan } from './plan-command.ts'
import { verify } from './verify-command.ts'

/** Declared type, what SQLite holds (as SQL), and what PostgreSQL then prints. */
const EVERY: readonly (readonly [declared: string, stored: string, printed: string])[] = [
  ['inet', "'2001:DB8::1'", '2001:db8::1'],
  ['cidr', "'10.1.0.0/16'", '10.1.0.0/16'],
  ['macaddr', "'08-00-2B-01-02-03'", '08:00:2b:01:02:03'],
  ['macaddr8', "'08002b0102030405'", '08:00:2b:01:02:03:04:05'],
  ['bit(3)', '101', '101'],
  ['bit', "'1'", '1'],
  ['bit varying(5)', "'0110'", '0110'],
  ['ltree', "'Top.Science'", 'Top.Science'],
  ['hstore', "'b=>2, a=>NULL'", '"a"=>NULL, "b"=>"2"'],
  ['xml', '\'<a b="é"/>\'', '<a b="é"/>'],
  ['tsvector', "'the fat cat'", "'cat' 'fat' 'the'"],
  ['tsquery', "'fat & !cat'", "'fat' & !'cat'"],
  ['point', "'(1.50,-2)'", '(1.5,-2)'],
  ['line', "'{1,2,3}'", '{1,2,3}'],
  ['lseg', "'((0,0),(1,1))'", '[(0,0),(1,1)]'],
  ['box', "'((0,0),(1,1))'", '(1,1),(0,0)'],
  ['path', "'[(0,0),(1,1)]'", '[(0,0),(1,1)]'],
  ['polygon', "'((0,0),(1,1),(1,0))'", '((0,0),(1,1),(1,0))'],
  ['circle', "'<(0,0),2>'", '<(0,0),2>'],
  ['int4range', "'[1,5]'", '[1,6)'],
  ['numrange', "'(,1.50]'", '(,1.50]'],
  ['tstzrange', "'[2024-01-01T02:00:00+02:00,)'", '["2024-01-01 00:00:00+00",)'],
  ['int8multirange', "'{[1,2],[2,9]}'", '{[1,10)}'],
  ['money', '1234.5', '$1,234.50'],
  ['timetz', "'12:30:00+02'", '12:30:00+02'],
  ['jsonpath', "'$.a[*]'", '$."a"[*]'],
  ['pg_lsn', "'16/B374D848'", '16/B374D848'],
  ['uuid[]', "'{550e8400-e29b-41d4-a716-446655440000}'", '{550e8400-e29b-41d4-a716-446655440000}'],
  ['inet[]', "'{::1,NULL}'", '{::1,NULL}'],
  ['bit(2)[]', "'{01,10}'", '{01,10}'],
  ['address', '\'(Paris,"10 rue")\'', '(Paris,"10 rue")'],
  ['address[]', '\'{"(Paris,)"}\'', '{"(Paris,)"}'],
  ['host', "'10.0.0.1'", '10.0.0.1'],
  ['code', "'101'", '101'],
  ['citext', "'Ann'", 'Ann'],
]
const TYPES = EVERY.filter(([type]) => !type.endsWith('multirange') || supports('multiranges'))
const MADE = `create extension ltree; create extension hstore; create extension citext;
  create type address as (city text, street text); create domain host as inet not null check (masklen(value) >= 32); create domain code as varbit(3);`
const names = TYPES.map((_, i) => `c${i}`)
const SOURCE = `create table t (id integer primary key, ${names.join(', ')}); insert into t values (1, ${TYPES.map(([, stored]) => stored).join(', ')});
  insert into t (id, c${TYPES.findIndex(([type]) => type === 'host')}) values (2, '::1');`
const TARGET = `${MADE} create table t (id int generated always as identity primary key, ${TYPES.map(([type], i) => `c${i} ${type}`).join(', ')}); create index on t using gist (c${TYPES.findIndex(([type]) => type === 'point')});`

test('every type that only the server reads arrives through its own input, is proven, and the schema stays', async () => {
  await using at = await rig(SOURCE, TARGET)
  const columns =
    "select attname, format_type(atttypid, atttypmod), attidentity from pg_attribute where attrelid = 't'::regclass order by attnum"
  const before = await at.rows(columns)
  const report = await migrate(at.input())
  expect(report.error).toBeNull()
  expect(report).toMatchObject({ outcome: 'done', exitCode: 0, totals: { read: 2, written: 2, rejected: 0 } })
  expect(report.tables).toMatchObject([{ verdict: 'equal' }])
  const [arrived] = await at.rows(
    `select ${names.map((name) => `format('%s', ${name})`).join(', ')} from t where id = 1`,
  )
  expect(arrived).toEqual(TYPES.map(([, , printed]) => printed))
  expect(await at.rows(columns)).toEqual(before)
  expect(await verify(at.input())).toMatchObject({ outcome: 'done', exitCode: 0 })
  await at.rows("update t set c0 = '2001:db8::2' where id = 1")
  const later = await verify(at.input())
  expect(later).toMatchObject({ outcome: 'different', exitCode: 4 })
  expect(later.tables[0]?.mismatches).toMatchObject([
    { kind: 'different', key: 'id=1', column: 'c0', source: '"2001:DB8::1"', target: '"2001:db8::2"' },
  ])
})

const BAD_SOURCE = `create table t (id integer primary key, ip text, path text, flags text);
  insert into t values (1, '::1', 'a.b', '{101}'), (2, '1.2.3.256', 'a', '{1}'), (3, '::1', 'a..b', null), (4, 'host', 'a', '{101}'), (5, '::5', 'b', '{1010}');`
const BAD_TARGET = 'create extension ltree; create table t (id int primary key, ip inet, path ltree, flags bit(3)[]);'

test('what the server refuses is listed whole, column by column, and nothing is written', async () => {
  await using at = await rig(BAD_SOURCE, BAD_TARGET)
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'refused', exitCode: 1 })
  expect(report.findings.map(({ code, column, count, keys }) => [code, column, count, keys])).toEqual([
    ['SERVER_REFUSED', 'ip', 2, ['id=2', 'id=4']],
    ['SERVER_REFUSED', 'path', 1, ['id=3']],
    ['SERVER_REFUSED', 'flags', 2, ['id=2', 'id=5']],
  ])
  expect(await at.rows('select count(*) from t')).toEqual([['0']])
})

test('bad rows go aside, the rest is proven', async () => {
  await using at = await rig(BAD_SOURCE, BAD_TARGET)
  const folder = join(at.folder, 'aside')
  const report = await migrate(at.input({ onBadRow: 'quarantine', quarantineDir: folder }))
  expect(report.error).toBeNull()
  expect(report).toMatchObject({ outcome: 'partial', totals: { read: 5, written: 1, rejected: 4 } })
  const aside = readFileSync(join(folder, 't.ndjson'), 'utf8').trim().split('\n')
  expect(aside.map((line) => JSON.parse(line) as { row: string; column: string })).toMatchObject([
    { row: 'id=2', column: 'ip' },
    { row: 'id=3', column: 'path' },
    { row: 'id=4', column: 'ip' },
    { row: 'id=5', column: 'flags' },
  ])
  expect(await verify(at.input({ quarantineDir: folder }))).toMatchObject({ outcome: 'done' })
})

async function withoutTarget(at: Awaited<ReturnType<typeof rig>>, made: Plan): Promise<readonly Finding[]> {
  const source = await sqlite.open({ path: at.path })
  const options = crossingOptionsSchema.parse({})
  try {
    const input = { plan: made, source, session: null, options, onEvent: () => {}, signal: undefined }
    return (await examine(input)).findings
  } finally {
    await source.close()
  }
}

test('a plan without a target says which columns only a server can check, one with a target has asked it', async () => {
  await using at = await rig(BAD_SOURCE, BAD_TARGET)
  const asked = await plan(at.input())
  expect(asked.report.findings.map(({ code, column, count }) => [code, column, count])).toEqual([
    ['SERVER_REFUSED', 'ip', 2],
    ['SERVER_REFUSED', 'path', 1],
    ['SERVER_REFUSED', 'flags', 2],
  ])
  const findings = await withoutTarget(at, asked.plan!)
  expect(findings.map(({ code, severity, column }) => [code, severity, column])).toEqual([
    ['CHECKED_BY_SERVER', 'note', 'ip'],
    ['CHECKED_BY_SERVER', 'note', 'path'],
    ['CHECKED_BY_SERVER', 'note', 'flags'],
  ])
})

test.each(['skip', 'merge'] as const)('%s by a key that only the server can compare', async (onExisting) => {
  await using at = await rig(
    "create table t (ip text primary key, v text); insert into t values ('2001:DB8::1', 'new'), ('::2', 'two')",
    "create table t (ip inet primary key, v text); insert into t values ('2001:db8::1', 'old'), ('::9', 'other')",
  )
  const report = await migrate(at.input({ onExisting }))
  expect(report).toMatchObject({ outcome: 'done', tables: [{ verdict: 'equal' }] })
  expect(await at.rows('select v from t order by ip')).toEqual([
    ['two'],
    ['other'],
    [onExisting === 'skip' ? 'old' : 'new'],
  ])
})

test('without the right to make temporary tables it is refused beforehand, with all else', async () => {
  await using at = await rig(BAD_SOURCE, BAD_TARGET)
  const role = `no_temporary_${process.pid}`
  await at.rows(
    `create role ${role} login; grant all on t to ${role}; do $$ begin execute format('revoke temporary on database %I from public', current_database()); end $$`,
  )
  const input = at.input()
  const report = await migrate({ ...input, target: { ...at.target, user: role } as typeof at.target })
  await at.rows(`drop owned by ${role}; drop role ${role}`)
  expect(report).toMatchObject({ outcome: 'refused' })
  const refusals = report.findings.filter(({ severity }) => severity === 'refuse')
  expect(refusals.map(({ code, remedy }) => [code, remedy])).toEqual([
    ['RIGHT_MISSING', expect.stringMatching(/^GRANT TEMPORARY ON DATABASE /)],
    ...Array.from({ length: 3 }, () => ['SERVER_REFUSED', expect.stringMatching(/^mend the rows/)]),
  ])
})

test('rows without a parent follow, however their reference is spelled', async () => {
  await using at = await rig(
    `create table a (ip text primary key); create table b (id integer primary key, a text references a(ip));
     insert into a values ('2001:DB8::1'), ('bad'), ('::2'); insert into b values (1, '2001:db8::1'), (2, 'bad'), (3, '0::9'), (4, null), (5, '::2'), (6, '::A');`,
    'create table a (ip inet primary key); create table b (id int primary key, a inet references a(ip));',
  )
  const folder = join(at.folder, 'aside')
  const report = await migrate(at.input({ onBadRow: 'quarantine', quarantineDir: folder }))
  expect(report.error).toBeNull()
  expect(report).toMatchObject({ outcome: 'partial', totals: { read: 9, written: 5, rejected: 4 } })
  expect(await at.rows('select id from b order by id')).toEqual([['1'], ['4'], ['5']])
  expect(await verify(at.input({ quarantineDir: folder }))).toMatchObject({ outcome: 'done' })
})

test('what the server would quietly read otherwise inside of a value is refused by column, and nothing is written', async () => {
  await using at = await rig(
    `create table t (id integer primary key, c text, r text, b text);
      insert into t values (1, '(2024-01-01,1.5)', '[2024-01-01,)', '101'), (2, '(170416,)', '[01/02/2024,)', '10'), (3, '(,1.25)', null, null);`,
    `create type pay as (on_day date, amount numeric(4,1)); create type moments as range (subtype = timestamp);
      create table t (id int primary key, c pay, r moments, b bit(3));`,
  )
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'refused', exitCode: 1 })
  const refused = report.findings.filter(({ severity }) => severity === 'refuse')
  expect(refused.map(({ column, code, keys }) => [column, code, keys])).toEqual([
    ['c', 'NOT_A_TIMESTAMP', ['id=2']],
    ['r', 'NOT_A_TIMESTAMP', ['id=2']],
    ['b', 'WRONG_LENGTH', ['id=2']],
    ['c', 'LOSES_SCALE', ['id=3']],
  ])
  expect(await at.rows('select * from t')).toEqual([])
})
