import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Reject } from '@rowferry/write'
import { expect, test } from 'vitest'
import type { Phase } from './events.ts'
import { migrate } from './migrate-command.ts'
import { rig } from '../test/rig.ts'

/** One of three rows does not fit; its folder disappears when a phase begins. */
async function losingItsFolder(at: Awaited<ReturnType<typeof rig>>, phase: Phase) {
  const quarantineDir = join(at.folder, 'aside')
  return migrate({
    ...at.input({ onBadRow: 'quarantine', quarantineDir }),
    onEvent(event) {
      if (event.type !== 'phase' || event.phase !== phase) return
      expect(existsSync(quarantineDir)).toBe(true)
      rmSync(quarantineDir, { recursive: true })
    },
  })
}

const SOURCE = `create table t (id integer primary key, n); insert into t values (1, 1), (2, 'two'), (3, 3)`
const TARGET = 'create table t (id int primary key, n int)'

test('rows that could not be set aside are no reason to commit without them', async () => {
  await using at = await rig(SOURCE, TARGET)
  expect(await losingItsFolder(at, 'verify')).toMatchObject({
    outcome: 'failed',
    exitCode: 1,
    error: { code: 'QUARANTINE_UNWRITABLE' },
  })
  expect(await at.rows('select count(*) from t')).toEqual([['0']])
})

test('what happens to their files after COMMIT does not undo it in the report', async () => {
  await using at = await rig(SOURCE, TARGET)
  const report = await losingItsFolder(at, 'commit')
  expect(report).toMatchObject({ outcome: 'partial', exitCode: 2, totals: { read: 3, written: 2, rejected: 1 } })
  expect(report.findings).toContainEqual(
    expect.objectContaining({ code: 'QUARANTINE_UNWRITABLE', severity: 'warning' }),
  )
  expect(await at.rows('select count(*) from t')).toEqual([['2']])
})

test('a whole real that is set aside stays a real, whatever its column was for', async () => {
  await using at = await rig(
    'create table t (id integer primary key, a, b); insert into t values (1, 2.0, 2), (2, 3, -0.0)',
    'create table t (id int primary key, a date, b date)',
  )
  const quarantineDir = join(at.folder, 'aside')
  await migrate(at.input({ onBadRow: 'quarantine', quarantineDir }))
  const lines = readFileSync(join(quarantineDir, 't.ndjson'), 'utf8').trim().split('\n')
  const kept = lines.map((line) =>
    (JSON.parse(line) as Reject).values.map(({ class: stored, value }) => [stored, value]),
  )
  expect(kept).toEqual([
    [
      ['integer', '1'],
      ['real', '2.0'],
      ['integer', '2'],
    ],
    [
      ['integer', '2'],
      ['integer', '3'],
      ['real', '-0.0'],
    ],
  ])
})
