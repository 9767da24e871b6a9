import { expect, test } from 'vitest'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'
import { plan } from './plan-command.ts'
import { verify } from './verify-command.ts'

const SOURCE = `create table p (name varchar(20) primary key collate nocase, b text unique collate nocase default 'x');
  create index exactly on p (b collate binary); create index folded on p (b desc);
  create table c (id integer primary key, p text references p, k text unique references p(name));
  insert into p values ('Bob', 'Ä'), ('eve', 'ä'); insert into c values (1, 'BOB', 'eve'), (2, 'eve', null)`

test('fold: the reference that only NOCASE follows is refused with its row, and each column says what changes', async () => {
  await using at = await rig(SOURCE)
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'refused' })
  expect(report.findings.filter(({ severity }) => severity === 'refuse')).toMatchObject([
    { code: 'ORPHANS', keys: ['id=1'], remedy: expect.stringContaining('--nocase citext') },
  ])
  expect(report.findings.filter(({ code }) => code === 'NOCASE_COLUMN')).toMatchObject([
    { severity: 'note', table: 'p', column: 'name', remedy: expect.stringContaining('--nocase citext') },
    { column: 'b' },
  ])
})

test.each(['citext', 'icu'] as const)(
  '%s: what is equal to PostgreSQL, and not to SQLite, is named by row',
  async (nocase) => {
    await using at = await rig(SOURCE, 'create schema ext; create extension citext schema ext')
    const report = await migrate(at.input({ nocase }))
    expect(report.outcome).toBe('refused')
    expect(report.findings.filter(({ severity }) => severity === 'refuse')).toMatchObject([
      { code: 'UNIQUE_VIOLATION', table: 'p', keys: ['name=eve'] },
      { code: 'ORPHANS', table: 'c', keys: ['id=2'] },
    ])
  },
)

test.each(['citext', 'icu'] as const)(
  '%s: columns, keys, indexes and references compare without case',
  async (nocase) => {
    await using at = await rig(SOURCE.replace("'ä'", "'o'"), 'create extension citext')
    const report = await migrate(at.input({ nocase }))
    expect(report.error).toBeNull()
    expect(report).toMatchObject({ outcome: 'done' })
    expect(report.notCarried.map(({ object }) => object)).toEqual(['foreign key c(k)'])
    expect(await at.rows("select name, b from p where name = 'BOB' and b = 'ä'")).toEqual([['Bob', 'Ä']])
    expect(await at.rows("select c.id from c join p on c.p = p.name where p.name = 'boB'")).toEqual([['1']])
    await expect(at.rows("insert into p (name) values ('EVE')")).rejects.toThrow('p_pkey')
    await expect(at.rows("insert into c (id, p) values (3, 'none')")).rejects.toThrow('c_p_fkey')
    expect(await at.rows("insert into p (name) values ('new') returning b")).toEqual([['x']])
    await at.rows("delete from p where name = 'new'")
    expect(
      await at.rows("select indexdef from pg_indexes where indexname in ('exactly', 'folded') order by indexname"),
    ).toEqual([
      [expect.stringMatching(nocase === 'icu' ? /\(b COLLATE "C" NULLS FIRST\)$/ : /\(\(\(b\)::text\) NULLS FIRST\)$/)],
      [expect.stringMatching(/\(b DESC NULLS LAST\)$/)],
    ])
    expect(await verify(at.input({ nocase }))).toMatchObject({ outcome: 'done' })
  },
)

test('what the target lacks for it is refused', async () => {
  await using at = await rig(SOURCE)
  expect(await migrate(at.input({ nocase: 'citext' }))).toMatchObject({
    outcome: 'refused',
    findings: expect.arrayContaining([expect.objectContaining({ code: 'CITEXT_MISSING' })]),
  })
  await using taken = await rig('create table p (n text collate nocase)', 'create collation nocase from "C"')
  expect(await migrate(taken.input({ nocase: 'icu' }))).toMatchObject({ error: { code: 'COLLATION_TAKEN' } })
})

test('the collation is found in a schema with dots and quotes in its name', async () => {
  const schema = 'v1."2".app'
  await using at = await rig("create table p (n text unique collate nocase); insert into p values ('A')")
  expect(await migrate(at.input({ nocase: 'icu', schema }))).toMatchObject({ outcome: 'done', error: null })
  expect(await at.rows(`select n from "v1.""2"".app".p where n = 'a'`)).toEqual([['A']])
})

test('a rehearsal leaves no collation, and a plan shows it', async () => {
  await using at = await rig('create table p (n text collate nocase)')
  expect(await migrate({ ...at.input({ nocase: 'icu' }), rehearse: true })).toMatchObject({ outcome: 'rehearsed' })
  expect(await at.rows("select 1 from pg_collation where collname = 'nocase'")).toEqual([])
  const { ddl } = await plan({ ...at.input({ nocase: 'icu' }), target: null })
  expect(ddl.join(';\n')).toMatch(/CREATE COLLATION .*;\n(.|\n)*COLLATE "public"\."nocase"/)
})
