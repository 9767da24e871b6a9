import { expect, test } from 'vitest'
import { rig } from '../test/rig.ts'
import { plan } from './plan-command.ts'

const remedies = async (source: string, columns: string) => {
  await using at = await rig(source, `create table t (${columns})`)
  const { report } = await plan(at.input())
  return report.findings.map(({ code, column, remedy, message }) => ({ code, column, remedy, message }))
}

test('UTC is offered for zone-less times where the schema speaks for it, and asked for where nothing does', async () => {
  const rows = "insert into t (a, b) values ('2024-01-01 10:00:00', '2024-01-01 10:00:00');"
  const byDefault = await remedies(
    `create table t (a datetime default current_timestamp, b datetime); ${rows}`,
    'a timestamptz, b timestamptz',
  )
  expect(byDefault).toMatchObject([
    {
      code: 'TIMEZONE_NEEDED',
      column: 'a',
      remedy: '--timezone UTC',
      message: expect.stringMatching(/look like UTC: the column's default is current_timestamp/i),
    },
    {
      column: 'b',
      remedy: '--timezone UTC',
      message: expect.stringMatching(/UTC: a of the same table has the default/),
    },
  ])
  const open = await remedies(
    `create table t (a datetime default (datetime('now', 'localtime')), b datetime); ${rows}`,
    'a timestamptz, b timestamptz',
  )
  expect(open.map(({ remedy }) => remedy)).toEqual(Array(2).fill(expect.stringMatching(/zone whose clock it was/)))
  const rails = await remedies(
    `create table ar_internal_metadata (key text primary key); create table t (a datetime, b datetime); ${rows}`,
    'a timestamptz, b timestamptz',
  )
  expect(rails.filter(({ code }) => code === 'TIMEZONE_NEEDED')).toMatchObject([
    { remedy: '--timezone UTC', message: expect.stringContaining('Rails keeps times in UTC') },
    { remedy: '--timezone UTC' },
  ])
})
