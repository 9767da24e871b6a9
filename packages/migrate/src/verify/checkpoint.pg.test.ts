import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { rig } from '../../test/rig.ts'
import { migrate } from '../migrate-command.ts'
import { verify, type VerifyInput } from '../verify-command.ts'
import type { Checkpoint } from './checkpoint.ts'

const SOURCE = `create table a (id integer primary key, v text); create table b (id integer primary key, v text); create table c (k text, v real);
  insert into a values (1, 'x'), (2, 'y'); insert into b values (1, 'z'); insert into c values ('k', 0.5), ('k', 0.5)`

function checkpoint(): Checkpoint & { lines: string[] } {
  const lines: string[] = []
  return {
    lines,
    kept: lines,
    keep(line, anew) {
      if (anew) lines.length = 0
      lines.push(line)
    },
  }
}

async function crossed() {
  const at = await rig(SOURCE)
  expect((await migrate(at.input())).outcome).toBe('done')
  const kept = checkpoint()
  const run = (input: Partial<VerifyInput> = {}) => verify({ ...at.input(), checkpoint: kept, ...input })
  return { at, kept, run, [Symbol.asyncDispose]: () => at[Symbol.asyncDispose]() }
}

const said = ({ outcome, findings, totals }: Awaited<ReturnType<typeof verify>>) => [
  outcome,
  totals.cells,
  findings.find(({ code }) => code === 'COMPARED_BEFORE')?.count ?? 0,
  findings.some(({ code }) => code === 'CHECKPOINT_STALE'),
]

/** Again until it is so: a transaction of another test's that is still open makes a table count as written since. */
function settled(run: () => ReturnType<typeof verify>) {
  return expect.poll(async () => said(await run()), { timeout: 20_000 })
}

test('what was found equal and was not touched since is not compared again', { timeout: 120_000 }, async () => {
  await using made = await crossed()
  const { at, kept, run } = made
  expect(said(await run())).toEqual(['done', 10, 0, false])
  expect(kept.lines.length).toBe(4)
  // As an interruption leaves it: before the last table, in the middle of a line
  await settled(async () => {
    kept.lines.length = 0
    await run()
    kept.lines.splice(3, 1, kept.lines[3]!.slice(0, 40))
    return run()
  }).toEqual(['done', 10, 2, false])
  await settled(run).toEqual(['done', 10, 3, false])
  await at.rows("update b set v = 'other'")
  await settled(run).toEqual(['different', 10, 2, false])
  await at.rows("update b set v = 'z'; delete from a where id = 2")
  await settled(run).toMatchObject(['different', expect.anything(), 1, false])
  await at.rows("insert into a values (2, 'y')")
  await settled(run).toEqual(['done', 10, 2, false])
})

test('nothing counts where the source, the schema or what was agreed is another', { timeout: 60_000 }, async () => {
  await using made = await crossed()
  const { at, kept, run } = made
  await settled(async () => {
    kept.lines.length = 0
    await run()
    return run({ options: { trim: ['a.v'] } })
  }).toEqual(['done', 10, 2, false])
  await at.rows('alter table c add column later text')
  expect(said(await run())).toMatchObject(['done', 10, 0, true])
  const file = new Database(at.path)
  file.exec("update b set v = 'new'")
  file.close()
  expect(said(await run())).toMatchObject(['different', expect.anything(), 0, true])
  expect(kept.lines.length).toBe(3)
})
