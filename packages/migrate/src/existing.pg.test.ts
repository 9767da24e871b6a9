import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { migrate } from './migrate-command.ts'
import { plan } from './plan-command.ts'
import { rig } from '../test/rig.ts'
import { verify } from './verify-command.ts'

const SOURCE = `
  create table countries (code text primary key not null, name text not null);
  create table users (id integer primary key autoincrement, country text references countries(code), invited_by integer references users(id), name text, active boolean, role text, settings json, created_at text);
  insert into countries values ('fr', 'France'), ('de', 'Deutschland');
  insert into users values (1, 'fr', 3, 'Ana', 1, 'STUDENT', '{"a": 1}', '2024-01-02T03:04:05Z'), (2, 'de', null, 'Bo', 0, 'TEACHER', 'null', '2024-01-02 03:04:05+02:00'), (3, null, 1, 'É', null, 'STUDENT', null, null);
  insert into users (id) values (1000);
  delete from users where id = 1000;`
const TARGET = `
  create type user_role as enum ('STUDENT', 'TEACHER');
  create table countries (code varchar(2) primary key, name text not null);
  create table users (id bigint generated always as identity primary key, created_at timestamptz, role user_role, active boolean default true, settings jsonb, name varchar(20),
    country varchar(2) references countries(code) on delete set null, invited_by bigint references users(id) deferrable);
  create index users_by_name on users (lower(name));
  comment on index users_by_name is 'for the search box';`

test('rows, types, identities and self references arrive, are proven, and the schema is as it was', async () => {
  await using at = await rig(SOURCE, TARGET)
  const before = createHash('sha256').update(readFileSync(at.path)).digest('hex')
  const report = await migrate(at.input())
  expect(report.error).toBeNull()
  expect(report).toMatchObject({ outcome: 'done', exitCode: 0, totals: { read: 5, written: 5, rejected: 0 } })
  expect(report.tables.map((table) => [table.target, table.verdict])).toEqual([
    ['countries', 'equal'],
    ['users', 'equal'],
  ])
  // Every step is timed, from the opening on, and says how many rows went through it
  expect(report.phases.map(({ name, rows }) => [name, rows])).toEqual([
    ['open', null],
    ['plan', null],
    ['lock', null],
    ['pre-data', null],
    ['data', 5],
    ['post-data', null],
    ['verify', 5],
    ['sequences', null],
    ['commit', null],
  ])
  expect(
    await at.rows(
      'select id, active, role, settings::text, created_at at time zone $$utc$$, invited_by from users order by id',
    ),
  ).toEqual([
    ['1', 't', 'STUDENT', '{"a": 1}', '2024-01-02 03:04:05', '3'],
    ['2', 'f', 'TEACHER', 'null', '2024-01-02 01:04:05', null],
    ['3', null, 'STUDENT', null, null, '1'],
  ])
  expect(await at.rows("insert into users (name) values ('next') returning id")).toEqual([['1001']])
  expect(createHash('sha256').update(readFileSync(at.path)).digest('hex')).toBe(before)
  expect(readdirSync(at.folder)).toEqual(['source.db'])
})

test('verify agrees afterwards, and names what was changed later', async () => {
  await using at = await rig(SOURCE, TARGET)
  await migrate(at.input())
  const proven = await verify(at.input())
  expect(proven).toMatchObject({ outcome: 'done', exitCode: 0 })
  expect(proven.phases.map(({ name, rows }) => [name, rows])).toEqual([
    ['open', null],
    ['plan', null],
    ['verify', 5],
  ])
  await at.rows("update users set name = 'Eve' where id = 2")
  const report = await verify(at.input())
  expect(report).toMatchObject({ outcome: 'different', exitCode: 4 })
  expect(report.tables.find((table) => table.target === 'users')?.mismatches).toMatchObject([
    { kind: 'different', key: 'id=2', column: 'name' },
  ])
})

describe('refusals list everything and leave the target untouched', () => {
  const source = `
    create table users (id integer primary key, role text, age integer, born text);
    insert into users values (1, 'INDIVIDUAL', 7, '2024-02-30'), (2, 'TEACHER', 'seven', '2024-01-01'), (3, 'INDIVIDUAL', 2147483648, 'now'), (4, 'STUDENT', null, null);`
  const target = `create type user_role as enum ('STUDENT', 'TEACHER'); create table users (id int primary key, role user_role, age int not null, born date);`

  test('by cell', async () => {
    await using at = await rig(source, target)
    const report = await migrate(at.input())
    expect(report).toMatchObject({ outcome: 'refused', exitCode: 1 })
    const found = report.findings.map(({ code, column, count, keys }) => [code, column, count, keys])
    expect(found).toEqual(
      expect.arrayContaining([
        ['UNKNOWN_LABEL', 'role', 2, ['id=1', 'id=3']],
        ['NOT_AN_INTEGER', 'age', 1, ['id=2']],
        ['OUT_OF_RANGE', 'age', 1, ['id=3']],
        ['NULL_NOT_ALLOWED', 'age', 1, ['id=4']],
        ['NOT_A_DATE', 'born', 1, ['id=1']],
        ['SPECIAL_WORD', 'born', 1, ['id=3']],
      ]),
    )
    expect(report.findings.find((finding) => finding.code === 'UNKNOWN_LABEL')?.examples).toEqual(['"INDIVIDUAL" (2×)'])
    expect(await at.rows('select count(*) from users')).toEqual([['0']])
  })

  test('plan says the same and writes nothing', async () => {
    await using at = await rig(source, target)
    const { plan: made, report } = await plan(at.input())
    expect(report.outcome).toBe('refused')
    expect(made?.findings.filter((finding) => finding.severity === 'refuse')).toHaveLength(6)
  })

  test('what only the server can see: uniqueness under citext, checks, partitions', async () => {
    await using at = await rig(
      "create table users (id integer primary key, name text, age integer); insert into users values (1, 'Bob', 5), (2, 'bob', 6), (3, 'Al', -1), (4, 'BOB', 7);",
      'create extension citext; create table users (id int primary key, name citext unique, age int check (age > 0));',
    )
    const report = await migrate(at.input())
    expect(report).toMatchObject({ outcome: 'refused', exitCode: 1 })
    expect(report.findings.map(({ code, count, keys }) => [code, count, keys])).toEqual([
      ['CHECK_VIOLATION', 1, ['id=3']],
      ['UNIQUE_VIOLATION', 2, ['id=2', 'id=4']],
    ])
    expect(await at.rows('select count(*) from users')).toEqual([['0']])
  })

  test('rows without a parent', async () => {
    await using at = await rig(
      'create table a (id integer primary key); create table b (id integer primary key, a integer references a(id)); insert into a values (1); insert into b values (1, 1), (2, 7), (3, null), (4, 8);',
      'create table a (id int primary key); create table b (id int primary key, a int references a(id));',
    )
    const report = await migrate(at.input())
    expect(report).toMatchObject({
      outcome: 'refused',
      findings: [{ code: 'ORPHANS', table: 'b', count: 2, keys: ['id=2', 'id=4'] }],
    })
  })

  test('rows that are there already', async () => {
    await using at = await rig(
      'create table t (id integer primary key); insert into t values (1)',
      'create table t (id int primary key); insert into t values (7)',
    )
    expect(await migrate(at.input())).toMatchObject({ outcome: 'refused', findings: [{ code: 'TARGET_NOT_EMPTY' }] })
    expect(await migrate(at.input({ onExisting: 'append' }))).toMatchObject({
      outcome: 'done',
      tables: [{ verdict: 'equal' }],
    })
    expect(await at.rows('select id from t order by id')).toEqual([['1'], ['7']])
    expect(await migrate(at.input({ onExisting: 'append' }))).toMatchObject({
      outcome: 'refused',
      findings: [{ code: 'UNIQUE_VIOLATION', remedy: expect.stringContaining('--on-existing skip or merge') }],
    })
    expect(await migrate(at.input({ onExisting: 'truncate' }))).toMatchObject({ outcome: 'done' })
    expect(await at.rows('select id from t')).toEqual([['1']])
  })

  test('a trigger that would swallow rows', async () => {
    await using at = await rig(
      'create table t (id integer primary key); insert into t values (1)',
      "create table t (id int primary key); create function f() returns trigger language plpgsql as 'begin return null; end'; create trigger g before insert on t for each row execute function f();",
    )
    expect(await migrate(at.input())).toMatchObject({ outcome: 'refused', findings: [{ code: 'TRIGGER_WOULD_FIRE' }] })
    expect(await migrate(at.input({ triggers: 'fire' }))).toMatchObject({
      outcome: 'failed',
      error: { code: 'ROWS_LOST' },
    })
    expect(await migrate(at.input({ triggers: 'disable' }))).toMatchObject({ outcome: 'done' })
    expect(await at.rows("select tgenabled from pg_trigger where tgname = 'g'")).toEqual([['O']])
  })
})

test('skip keeps what is there, merge replaces it, by key', async () => {
  const source = "create table t (id integer primary key, v text); insert into t values (1, 'new'), (2, 'two')"
  const target =
    "create table t (id int generated always as identity primary key, v text); insert into t overriding system value values (1, 'old'), (9, 'other')"
  await using skipped = await rig(source, target)
  expect(await migrate(skipped.input({ onExisting: 'skip' }))).toMatchObject({
    outcome: 'done',
    totals: { read: 2, written: 1, kept: 1 },
  })
  expect(await skipped.rows('select v from t order by id')).toEqual([['old'], ['two'], ['other']])
  await using merged = await rig(source, target)
  expect(await migrate(merged.input({ onExisting: 'merge' }))).toMatchObject({
    outcome: 'done',
    totals: { read: 2, written: 2, kept: 0 },
  })
  expect(await merged.rows('select v from t order by id')).toEqual([['new'], ['two'], ['other']])
})

test('bad rows go aside with their children, the rest arrives, the books balance', async () => {
  await using at = await rig(
    `create table a (id integer primary key, n integer); create table b (id integer primary key, a integer references a(id)); create table c (id integer primary key, b integer references b(id));
     insert into a values (1, 1), (2, 'x'); insert into b values (1, 1), (2, 2), (3, 99); insert into c values (1, 1), (2, 2), (3, 3);`,
    'create table a (id int primary key, n int); create table b (id int primary key, a int references a(id)); create table c (id int primary key, b int not null references b(id));',
  )
  const folder = join(at.folder, 'aside')
  const report = await migrate(at.input({ onBadRow: 'quarantine', quarantineDir: folder }))
  expect(report.error).toBeNull()
  expect(report).toMatchObject({ outcome: 'partial', exitCode: 2, totals: { read: 8, written: 3, rejected: 5 } })
  const aside = readdirSync(folder).flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { row: string; table: string; code: string }),
  )
  expect(aside.map(({ table, row, code }) => `${table} ${row} ${code}`).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    'a id=2 NOT_AN_INTEGER',
    'b id=2 FOREIGN_KEY_VIOLATION',
    'b id=3 FOREIGN_KEY_VIOLATION',
    'c id=2 FOREIGN_KEY_VIOLATION',
    'c id=3 FOREIGN_KEY_VIOLATION',
  ])
  expect(await at.rows('select count(*) from pg_constraint where contype = $$f$$ and convalidated')).toEqual([['2']])
  expect(await verify(at.input({ quarantineDir: folder }))).toMatchObject({ outcome: 'done' })
})

test('a rehearsal proves everything and leaves nothing, not even a moved sequence', async () => {
  await using at = await rig(SOURCE, TARGET)
  const report = await migrate({ ...at.input(), rehearse: true })
  expect(report).toMatchObject({ outcome: 'rehearsed', exitCode: 0, totals: { written: 5 } })
  expect(await at.rows('select count(*) from users')).toEqual([['0']])
  expect(await at.rows("insert into users (name) values ('first') returning id")).toEqual([['1']])
})

test('a plan is kept to the letter, and refused once either side has moved', async () => {
  await using at = await rig(SOURCE, TARGET)
  const { plan: made } = await plan(at.input())
  const kept = JSON.parse(JSON.stringify(made)) as NonNullable<typeof made>
  await at.rows("alter type user_role add value 'ADMIN'")
  expect(await migrate({ ...at.input(), plan: kept })).toMatchObject({
    outcome: 'failed',
    exitCode: 1,
    error: { code: 'TARGET_CHANGED' },
  })
  const { plan: again } = await plan(at.input())
  expect(await migrate({ ...at.input(), plan: again! })).toMatchObject({ outcome: 'done' })
})

test('an abort rolls back and says so', async () => {
  await using at = await rig(SOURCE, TARGET)
  const controller = new AbortController()
  const input = at.input()
  const report = await migrate({
    ...input,
    signal: controller.signal,
    onEvent: (event) => event.type === 'phase' && event.phase === 'verify' && controller.abort(),
  })
  expect(report).toMatchObject({ outcome: 'interrupted', exitCode: 130 })
  expect(await at.rows('select count(*) from users')).toEqual([['0']])
})

test('tables that reference each other load, and their foreign keys stay what they were', async () => {
  await using at = await rig(
    `create table a (id integer primary key, b integer); create table b (id integer primary key, a integer);
     insert into a values (1, 1), (2, null); insert into b values (1, 2);`,
    'create table a (id int primary key, b int); create table b (id int primary key, a int references a(id)); alter table a add constraint a_b foreign key (b) references b(id) on delete cascade; comment on constraint a_b on a is $$kept$$;',
  )
  expect(await migrate(at.input())).toMatchObject({ outcome: 'done' })
  expect(
    await at.rows(
      "select pg_get_constraintdef(oid), convalidated, obj_description(oid, 'pg_constraint') from pg_constraint where conname = 'a_b'",
    ),
  ).toEqual([['FOREIGN KEY (b) REFERENCES b(id) ON DELETE CASCADE', 't', 'kept']])
})

test('orphans of a table without a key go aside too, each row once', async () => {
  await using at = await rig(
    `create table a (id integer primary key); create table log (a integer references a(id), b integer references a(id), note text);
     insert into a values (1); insert into log values (1, 1, 'good'), (2, 1, 'x'), (2, 1, 'x'), (3, 4, 'both'), (null, 1, 'null'), (1, 9, 'second');`,
    'create table a (id int primary key); create table log (a int references a(id), b int references a(id), note text);',
  )
  const folder = join(at.folder, 'aside')
  const report = await migrate(at.input({ onBadRow: 'quarantine', quarantineDir: folder }))
  expect(report.error).toBeNull()
  expect(report).toMatchObject({ outcome: 'partial', totals: { read: 7, written: 3, rejected: 4 } })
  expect(await at.rows('select note from log order by note')).toEqual([['good'], ['null']])
  expect(readFileSync(join(folder, 'log.ndjson'), 'utf8').trim().split('\n')).toHaveLength(4)
  expect(await verify(at.input({ quarantineDir: folder }))).toMatchObject({ outcome: 'done' })
})

test('types without a binary input of their own arrive through text, NULL or not', async () => {
  await using at = await rig(
    "create table t (id integer primary key, ip text, a text, b text); insert into t values (1, null, null, null), (2, '10.0.0.1', null, null)",
    'create domain acls as aclitem[]; create table t (id integer primary key, ip inet, a aclitem, b acls)',
  )
  expect(await migrate(at.input())).toMatchObject({ outcome: 'done', error: null })
  expect(await at.rows('select ip from t order by id')).toEqual([[null], ['10.0.0.1']])
})

test('triggers that fire find the tables of their schema, as they do for the application', async () => {
  await using at = await rig(
    'create table t (id integer primary key); insert into t values (1), (2)',
    `create table t (id integer primary key); create table seen (id integer);
     create function note() returns trigger language plpgsql as $$ begin insert into seen values (new.id); return new; end $$;
     create trigger g after insert on t for each row execute function note()`,
  )
  expect(await migrate(at.input({ triggers: 'fire' }))).toMatchObject({ outcome: 'done', error: null })
  expect(await at.rows('select id from seen order by id')).toEqual([['1'], ['2']])
})

test('merge with a quarantine: what was there stays where the row that would replace it has no parent', async () => {
  await using at = await rig(
    `create table p (id integer primary key); insert into p values (1);
     create table t (id integer primary key, p, v); insert into t values (1, 1, 'new'), (2, 7, 'new'), (3, 7, 'new');`,
    `create table p (id int primary key); insert into p values (1);
     create table t (id int primary key, p int references p, v text); insert into t values (1, 1, 'old'), (2, 1, 'old');
     create table own (t int references t on delete cascade); insert into own values (2)`,
  )
  const report = await migrate(
    at.input({ onExisting: 'merge', onBadRow: 'quarantine', quarantineDir: join(at.folder, 'aside') }),
  )
  expect(report.error).toBeNull()
  expect(report.tables.find(({ source }) => source === 't')).toMatchObject({
    read: 3,
    written: 1,
    rejected: 2,
    kept: 0,
  })
  expect(await at.rows('select id, p, v from t order by id')).toEqual([
    ['1', '1', 'new'],
    ['2', '1', 'old'],
  ])
  expect(await at.rows('select t from own')).toEqual([['2']])
})
