import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { rig, type Rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'

const run = promisify(execFile)
const SOURCE =
  'create table parent (id integer primary key); insert into parent values (1); create table child (id integer primary key, parent integer references parent(id)); insert into child values (1, 1);'
const TARGET = `
  create table parent (id int generated always as identity primary key, note text, twice int generated always as (id * 2) stored);
  create table child (id int primary key, parent int references parent);
  insert into parent (note) values ('a'), ('b;''"'), (null); insert into child values (7, 3), (8, 2);`
const STATE = 'select id, note, twice from parent union all select id, parent::text, null from child order by 1, 2'
const OPTIONS = { onExisting: 'truncate' } as const

test('--backup schema keeps rows in the same transaction, and says how they come back', async () => {
  await using at = await rig(SOURCE, TARGET)
  const before = await at.rows(STATE)
  const report = await migrate(at.input({ ...OPTIONS, backup: 'schema' }))
  expect(report).toMatchObject({ outcome: 'done', error: null })
  const note = report.findings.find(({ code }) => code === 'BACKUP_KEPT')!
  expect(note).toMatchObject({ severity: 'note', count: 5, message: expect.stringContaining('rowferry_backup_') })
  expect(await at.rows('select count(*) from parent')).toEqual([['1']])
  const [statements = '', drop = ''] = note
    .remedy!.replace('to put them back: ', '')
    .split('; when nobody needs them any more: ')
  await at.rows(statements)
  expect(await at.rows(STATE)).toEqual(before)
  await at.rows(drop)
  expect(await at.rows("select count(*) from pg_namespace where nspname like 'rowferry%'")).toEqual([['0']])
})

test('nothing is left of it where the crossing does not commit', async () => {
  await using at = await rig(SOURCE, TARGET)
  const before = await at.rows(STATE)
  expect(await migrate({ ...at.input({ ...OPTIONS, backup: 'schema' }), rehearse: true })).toMatchObject({
    outcome: 'rehearsed',
  })
  expect(await at.rows(STATE)).toEqual(before)
  expect(await at.rows("select count(*) from pg_namespace where nspname like 'rowferry%'")).toEqual([['0']])
})

test('a role that may not make schemas is told before anything is begun', async () => {
  await using at = await rig(SOURCE, TARGET)
  const role = `backup_${at.url.split('_').at(-1)}`
  await at.rows(
    `create role ${role} login; grant all on all tables in schema public to ${role}; grant all on all sequences in schema public to ${role}`,
  )
  const target = { ...at.target, user: role } as typeof at.target
  const report = await migrate({ ...at.input({ ...OPTIONS, backup: 'schema' }), target })
  await at.rows(`drop owned by ${role}; drop role ${role}`)
  expect(report).toMatchObject({
    outcome: 'refused',
    findings: expect.arrayContaining([
      expect.objectContaining({
        code: 'BACKUP_IMPOSSIBLE',
        remedy: expect.stringContaining('GRANT CREATE ON DATABASE'),
      }),
    ]),
  })
})

/** Can this machine's pg_dump read that server? */
async function dumps(at: Rig): Promise<boolean> {
  const said = await run('pg_dump', ['--version']).catch(() => null)
  const [server] = await at.rows("select current_setting('server_version_num')::int / 10000")
  return Number(/\d+/.exec(said?.stdout ?? '')?.[0] ?? 0) >= Number(server?.[0])
}

test('--backup pg_dump keeps rows in a file that brings them back', async ({ skip }) => {
  await using at = await rig(SOURCE, TARGET)
  skip(!(await dumps(at)), 'no pg_dump for this server')
  const before = await at.rows(STATE)
  const backupDir = join(at.folder, 'kept')
  mkdirSync(backupDir)
  expect(await migrate(at.input({ ...OPTIONS, backup: 'pg_dump', backupDir }))).toMatchObject({ outcome: 'done' })
  const file = join(backupDir, readdirSync(backupDir)[0]!)
  expect(statSync(file).mode & 0o077).toBe(0)
  await at.rows('truncate parent, child')
  await run('pg_restore', ['--data-only', '--single-transaction', `--dbname=${at.url}`, file])
  expect(await at.rows(STATE)).toEqual(before)
})

test('where pg_dump cannot, nothing is destroyed', async () => {
  await using at = await rig(SOURCE, TARGET)
  const before = await at.rows(STATE)
  const report = await migrate(at.input({ ...OPTIONS, backup: 'pg_dump', backupDir: join(at.folder, 'not there') }))
  expect(['BACKUP_FAILED', undefined]).toContain(report.error?.code)
  expect(report.exitCode).toBe(1)
  expect(await at.rows(STATE)).toEqual(before)
})

test('--snapshot copy lets the application write to its file all the while', async () => {
  await using at = await rig(
    SOURCE,
    'create table parent (id int primary key); create table child (id int primary key, parent int references parent)',
  )
  const wrote: unknown[] = []
  const report = await migrate({
    ...at.input({ snapshot: 'copy' }),
    onEvent(event) {
      if (event.type !== 'phase' || event.phase !== 'data') return
      const application = new Database(at.path, { timeout: 0 })
      wrote.push(application.prepare('insert into parent values (2)').run().changes)
      application.close()
    },
  })
  expect(report).toMatchObject({ outcome: 'done', tables: [{ read: 1 }, { read: 1 }] })
  expect(wrote).toEqual([1])
})
