import type { MigrateInput } from '@rowferry/migrate'
import { migrate, status, undo } from '@rowferry/migrate'
import { expect } from 'vitest'
import type { Load } from './load.ts'

/** What the target may hold straight after a fault. */
export type Held = 'nothing' | 'parts' | 'all'

export interface Expected {
  /** States of the target. */
  readonly before: string
  readonly complete: string
  /** Messages until the first COMMIT was answered, and in all. */
  readonly firstCommit: number
  readonly messages: number
}

/** What a run that nothing happens to comes to. The target is as before again. */
export async function undisturbed(load: Load, jobs: number): Promise<Expected> {
  const before = await load.state()
  load.proxy.heal()
  let firstCommit = 0
  const onEvent: MigrateInput['onEvent'] = (event) => {
    if (event.type === 'phase' && event.phase === 'data') firstCommit = load.proxy.seen()
  }
  expect(await migrate({ ...load.input({ jobs }), onEvent })).toMatchObject({ outcome: 'done' })
  const messages = load.proxy.seen()
  const complete = await load.state()
  await load.quiet()
  await load.reset()
  expect(await load.state()).toBe(before)
  return { before, complete, firstCommit, messages }
}

/** What the target holds, straight after a fault; that `status` says just that is expected on the way. */
export async function heldBy(load: Load, { before, complete }: Expected): Promise<Held> {
  const { run, holder } = await status({ target: load.target })
  expect(holder).toBeNull()
  if (run) {
    expect(run.rows).toBe(await load.rows())
    return 'parts'
  }
  const state = await load.state()
  expect([before, complete]).toContain(state)
  return state === before ? 'nothing' : 'all'
}

export async function expectUndone(load: Load, { before }: Expected): Promise<void> {
  await undo({ target: load.target })
  expect(await load.state()).toBe(before)
}
