import { beginStep, openSession, rollback } from '@rowferry/postgres'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import type { Rig } from '../../test/rig.ts'
import { rig } from '../../test/rig.ts'
import { schemaOf } from '../../test/schema-of.ts'
import { migrate } from '../migrate-command.ts'
import { plan } from '../plan-command.ts'
import { holdAttempt } from './ledger.ts'
import { status } from './status.ts'
import { undo } from './undo.ts'

const SOURCE = `
  create table owner (id integer primary key autoincrement, name text not null, boss integer references owner (id));
  create table item (id integer primary key, owner integer not null references owner (id), name text, price decimal(10,2));
  create table log (line text, at text);
  with recursive n(i) as (select 1 union all select i + 1 from n where i < 300) insert into owner select i, 'owner ' || i, 301 - i from n;
  with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000) insert into item select i, 1 + i % 300, 'item ' || i, i / 4.0 from n;
  with recursive n(i) as (select 1 union all select i + 1 from n where i < 500) insert into log select 'line ' || (i / 3), null from n;
  update sqlite_sequence set seq = 5000 where name = 'owner';`
const TARGET = `
  create table owner (id bigint generated always as identity primary key, name varchar(20) not null, boss bigint);
  create table item (id bigint primary key, owner bigint not null, name text, price numeric(10,2) check (price > 0));
  create table log (line text, at timestamptz);
  alter table owner add constraint owner_boss foreign key (boss) references owner (id);
  alter table item add constraint item_owner foreign key (owner) references owner (id) on delete cascade;
  comment on constraint item_owner on item is 'whose it is';
  create index item_name on item (lower(name)); create unique index item_of on item (owner, name);
  create function shout() returns trigger language plpgsql as $$ begin new.name := upper(new.name); return new; end $$;
  create trigger loud before insert on item for each row execute function shout();
  alter table item enable always trigger loud;`
const PARTS = { resumable: true, commitEvery: 70, triggers: 'disable' } as const

const HOLDS = `select 'owner', count(*)::text, sum(id)::text, min(name), sum(boss)::text from owner
  union all select 'item', count(*)::text, sum(id)::text, min(name), sum(price)::text from item
  union all select 'log', count(*)::text, null, min(line), count(distinct line)::text from log order by 1`

test.each([1, 3])(
  'over %i connections: committed in parts, proven, the schema as it was, no ledger left',
  async (jobs) => {
    await using whole = await rig(SOURCE, TARGET)
    await using at = await rig(SOURCE, TARGET)
    const before = await schemaOf(at)
    expect(await migrate(whole.input({ triggers: 'disable' }))).toMatchObject({ outcome: 'done' })
    const report = await migrate(at.input({ ...PARTS, jobs }))
    expect(report.error).toBeNull()
    expect(report).toMatchObject({
      outcome: 'done',
      exitCode: 0,
      totals: { read: 1800, written: 1800 },
      resumed: { attempts: 1, rowsBefore: 0, ledger: 'dropped' },
      foreignKeys: 2,
    })
    expect(await at.rows(HOLDS)).toEqual(await whole.rows(HOLDS))
    expect(await schemaOf(at)).toBe(before)
    expect(await at.rows("insert into owner (name) values ('next') returning id")).toEqual([['5001']])
    expect(await status({ target: at.target })).toMatchObject({ run: null, holder: null })
  },
)

test('tables that are not there are made, with everything that is made beside them, and undone', async () => {
  const source = `${SOURCE} create table made (id integer primary key, name text collate nocase unique, twice integer generated always as (id * 2) stored,
    check (length(name) > 0)); insert into made (name) values ('a'), ('b'); create view names as select name from made; create table stamped (id integer primary key, at text);
    create trigger stamp after update on stamped begin update stamped set at = current_timestamp where id = new.id; end;`
  await using whole = await rig(source)
  await using at = await rig(source)
  const empty = await schemaOf(at)
  const atOnce = await migrate(whole.input({ schema: 'app', nocase: 'icu' }))
  expect(atOnce).toMatchObject({ outcome: 'done' })
  const report = await migrate(at.input({ resumable: true, schema: 'app', nocase: 'icu', keepLedger: true, jobs: 2 }))
  expect(report).toMatchObject({ outcome: 'done', resumed: { ledger: 'kept' }, error: null })
  const isOther = ({ object }: (typeof report.notCarried)[number]) => !object.includes('made.twice')
  expect(report.notCarried.filter(isOther)).toEqual(atOnce.notCarried)
  expect(report.notCarried).toHaveLength(atOnce.notCarried.length + 1)
  expect(await at.rows('select * from app.names')).toEqual([['a'], ['b']])
  expect(await at.rows('select twice from app.made')).toEqual([['2'], ['4']])
  expect((await status({ target: at.target })).run).toMatchObject({ state: 'done', rows: 1802 })
  expect(await undo({ target: at.target })).toMatchObject({
    rows: 1802,
    emptied: [],
    dropped: expect.arrayContaining(['app.made']),
  })
  expect(await schemaOf(at)).toBe(empty)
})

test('misfits are known, all of them, before anything is written', async () => {
  await using at = await rig(
    "create table t (a text); insert into t values ('x'), ('1'), ('y')",
    'create table t (a int)',
  )
  const report = await migrate(at.input({ resumable: true }))
  expect(report).toMatchObject({ outcome: 'refused', exitCode: 1, findings: [{ code: 'NOT_AN_INTEGER', count: 2 }] })
  expect((await status({ target: at.target })).run).toBeNull()
  expect(await at.rows('select count(*) from t')).toEqual([['0']])
})

test.each([
  [{ onExisting: 'append' }, 'RESUMABLE_NEEDS_EMPTY'],
  [{ onBadRow: 'quarantine', quarantineDir: '/tmp/never' }, 'RESUMABLE_QUARANTINE'],
  [{ triggers: 'fire' }, 'RESUMABLE_TRIGGERS'],
  [{ schema: 'rowferry' }, 'LEDGER_SCHEMA_TAKEN'],
] as const)('%j does not go together with it, and plan says so, too', async (options, code) => {
  await using at = await rig(SOURCE, TARGET)
  const given = { ...PARTS, ...options }
  for (const report of [await migrate(at.input(given)), (await plan(at.input(given))).report])
    expect(report).toMatchObject({
      exitCode: 1,
      findings: expect.arrayContaining([expect.objectContaining({ code, severity: 'refuse' })]),
    })
  expect(await at.rows('select count(*) from item')).toEqual([['0']])
})

/** Stops the run when so many chunks are committed. */
async function stopAfter(at: Rig, chunks: number, options: object = {}): Promise<Awaited<ReturnType<typeof migrate>>> {
  const controller = new AbortController()
  let left = chunks
  return migrate({
    ...at.input({ ...PARTS, ...options }),
    signal: controller.signal,
    onEvent: (event) => {
      if (event.type === 'table' && event.phase === 'data' && !event.done && --left === 0) controller.abort()
    },
  })
}

test('stopped on request it keeps what it has, says so, and the same call goes on', async () => {
  await using at = await rig(SOURCE, TARGET)
  const stopped = await stopAfter(at, 9)
  expect(stopped).toMatchObject({
    outcome: 'stopped',
    exitCode: 3,
    error: { code: 'INTERRUPTED', remedy: expect.stringContaining('rowferry undo') },
    totals: { written: expect.any(Number) },
  })
  const between = await status({ target: at.target })
  expect(between).toMatchObject({
    holder: null,
    run: { state: 'loading', attempts: 1, next: expect.stringMatching(/^load /) },
  })
  const [counted] = await at.rows(
    'select (select count(*) from owner) + (select count(*) from item) + (select count(*) from log)',
  )
  expect(String(between.run!.rows)).toBe(counted![0])
  const other = await migrate(at.input({ triggers: 'disable' }))
  expect(other).toMatchObject({ outcome: 'failed', error: { code: 'RUN_UNFINISHED' } })
  const report = await migrate(at.input({ ...PARTS, jobs: 2, commitEvery: 1 << 20 }))
  expect(report).toMatchObject({
    outcome: 'done',
    resumed: { attempts: 2, rowsBefore: between.run!.rows },
    totals: { written: 1800 },
  })
})

test('of several connections any may have lost its chunk: each gap is filled, also one before a last chunk that holds no row', async () => {
  await using at = await rig(SOURCE, TARGET)
  const controller = new AbortController()
  const options = { ...PARTS, commitEvery: 100 }
  await migrate({
    ...at.input(options),
    signal: controller.signal,
    onEvent: (event) => {
      if (event.type === 'phase' && event.phase === 'post-data') controller.abort()
    },
  })
  // As if the server had rolled it back
  for (const [table, first] of [
    ['log', 400],
    ['item', 300],
  ])
    await at.rows(`with gone as (delete from rowferry.chunk c using (select ctid, xid from rowferry.chunk) as k
      where c.ctid = k.ctid and c.first = ${first} and c.xid::xid in (select xmin from ${table}) returning c.xid)
      delete from ${table} where xmin in (select xid::xid from gone)`)
  const { run } = await status({ target: at.target })
  expect(run).toMatchObject({ state: 'loading', rows: 1600 })
  expect(run!.tables.map(({ done }) => done)).toEqual([true, false, false])
  expect(await migrate(at.input({ ...options, commitEvery: 30, jobs: 2 }))).toMatchObject({
    outcome: 'done',
    resumed: { rowsBefore: 1600 },
  })
})

test('another source, other options or another schema are refused with what changed', async () => {
  await using at = await rig(SOURCE, TARGET)
  await stopAfter(at, 3)
  expect(await migrate(at.input({ ...PARTS, trim: ['item.*'] }))).toMatchObject({
    exitCode: 1,
    error: { code: 'RUN_DIFFERS', message: expect.stringContaining('--trim was [], is ["item.*"]') },
  })
  await at.rows('alter table log add column more text')
  expect(await migrate(at.input(PARTS))).toMatchObject({
    exitCode: 1,
    error: { code: 'TARGET_CHANGED', message: expect.stringContaining('log.more') },
  })
  await at.rows('alter table log drop column more')
  const file = new Database(at.path)
  file.exec('insert into owner (name) values (1)')
  file.close()
  expect(await migrate(at.input(PARTS))).toMatchObject({ exitCode: 1, error: { code: 'SOURCE_CHANGED' } })
})

test('who comes second is told who is at work, and writes nothing', async () => {
  await using at = await rig(SOURCE, TARGET)
  const other = await openSession(at.target, { applicationName: 'the other one' })
  await other.query("select pg_advisory_lock(x'726f7766'::int, x'65727279'::int)")
  for (const options of [PARTS, { triggers: 'disable' }] as const)
    expect(await migrate(at.input(options))).toMatchObject({
      exitCode: 1,
      error: { code: 'TARGET_LOCKED', message: expect.stringMatching(/the other one\), since 2/) },
    })
  expect(await status({ target: at.target })).toMatchObject({ holder: { application: 'the other one' } })
  await expect(undo({ target: at.target })).rejects.toMatchObject({ code: 'TARGET_LOCKED' })
  await other.close()
  expect(await migrate(at.input(PARTS))).toMatchObject({ outcome: 'done' })
})

test('an attempt that another one followed cannot write any more, and what it had under way is waited for', async () => {
  await using at = await rig(SOURCE, TARGET)
  await stopAfter(at, 5)
  const old = await openSession(at.target)
  await beginStep(old)
  await holdAttempt(old, 1)
  expect(await migrate(at.input({ ...PARTS, lockTimeoutMs: 200 }))).toMatchObject({
    exitCode: 1,
    error: { code: 'LOCK_TIMEOUT' },
  })
  await rollback(old)
  expect((await stopAfter(at, 1)).resumed).toMatchObject({ attempts: 2 })
  await beginStep(old)
  await expect(holdAttempt(old, 1)).rejects.toMatchObject({ code: 'RUN_TAKEN_OVER' })
  await rollback(old)
  await undo({ target: at.target })
  await beginStep(old)
  await expect(holdAttempt(old, 2)).rejects.toMatchObject({ code: 'RUN_TAKEN_OVER' })
  await old.close()
})

test('a row that the server refuses stops it, and the words say that it must be undone to be mended', async () => {
  await using at = await rig(SOURCE, TARGET)
  await stopAfter(at, 2)
  await at.rows("insert into item (id, owner, name) values (900, 1, 'in the way')")
  const report = await migrate(at.input(PARTS))
  expect(report).toMatchObject({
    outcome: 'stopped',
    exitCode: 3,
    error: { code: '23505', table: 'item', remedy: expect.stringMatching(/mend the rows.*rowferry undo postgres:/) },
  })
  expect((await status({ target: at.target })).run).toMatchObject({ state: 'loading', next: 'load item' })
})

test('rows of others are found by the comparison: what is committed stays, and the ledger says so until it is settled', async () => {
  await using at = await rig(SOURCE, TARGET)
  await stopAfter(at, 12)
  await at.rows("insert into log values ('not ours', null)")
  const report = await migrate(at.input(PARTS))
  expect(report).toMatchObject({
    outcome: 'different',
    exitCode: 4,
    error: { code: 'VERIFICATION_FAILED', message: expect.stringContaining('stays') },
    resumed: { ledger: 'kept' },
  })
  expect((await status({ target: at.target })).run).toMatchObject({
    state: 'different',
    difference: expect.stringContaining('log: 0 missing, 1 extra'),
  })
  await expect(undo({ target: at.target })).rejects.toMatchObject({
    code: 'UNDO_REFUSED',
    message: expect.stringContaining('log holds 1 that the run did not write'),
  })
  await at.rows("delete from log where line = 'not ours'")
  expect(await migrate(at.input(PARTS))).toMatchObject({ outcome: 'done', exitCode: 0 })
})

test.each([
  ['an update', "update item set name = 'x' where id = 5", 'item holds 1 that'],
  ['a delete', 'delete from item where id = 5', 'item holds 1 fewer'],
  [
    'one for one',
    "delete from log where ctid = '(0,1)'; insert into log values ('line 0')",
    'log holds 1 that the run did not write as they are and 1 fewer',
  ],
  [
    'a reference',
    'create table note (item bigint references item (id)); insert into note values (7)',
    'rows of note reference them',
  ],
  ['a column', 'alter table log add column more int', 'the tables were changed'],
])('undo is refused after %s by others, and changes nothing', async (_what, sql, words) => {
  await using at = await rig(SOURCE, TARGET)
  // Keys are back by then, so that others may reference them
  await migrate(at.input({ ...PARTS, keepLedger: true }))
  await at.rows(sql)
  const before = await at.rows(HOLDS)
  await expect(undo({ target: at.target })).rejects.toMatchObject({
    code: 'UNDO_REFUSED',
    message: expect.stringContaining(words),
  })
  expect(await at.rows(HOLDS)).toEqual(before)
  expect((await status({ target: at.target })).run).toMatchObject({ state: 'done' })
})

test('a second run beside a kept ledger is told what to do with it', async () => {
  await using at = await rig(SOURCE, TARGET)
  await migrate(at.input({ ...PARTS, keepLedger: true }))
  expect(await migrate(at.input(PARTS))).toMatchObject({ error: { code: 'RUN_DONE' } })
  const before = await schemaOf(at)
  expect(await undo({ target: at.target })).toMatchObject({ rows: 1800, dropped: [] })
  expect(before).not.toBe(await schemaOf(at))
  expect(await at.rows("insert into owner (name) values ('first') returning id")).toEqual([['1']])
  await expect(undo({ target: at.target })).rejects.toMatchObject({ code: 'NOTHING_TO_UNDO' })
})
