import { expect, test } from 'vitest'
import { migrate } from './migrate-command.ts'
import { rig } from '../test/rig.ts'

const SOURCE = `create table a (id integer primary key, name text); create table b (id integer primary key, a integer references a(id));
  insert into a values (1, 'x'); insert into b values (1, 1), (2, null);`
const TARGET = `create table a (id int primary key, name text); create table b (id int primary key, a int references a(id));`

/** The rig's input for a role that owns nothing. */
async function asGuest(at: Awaited<ReturnType<typeof rig>>) {
  const input = at.input()
  if (input.target.kind !== 'postgres') throw new TypeError('a server is needed')
  const user = `guest_${input.target.database}`
  await at.rows(`create role ${user} login`)
  return {
    user,
    input: { ...input, target: { ...input.target, user } },
    async [Symbol.asyncDispose]() {
      await at.rows(`drop owned by ${user}; drop role ${user}`)
    },
  }
}

test('all rights that are missing are listed at once', async () => {
  await using at = await rig(SOURCE, TARGET)
  await using guest = await asGuest(at)
  await at.rows('alter table b enable row level security')
  await at.rows(`grant select, insert on b to ${guest.user}`)
  const report = await migrate(guest.input)
  expect(report).toMatchObject({ outcome: 'refused', exitCode: 1 })
  expect(
    report.findings.filter(({ severity }) => severity === 'refuse').map(({ code, message }) => [code, message]),
  ).toEqual([
    ['RIGHT_MISSING', `${guest.user} has no INSERT right on table a`],
    ['RIGHT_MISSING', `${guest.user} has no SELECT right on table a`],
    ['RIGHT_MISSING', `row level security on b would hide rows from ${guest.user} or refuse them`],
  ])
})

test('INSERT and SELECT are enough for empty tables; emptying them takes TRUNCATE', async () => {
  await using at = await rig(SOURCE, TARGET)
  await using guest = await asGuest(at)
  await at.rows(`grant select, insert on a, b to ${guest.user}`)
  const { input } = guest
  const emptied = await migrate({ ...input, options: { ...input.options, onExisting: 'truncate' } })
  expect(emptied.findings.filter(({ code }) => code === 'RIGHT_MISSING').map(({ message }) => message)).toEqual([
    `${guest.user} has no TRUNCATE right on table a`,
    `${guest.user} has no TRUNCATE right on table b`,
  ])
  const report = await migrate(input)
  expect(report).toMatchObject({ outcome: 'done', exitCode: 0, totals: { read: 3, written: 3 } })
  expect(await at.rows('select id, a from b order by id')).toEqual([
    ['1', '1'],
    ['2', null],
  ])
})

test('an owner under forced row level security, and rights on single columns, are told beforehand', async () => {
  await using at = await rig(SOURCE, TARGET)
  await using guest = await asGuest(at)
  await at.rows(`grant select (id, name), insert (id, name) on a to ${guest.user}; alter table b owner to ${guest.user};
    alter table b enable row level security`)
  const messages = async () =>
    (await migrate(guest.input)).findings.filter(({ code }) => code === 'RIGHT_MISSING').map(({ message }) => message)
  // What is granted on every column reads and loads, but locks nothing
  expect(await messages()).toEqual([`${guest.user} has no INSERT right on table a`])
  await at.rows(`grant insert on a to ${guest.user}`)
  await at.rows('alter table b force row level security')
  expect(await messages()).toEqual([`row level security on b would hide rows from ${guest.user} or refuse them`])
  await at.rows('alter table b no force row level security')
  expect(await migrate(guest.input)).toMatchObject({ outcome: 'done', totals: { written: 3 } })
})
