import { expect, test } from 'vitest'
import { rig } from '../test/rig.ts'
import { migrate } from './migrate-command.ts'
import { plan } from './plan-command.ts'

const refused = (report: { findings: readonly { severity: string }[] }) =>
  report.findings.filter(({ severity }) => severity === 'refuse')

/** The rig's input for another database on the same server, of an encoding that is not Unicode. */
async function inLatin1(at: Awaited<ReturnType<typeof rig>>) {
  const input = at.input()
  if (input.target.kind !== 'postgres') throw new TypeError('a server is needed')
  const database = `${input.target.database}_latin1`
  const [[version]] = (await at.rows('show server_version_num')) as [[string]]
  // The cluster's own locale may be of a provider that knows UTF-8 only
  const provider = Number(version) < 150_000 ? '' : 'locale_provider libc'
  await at.rows(
    `create database ${database} template template0 encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' ${provider}`,
  )
  return {
    input: { ...input, target: { ...input.target, database } },
    async [Symbol.asyncDispose]() {
      await at.rows(`drop database ${database}`)
    },
  }
}

test('a database that is not in UTF-8 is named, takes what it can hold, and refuses the rest', async () => {
  await using at = await rig(
    `create table a (id integer primary key, v text); insert into a values (1, 'é'); create table b as select 1 as id, '日' as v;
     create table "日" (id integer primary key)`,
  )
  await using latin1 = await inLatin1(at)
  const only = (...tables: string[]) => ({ ...latin1.input, options: { ...latin1.input.options, tables } })
  expect(await plan(only('a', 'b'))).toMatchObject({
    plan: {
      findings: [
        {
          code: 'TARGET_NOT_UTF8',
          message: expect.stringContaining('LATIN1'),
          remedy: expect.stringContaining('UTF8'),
        },
      ],
    },
  })
  const report = await migrate(only('a', 'b'))
  expect(report).toMatchObject({ outcome: 'refused', exitCode: 1 })
  expect(refused(report)).toMatchObject([{ code: 'SERVER_REFUSED', table: 'b', count: 1 }])
  expect(await migrate(only('日'))).toMatchObject({
    exitCode: 1,
    error: { code: '22P05', remedy: expect.stringContaining("ENCODING 'UTF8'") },
  })
  expect(await migrate(only('a'))).toMatchObject({ exitCode: 0, outcome: 'done' })
})

test.each(['pg_catalog', 'pg_mine', 'information_schema'])('the schema %s is not for us', async (schema) => {
  await using at = await rig('create table t (id integer primary key)')
  const report = await migrate(at.input({ schema }))
  expect(report).toMatchObject({ outcome: 'refused', exitCode: 1 })
  expect(refused(report)).toMatchObject([{ code: 'SCHEMA_RESERVED', remedy: expect.stringContaining('--schema') }])
})

test('a foreign table is refused as that, and not asked for rows', async () => {
  await using at = await rig(
    'create table t (id integer primary key)',
    'create extension postgres_fdw; create server s foreign data wrapper postgres_fdw; create foreign table t (id int) server s',
  )
  const report = await migrate(at.input())
  expect(refused(report)).toMatchObject([
    { code: 'TARGET_IS_FOREIGN', remedy: expect.stringContaining('--exclude-tables') },
  ])
})
