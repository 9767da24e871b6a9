import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'
import { verify } from './verify-command.ts'

const set = (table: string, column = 'updated_at', now = 'CURRENT_TIMESTAMP') =>
  `begin update ${table} set ${column} = ${now} where id = new.id; end`
/** Tables alike, each with a trigger of another shape. */
const shapes: Readonly<Record<string, string>> = {
  plain: `create trigger plain_touch after update on plain ${set('plain')};`,
  of: `create trigger of_touch after update of name, n on "of" for each row ${set('"of"', 'updated_at', "datetime('now')")};`,
  when_same: `create trigger when_same_touch after update on when_same for each row when old.updated_at is new.updated_at and new.n > 0 ${set('when_same')};`,
  by_old: `create trigger by_old_touch after update on by_old begin update by_old set updated_at = datetime('now') where rowid = old.rowid; end;`,
  iso: `create trigger iso_touch after update on iso ${set('iso', 'stamp', "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')")};`,
  fresh: `create trigger fresh_in after insert on fresh ${set('fresh')};`,
  both: `create trigger both_too after update on both ${set('both', 'stamp')}; create trigger both_up after update on both begin update both set updated_at = datetime('now'), ms = strftime('%s', 'now') * 1000 where new.id = both.id; end;`,
}
const schema = Object.entries(shapes)
  .map(
    ([
      name,
      trigger,
    ]) => `create table "${name}" (id integer primary key, name text, n integer, updated_at datetime, stamp text, ms integer);
      insert into "${name}" values (1, 'a', 1, '2001-01-01 00:00:00', '2001-01-01T00:00:00.000Z', 1), (2, 'b', 0, '2001-01-01 00:00:00', '2001-01-01T00:00:00.000Z', 1);
      ${trigger}`,
  )
  .join('\n')
const statements = (table: string) => [
  `update "${table}" set n = n where id = 1`,
  `update "${table}" set stamp = 'x' where id = 2`,
  `update "${table}" set updated_at = '2002-02-02 00:00:00' where id = 1`,
  `update "${table}" set id = 7 where id = 2`,
  `insert into "${table}" (id, name) values (9, 'new')`,
  `update "${table}" set name = 'all', n = 3`,
]
/** Of what is the moment of writing nothing is known but that it is another one, and how it is spelled. */
const shown = (cell: string | number | null): string | null => {
  const text = cell === null ? null : String(cell)
  if (text === null || !/^(?:20[2-9]\d-|[1-9]\d{12}$)/.test(text)) return text
  return text
    .replace(/\.\d{3}Z$/, '.0Z')
    .replaceAll(/\d/g, '9')
    .replace(/\.9+$/, '')
}

test('triggers that put the moment into the row do so in PostgreSQL: the same updates leave the same rows', async () => {
  await using at = await rig(schema)
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'done', error: null, notCarried: [] })
  expect(report.findings.filter(({ code }) => code === 'TRIGGER_TRANSLATED')).toHaveLength(8)
  expect(await verify(at.input())).toMatchObject({ outcome: 'done' })
  const file = new Database(at.path)
  for (const table of Object.keys(shapes)) {
    for (const statement of statements(table)) {
      file.exec(statement)
      await at.rows(statement)
      const rows = `select id, name, n, updated_at, stamp, ms from "${table}" order by id`
      const ours = (file.prepare(rows).raw().all() as (string | number | null)[][]).map((row) => row.map(shown))
      const theirs = (await at.rows(rows)).map((row) => row.map(shown))
      expect({ statement, rows: theirs }).toEqual({ statement, rows: ours })
    }
  }
  file.close()
})

test('of triggers that fire each other in SQLite the first is carried', async () => {
  const touch = (name: string, event: string) => `create trigger ${name} after ${event} on t ${set('t', 'at')};`
  await using at = await rig(
    `create table t (id integer primary key, n integer, at datetime); ${touch('inserted', 'insert')} ${touch('updated', 'update of n')} ${touch('late', 'update of at')}`,
  )
  const report = await migrate(at.input())
  expect(report.notCarried).toEqual([
    expect.objectContaining({ object: 'trigger late', why: 'in SQLite one of updated and late fires the other' }),
    expect.objectContaining({
      object: 'trigger inserted',
      why: 'in SQLite one of updated and inserted fires the other',
    }),
  ])
  expect(await at.rows('select tgname from pg_trigger where not tgisinternal')).toEqual([['updated']])
})

test('every other trigger is listed with its text and the reason', async () => {
  const others = {
    before: 'create trigger before before update on t begin update t set at = current_timestamp where id = new.id; end',
    other_table:
      'create trigger other_table after update on t begin update u set at = current_timestamp where id = new.id; end',
    other_rows:
      'create trigger other_rows after update on t begin update t set at = current_timestamp where id > new.id; end',
    no_key: 'create trigger no_key after update on t begin update t set at = current_timestamp where n = new.n; end',
    value: 'create trigger value after update on t begin update t set n = n + 1 where id = new.id; end',
    two: 'create trigger two after update on t begin update t set at = current_timestamp where id = new.id; delete from u; end',
    deletes: 'create trigger deletes after delete on t begin delete from u where id = old.id; end',
    app: "create trigger app after update on t when app(new.n) begin update t set at = datetime('now') where id = new.id; end",
    local:
      "create trigger local after update on t begin update t set at = datetime('now', 'localtime') where id = new.id; end",
  }
  await using at =
    await rig(`create table t (id integer primary key, n integer, at datetime); create table u (id integer primary key, at datetime);
    ${Object.values(others).join('; ')};`)
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'done', error: null })
  expect(
    Object.fromEntries(report.notCarried.map(({ object, definition }) => [object, definition.toLowerCase()])),
  ).toEqual(Object.fromEntries(Object.entries(others).map(([name, sql]) => [`trigger ${name}`, sql])))
  expect(report.notCarried.every(({ why }) => /\w+ \w+/.test(why))).toBe(true)
})

test('a name that is taken by a function of the target leaves the trigger out, and says so', async () => {
  await using at = await rig(
    `create table t (id integer primary key, at datetime); create trigger touch after update on t ${set('t', 'at')}`,
    'create function touch() returns int language sql as $$ select 1 $$',
  )
  const report = await migrate(at.input())
  expect(report).toMatchObject({
    outcome: 'done',
    notCarried: [{ object: 'trigger touch', suggestion: expect.stringContaining('CREATE TRIGGER') }],
  })
  expect(report.notCarried[0]!.why).toContain('PostgreSQL refuses it')
})
