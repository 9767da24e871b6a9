import { useDatabase } from '@rowferry/vitest-preset/database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverAddress } from '../../test/addresses.ts'
import { openSession } from '../open-session.ts'
import type { Session } from '../session.ts'
import { readRights } from './rights.ts'

const database = useDatabase()
const named = (name: string) => ({ schema: 'app', name })
let owner: Session
let guest: Session
let role: string

beforeAll(async () => {
  owner = await openSession(serverAddress(database.url))
  role = `guest_${database.name}`
  await owner.query(
    `create role ${role} login;
     create schema app;
     create table app.t (id bigserial primary key, other int default 1, twice int generated always as (other * 2) stored);
     create table app.guarded (id int generated always as identity);
     create sequence app.loose;
     alter table app.t alter other set default nextval('app.loose');
     create policy own on app.guarded using (true);
     alter table app.guarded enable row level security`,
  )
  guest = await openSession(serverAddress(database.url, { user: role }))
})
afterAll(async () => {
  await guest?.close()
  await owner?.query(`drop owned by ${role}; drop role ${role}`)
  await owner?.close()
})

const missing = async (session: Session, create = false, schema = 'app') =>
  (await readRights(session, [named('t'), named('guarded'), named('not there')], { create, schema })).map(
    ({ kind, object, right }) => `${right} ${kind} ${object.schema}.${object.name}`,
  )

test('a superuser lacks nothing', async () => {
  expect(await missing(owner, true)).toEqual([])
  expect(await missing(owner, true, 'to be made')).toEqual([])
})

test('everything that is missing is named, and each remedy mends its own', async () => {
  const before = await readRights(guest, [named('t'), named('guarded')], { create: true, schema: 'app' })
  expect(before.map(({ kind, object, right }) => `${right} ${kind} ${object.schema}.${object.name}`)).toEqual([
    'USAGE schema app.',
    'CREATE schema app.',
    'INSERT table app.guarded',
    'ROW SECURITY table app.guarded',
    'SELECT table app.guarded',
    'TRUNCATE table app.guarded',
    'INSERT table app.t',
    'SELECT table app.t',
    'TRUNCATE table app.t',
    'UPDATE sequence app.guarded_id_seq',
    'USAGE sequence app.guarded_id_seq',
    'UPDATE sequence app.loose',
    'USAGE sequence app.loose',
    'UPDATE sequence app.t_id_seq',
    'USAGE sequence app.t_id_seq',
  ])
  for (const { remedy } of before) await owner.execute(remedy)
  expect(await missing(guest, true)).toEqual([])
})

test('a schema that is to be made needs a right on the database', async () => {
  const [right, ...others] = await readRights(guest, [], { create: true, schema: 'to be made' })
  expect(right).toMatchObject({
    kind: 'database',
    right: 'CREATE',
    remedy: `GRANT CREATE ON DATABASE "${database.name}" TO "${role}"`,
  })
  expect(others).toEqual([])
})

test('rights on every column are as good as one on the table', async () => {
  await owner.query(
    `revoke all on app.t from ${role}; grant select (id, other, twice), insert (id, other), truncate on app.t to ${role}`,
  )
  expect(await missing(guest)).toEqual([])
  await owner.query(`revoke insert (other) on app.t from ${role}`)
  expect(await missing(guest)).toEqual(['INSERT table app.t'])
})

test('an owner who has forced row security on himself is told how to stop', async () => {
  await owner.query(
    `alter role ${role} nobypassrls; grant insert on app.t to ${role}; alter table app.guarded owner to ${role}; alter table app.guarded force row level security`,
  )
  const [right] = await readRights(guest, [named('guarded')], { create: false, schema: 'app' })
  expect(right).toMatchObject({
    right: 'ROW SECURITY',
    remedy: 'ALTER TABLE "app"."guarded" NO FORCE ROW LEVEL SECURITY',
  })
  await guest.execute(right!.remedy)
  expect(await missing(guest)).toEqual([])
})
