import { expect, test } from 'vitest'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'

const SOURCE = 'create table t (id integer primary key); insert into t values (1);'

test('publications and event triggers that take part are named, and others are not', async () => {
  await using at = await rig(
    SOURCE,
    `create table t (id int primary key); create table other (id int);
     create publication "out" for table t; create publication elsewhere for table other;
     create function watch() returns event_trigger language plpgsql as $$ begin end $$;
     create event trigger "on ddl" on ddl_command_end execute function watch();
     create event trigger asleep on ddl_command_end execute function watch(); alter event trigger asleep disable;`,
  )
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'done', error: null })
  const told = report.findings.filter(({ code }) => code === 'PUBLISHED' || code === 'EVENT_TRIGGER')
  expect(told.map(({ code, severity, message }) => [code, severity, message.split(' ').slice(0, 4).join(' ')])).toEqual(
    [
      ['EVENT_TRIGGER', 'warning', 'event trigger "on ddl"'],
      ['PUBLISHED', 'note', 'publication "out" sends public.t'],
    ],
  )
})

test('a publication of all tables takes created ones along', async () => {
  await using at = await rig(SOURCE, 'create publication everything for all tables')
  const report = await migrate(at.input())
  expect(report).toMatchObject({ outcome: 'done', findings: [{ code: 'PUBLISHED', severity: 'note' }] })
})

test('an empty table whose TRUNCATE would be sent on is not truncated, however large the load', async () => {
  const many = `create table t (id integer primary key); with recursive n (i) as (select 1 union all select i + 1 from n where i < 3000) insert into t select i from n;`
  const file = `select pg_relation_filenode('t')`
  const truncated = async (publish: string): Promise<boolean> => {
    await using at = await rig(
      many,
      `create table t (id int primary key); create publication p for table t with (publish = '${publish}')`,
    )
    const before = await at.rows(file)
    expect(await migrate(at.input())).toMatchObject({ outcome: 'done' })
    return String(await at.rows(file)) !== String(before)
  }
  expect(await truncated('insert, truncate')).toBe(false)
  expect(await truncated('insert')).toBe(true)
})
