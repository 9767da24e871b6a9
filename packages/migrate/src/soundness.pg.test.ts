import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { rig } from '../test/rig.ts'
import { inspect } from './inspect.ts'
import { migrate } from './migrate-command.ts'
import { plan } from './plan-command.ts'

const SOURCE = `create table t (id integer primary key, n integer); create index i on t (n); insert into t values (1, 2), (3, 4);
  create table ballast (v blob); insert into ballast values (zeroblob(34000000))`

/** Takes the index out of the schema while a row is deleted. */
function damage(file: string): void {
  let db = new Database(file).unsafeMode()
  const index = db.prepare("select * from sqlite_schema where name = 'i'").raw().get() as unknown[]
  db.pragma('writable_schema = on')
  db.exec("delete from sqlite_schema where name = 'i'")
  db.close()
  db = new Database(file).unsafeMode()
  db.exec('delete from t where id = 1')
  db.pragma('writable_schema = on')
  db.prepare('insert into sqlite_schema values (?, ?, ?, ?, ?)').run(...index)
  db.close()
}

test('damage that is found while a large file is being read is known before COMMIT', async () => {
  await using at = await rig(SOURCE)
  damage(at.path)
  const input = at.input({})
  const beside = { ...input, source: { ...input.source, options: { path: at.path, integrityCheck: 'beside' } } }
  const report = await migrate(beside)
  expect(report).toMatchObject({ outcome: 'failed', error: { code: 'SOURCE_DAMAGED' } })
  expect(await at.rows("select count(*) from pg_class where relname in ('t', 'ballast')")).toEqual([['0']])
  expect((await plan(beside)).report.error).toMatchObject({ code: 'SOURCE_DAMAGED' })
  await expect(inspect(beside)).rejects.toMatchObject({ code: 'SOURCE_DAMAGED' })
})

test('a large file that is sound arrives, and its sums were asked for beside the load', async () => {
  await using at = await rig(SOURCE)
  const input = at.input({})
  const source = { ...input.source, options: { path: at.path, integrityCheck: 'beside' } }
  const report = await migrate({ ...input, source })
  expect(report).toMatchObject({ outcome: 'done', error: null })
  const phases = at.events.flatMap((event) => (event.type === 'phase' ? [event.phase] : []))
  expect(phases.indexOf('soundness')).toBe(phases.indexOf('commit') - 1)
  const planned = await plan({ ...input, source })
  expect(planned.plan?.tables.find(({ source: { name } }) => name === 't')?.evidence).toHaveLength(2)
})
