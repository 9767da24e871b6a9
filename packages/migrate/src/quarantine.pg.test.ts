import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
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
