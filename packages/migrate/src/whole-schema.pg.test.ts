import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'
import { plan } from './plan-command.ts'

test('what the author wrote beside tables and columns is their comment', async () => {
  await using at = await rig(`create table users ( -- who can log in
      id integer primary key, -- the 'key'
      name text default '-- none' /* as typed */
    ); insert into users values (1, 'a')`)
  expect(await migrate(at.input({ rename: [{ from: 'users.name', to: 'na"me' }] }))).toMatchObject({ outcome: 'done' })
  expect(
    await at.rows(
      "select objsubid, description from pg_description where objoid = 'users'::regclass and classoid = 'pg_class'::regclass order by 1",
    ),
  ).toEqual([
    ['0', 'who can log in'],
    ['1', "the 'key'"],
    ['2', 'as typed'],
  ])
})

const TYPES =
  "select attname, format_type(atttypid, atttypmod), attidentity::text from pg_attribute where attrelid = 't'::regclass and attnum > 0 order by attnum"

test('a type that the user settled is taken, and reaches the columns that reference it', async () => {
  await using at = await rig(`create table t (id integer primary key, price money, zip text, up integer references t);
    insert into t values (1, 9.5, '00123', null), (2, 12.25, '7', 1)`)
  const casts = [
    { column: 't.id', type: 'int4' },
    { declared: 'mon*', type: 'numeric(12,2)' },
  ]
  const report = await migrate(at.input({ cast: casts }))
  expect(report).toMatchObject({ outcome: 'done', findings: [], notCarried: [] })
  expect(await at.rows(TYPES)).toEqual([
    ['id', 'integer', 'd'],
    ['price', 'numeric(12,2)', ''],
    ['zip', 'text', ''],
    ['up', 'integer', ''],
  ])
  expect(await at.rows("insert into t (zip) values ('') returning id")).toEqual([['3']])
})

test('a type that the user settled and the data contradicts is refused with its rows, never replaced', async () => {
  await using at = await rig(`create table t (id integer primary key, zip text);
    insert into t values (1, '12'), (2, 'x'), (3, 'y')`)
  expect(await migrate(at.input({ cast: [{ column: 't.zip', type: 'int4' }] }))).toMatchObject({
    outcome: 'refused',
    findings: [
      { severity: 'refuse', table: 't', column: 'zip', count: 2, keys: ['id=2', 'id=3'], targetType: 'integer' },
    ],
  })
  expect(
    await migrate(
      at.input({
        cast: [{ column: 't.zip', type: 'int4' }],
        map: [
          { column: 't.zip', from: 'x', to: null },
          { column: 't.zip', from: 'y', to: '0' },
        ],
      }),
    ),
  ).toMatchObject({ outcome: 'done' })
  expect(await at.rows('select zip from t order by id')).toEqual([['12'], [null], ['0']])
})

const INDEXES =
  "select regexp_replace(indexdef, '^CREATE (UNIQUE )?INDEX (\\S+) ON \\S+ USING btree ', '\\1\\2 ') from pg_indexes where schemaname = 'public' order by 1"

test('indexes sort NULL as SQLite does, where there may be one', async () => {
  await using at = await rig(`create table t (id integer primary key, a integer, b text not null, c);
    create index up on t (a, b); create index down on t (a desc, b desc); create index part on t (b) where a is not null;
    create index folded on t (lower(b)); insert into t values (1, 2, 'x', null)`)
  expect(await migrate(at.input())).toMatchObject({ outcome: 'done', notCarried: [] })
  expect(new Set((await at.rows(INDEXES)).flat())).toEqual(
    new Set([
      'down (a DESC NULLS LAST, b DESC)',
      'part (b) WHERE (a IS NOT NULL)',
      'folded (lower((b COLLATE "C")) NULLS FIRST)',
      'UNIQUE t_pkey (id)',
      'up (a NULLS FIRST, b)',
    ]),
  )
})

test('RTRIM and NOCASE stay as strict as they were', async () => {
  await using at = await rig(`create table t (id integer primary key, a varchar(9) unique collate rtrim, b text);
    create unique index ub on t (b collate nocase); insert into t values (1, 'x ', 'y')`)
  expect(await migrate(at.input())).toMatchObject({ outcome: 'done', notCarried: [] })
  await expect(at.rows("insert into t (a) values ('x')")).rejects.toThrow('t_a_rtrim_key')
  await expect(at.rows("insert into t (b) values ('Y')")).rejects.toThrow('ub')
})

test('a unique key that becomes looser is never made so in silence', async () => {
  await using at = await rig(`create table t (id integer primary key, a text unique collate nocase, j json, k json);
    create unique index uj on t (k, a); create index ij on t (j);
    insert into t values (1, 'x' || char(0), '{"a":1,"a":2}', '1'), (2, 'y', '{}', '2')`)
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'done' })
  expect(report.notCarried.map(({ object }) => object)).toEqual([
    'order of the unique (a) of t',
    'order of unique index uj',
    'index ij',
  ])
})

test('texts that must become bytes are named with the words that keep them text', async () => {
  await using at = await rig(`create table t (id integer primary key, a text, b, c text, d blob);
    insert into t values (1, 'x', 'y', x'00', 'text'), (2, 'n' || char(0), x'ff', x'01', x'00'), (3, cast(x'fe' as text), 'five', null, null)`)
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'done' })
  expect(report.findings.map(({ code, column }) => [code, column])).toEqual([
    ['DATA_CONTRADICTS_TYPE', 'c'],
    ['TEXT_BECOMES_BYTES', 'a'],
    ['TEXT_BECOMES_BYTES', 'b'],
  ])
  expect(report.findings[1]).toMatchObject({
    severity: 'warning',
    count: 2,
    keys: ['id=2', 'id=3'],
    storageClasses: ['text', 'invalid text'],
    message: expect.stringContaining('U+0000, bytes that are no utf-8'),
    remedy: expect.stringContaining("--cast 't.a=text'"),
  })
  expect(await at.rows('select a, b from t order by id')).toEqual([
    [String.raw`\x78`, String.raw`\x79`],
    [String.raw`\x6e00`, String.raw`\xff`],
    [String.raw`\xfe`, String.raw`\x66697665`],
  ])
  await using kept = await rig(
    "create table t (id integer primary key, a text); insert into t values (1, 'n' || char(0))",
  )
  expect((await plan({ ...kept.input(), target: null })).report.findings).toMatchObject([
    {
      code: 'TEXT_BECOMES_BYTES',
      remedy: expect.stringMatching(/^--strip-nul 't\.a' takes it out .*; --cast 't\.a=text'/),
    },
  ])
  expect(await migrate(kept.input({ cast: [{ column: 't.a', type: 'text' }] }))).toMatchObject({
    outcome: 'refused',
    findings: [{ code: 'NUL_IN_TEXT', keys: ['id=1'] }],
  })
})

test('entries too long for an index are found before the load, with what would index them', async () => {
  await using at =
    await rig(`create table t (id integer primary key, body text, e text); create index by_body on t (body); create index both on t (e, id);
    insert into t values (1, hex(randomblob(9000)), 'x'), (2, 'short', 'y'), (3, printf('%.*c', 4000, 'a'), 'z')`)
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'done' })
  expect(report.findings).toMatchObject([
    {
      code: 'INDEX_ENTRY_LONG',
      severity: 'warning',
      count: 2,
      keys: ['id=1', 'id=3'],
      remedy: 'afterwards: CREATE INDEX ON "public"."t" USING hash ("body")',
    },
  ])
  expect(report.notCarried.map(({ object }) => object)).toEqual(['index by_body'])
  await at.rows('CREATE INDEX ON "public"."t" USING hash ("body")')
})

test('a virtual table that cannot be read is listed once', async () => {
  await using at = await rig('create table t (id integer primary key); insert into t values (1)')
  const file = new Database(at.path)
  file.unsafeMode().pragma('writable_schema = on')
  file.exec(
    "insert into sqlite_schema values ('table', 'geo', 'geo', 0, 'CREATE VIRTUAL TABLE geo USING nosuch(a)'); pragma schema_version = 99",
  )
  file.close()
  const report = await migrate(at.input())
  expect(report.skipped).toMatchObject([{ table: 'geo' }])
  expect(report.findings).toEqual([])
})

test('what is no valid UTF-16 is refused among texts that would become UTF-8', async () => {
  await using at = await rig(`pragma encoding = 'UTF-16le'; create table t (id integer primary key, a text);
    insert into t values (1, 'x'), (2, cast(x'3dd8' as text)), (3, 'n' || char(0))`)
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'refused' })
  expect(report.findings.filter(({ severity }) => severity === 'refuse')).toMatchObject([
    { code: 'INVALID_TEXT', keys: ['id=2'], remedy: expect.stringContaining('--replace-invalid') },
    { code: 'NUL_IN_TEXT', keys: ['id=3'] },
  ])
  expect(await migrate(at.input({ replaceInvalid: ['t.a'] }))).toMatchObject({ outcome: 'done' })
})
