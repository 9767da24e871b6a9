import { supports } from '@rowferry/vitest-preset/features'
import { describe, expect, test } from 'vitest'
import type { Rig } from '../test/rig.ts'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'
import { plan } from './plan-command.ts'

/** From so many rows on keys go for the load. `code` repeats as often as said, at the end. */
const source = (repeated = 0) => `
  create table person (id integer primary key, code text, boss integer);
  with recursive n (i) as (select 1 union all select i + 1 from n where i < 50000)
  insert into person select i, 'c' || min(i, 50000 - ${repeated}), case when i > 1 then i / 2 end from n;
  create table pet (id integer primary key, owner integer); insert into pet values (1, 40000), (2, 7);`

const TARGET = `
  create table person (id int primary key, code text constraint coded unique deferrable initially deferred, boss int constraint led references person deferrable);
  create unique index folded on person (lower(code)) include (boss) where id > 0; create index by_boss on person (boss);
  create table pet (id int primary key, owner int not null constraint owned references person on delete cascade);
  comment on constraint person_pkey on person is 'key'; alter table person cluster on person_pkey; alter table person replica identity using index person_pkey;
  create publication told for table person with (publish = 'insert, update, delete');`

/** Every index with what would change if it were made again, and every foreign key. */
async function made(at: Rig): Promise<Record<string, string | null>> {
  const rows = await at.rows(`
    select indexrelid::regclass::text, indexrelid::text from pg_index where indrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
    union all select conname, oid::text from pg_constraint where contype = 'f' order by 1`)
  return Object.fromEntries(rows)
}

function changed(before: Record<string, string | null>, after: Record<string, string | null>): string[] {
  expect(Object.keys(after)).toEqual(Object.keys(before))
  return Object.keys(before).filter((name) => before[name] !== after[name])
}

const PATIENCE = 240_000

const PLANNED = ['constraint coded', 'constraint person_pkey', 'index by_boss', 'index folded']
const byName = (objects: readonly { readonly object: string }[] | undefined) =>
  (objects ?? []).map(({ object }) => object).toSorted((a, b) => (a < b ? -1 : 1))

test('the keys of a large table are built over its rows, and the plan says so', { timeout: PATIENCE }, async () => {
  await using at = await rig(source(), TARGET)
  const planned = await plan(at.input())
  expect(byName(planned.plan?.rebuilds)).toEqual(PLANNED)
  expect(planned.plan?.staying).toEqual([])
  expect(planned.plan?.foreignKeys.map(({ name, strategy }) => `${name} ${strategy}`)).toEqual([
    'led rebuilt',
    'owned rebuilt',
  ])
  const before = await made(at)
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'done', error: null, foreignKeys: 2 })
  expect(changed(before, await made(at))).toEqual(['by_boss', 'coded', 'folded', 'led', 'owned', 'person_pkey'])
  await expect(at.rows("insert into person values (1, 'new')")).rejects.toMatchObject({ code: '23505' })
  await expect(at.rows("insert into person values (0, 'c7')")).rejects.toMatchObject({ code: '23505' })
  await expect(at.rows('insert into pet values (3, 0)')).rejects.toMatchObject({ code: '23503' })
})

test(
  'a plan that is carried out, a rehearsal and a crossing that fails at the end leave what they promise',
  { timeout: PATIENCE },
  async () => {
    await using at = await rig(source(), TARGET)
    const before = await made(at)
    expect(await migrate({ ...at.input(), rehearse: true })).toMatchObject({ outcome: 'rehearsed' })
    expect(changed(before, await made(at))).toEqual([])
    expect(await at.rows('select count(*) from person')).toEqual([['0']])
    const { plan: adopted } = await plan(at.input())
    expect(await migrate({ ...at.input(), plan: JSON.parse(JSON.stringify(adopted)) })).toMatchObject({
      outcome: 'done',
    })
    expect(changed(before, await made(at))).toContain('person_pkey')
  },
)

describe('what keeps the keys', () => {
  test.for<[string, string, string, object, string[]]>([
    [
      'a view',
      'create view grouped as select id, code from person group by id',
      'view public.grouped depends on it',
      {},
      ['person_pkey'],
    ],
    [
      'a function that names the constraint',
      `create function put() returns void begin atomic insert into person values (1) on conflict on constraint person_pkey do nothing; end`,
      'function public.put() depends on it',
      {},
      ['person_pkey'],
    ],
    [
      'a foreign key that cannot be told to come back',
      'alter table pet disable trigger all',
      'constraint owned on table public.pet depends on it',
      { triggers: 'disable' },
      ['person_pkey'],
    ],
    [
      'a table that is not carried',
      'create table aside (id int references person)',
      'a table that is not carried references its table, or one that is emptied with it, or a publication would send its TRUNCATE on, so that it is not truncated',
      {},
      ['by_boss', 'coded', 'folded', 'person_pkey'],
    ],
    [
      'a check that looks rows up',
      `create function known(int) returns boolean language plpgsql as $$ begin return exists (select from public.person where id = $1); end $$;
       alter table pet add check (known(owner) is not null)`,
      'function public.known(integer) runs for each row, and may look rows up by it',
      {},
      ['coded', 'folded', 'person_pkey'],
    ],
    [
      'triggers that fire',
      `create function f() returns trigger language plpgsql as $$ begin perform from public.person where id = new.owner; return new; end $$;
       create trigger g before insert on pet for each row execute function f()`,
      'triggers fire for each row, and may look rows up by it',
      { triggers: 'fire' },
      ['coded', 'folded', 'person_pkey'],
    ],
    [
      'rows that may be set aside',
      '',
      'a row that it refuses is set aside by itself',
      { onBadRow: 'quarantine' },
      ['coded', 'folded', 'person_pkey'],
    ],
  ])('%s', { timeout: PATIENCE }, async ([, sql, why, options, staying], context) => {
    if (sql.includes('begin atomic') && !supports('begin atomic')) context.skip('no begin atomic')
    await using at = await rig(source(), `${TARGET} ${sql}`)
    const input = at.input({ quarantineDir: `${at.folder}/aside`, ...options })
    const { plan: planned } = await plan(input)
    const names = (planned?.staying ?? []).map(({ object }) => object.replace(/^\w+ /, ''))
    expect(names.toSorted()).toEqual(staying)
    expect(planned?.staying?.map((each) => each.why)).toContain(why)
    const before = await made(at)
    expect(await migrate(input)).toMatchObject({ outcome: 'done', error: null })
    const again = changed(before, await made(at))
    expect(again.filter((name) => staying.includes(name))).toEqual([])
    const rebuilt = (planned?.rebuilds ?? []).map(({ object }) => object.replace(/^\w+ /, ''))
    expect(new Set(rebuilt)).toEqual(new Set(again.filter((name) => name !== 'led' && name !== 'owned')))
  })
})

describe('values that are there twice', () => {
  const keys = ['id=49998', 'id=49999', 'id=50000']

  test('are all listed, and nothing is changed', { timeout: PATIENCE }, async () => {
    await using at = await rig(source(3), TARGET)
    const before = await made(at)
    const report = await migrate(at.input())
    expect(report).toMatchObject({ outcome: 'refused', exitCode: 1, error: null })
    // Two keys refuse the same rows, and PostgreSQL 13 can only be asked about the first
    const told = report.findings
      .filter(({ severity }) => severity === 'refuse')
      .map(({ code, table, count, keys: named }) => ({ code, table, count, keys: named }))
    expect(told.length).toBeGreaterThan(0)
    for (const each of told) expect(each).toEqual({ code: 'UNIQUE_VIOLATION', table: 'person', count: 3, keys })
    expect(changed(before, await made(at))).toEqual([])
    expect(await at.rows('select count(*) from person')).toEqual([['0']])
  })

  test('are set aside one by one', { timeout: PATIENCE }, async () => {
    await using at = await rig(source(3), TARGET)
    const report = await migrate(at.input({ onBadRow: 'quarantine', quarantineDir: `${at.folder}/aside` }))
    expect(report).toMatchObject({ error: null, outcome: 'partial' })
    expect(report.totals.rejected).toBe(3)
    expect(await at.rows('select count(*) from person')).toEqual([['49997']])
  })

  const doubled = (set: string, where: string) =>
    source().replace('create table pet', `update person set ${set} where ${where}; create table pet`)
  test.for<[string, string, string]>([
    [
      'a primary key',
      source()
        .replace(
          'id integer primary key, code text, boss integer);',
          'id integer, code text, boss integer); create index ids on person (id);',
        )
        .replace('select i,', 'select min(i, 49999),'),
      TARGET,
    ],
    ['an expression', doubled("code = 'C7'", 'id = 50000'), TARGET],
    [
      'an exclusion',
      doubled('boss = 30000', 'id >= 49999'),
      `${TARGET} alter table person add constraint apart exclude (boss with =) where (boss > 25000)`,
    ],
  ])('of %s are listed, too', { timeout: PATIENCE }, async ([, data, target]) => {
    await using at = await rig(data, target)
    const before = await made(at)
    const report = await migrate(at.input())
    expect(report).toMatchObject({ outcome: 'refused', error: null })
    expect(report.findings.filter((each) => each.severity === 'refuse').map(({ count }) => count)).toEqual([1])
    expect(changed(before, await made(at))).toEqual([])
  })
})
