import { openProxy, type Fate, type Passing } from '@rowferry/vitest-preset/proxy'
import { expect } from 'vitest'
import type { migrate } from '@rowferry/migrate'
import type { Crossing } from './crossing.ts'

export const EXACT = 'exact'
export const TOLD = 'told as failed, nothing written, exact when run again'

/** A report tells what is stored, and where that is nothing, the same call again ends it. The target is empty afterwards. */
export async function expectTruth(crossing: Crossing, report: Awaited<ReturnType<typeof migrate>>): Promise<string> {
  await crossing.quiet()
  const state = await crossing.state()
  expect(['done', 'failed']).toContain(report.outcome)
  expect(state).toBe(report.outcome === 'done' ? crossing.complete : crossing.before)
  if (report.outcome === 'failed') {
    expect(report.exitCode).toBe(1)
    expect(report.error?.remedy).toBeTruthy()
    expect(await crossing.run()).toMatchObject({ outcome: 'done' })
  }
  expect(await crossing.state()).toBe(crossing.complete)
  await crossing.empty()
  return report.outcome === 'done' ? EXACT : TOLD
}

/** Runs once over a way on which bytes meet their fate. */
export async function endsWell(
  crossing: Crossing,
  decide: (passing: Passing) => Fate,
  stallTimeoutMs = 60_000,
): Promise<string> {
  const run = async () => {
    await using proxy = await openProxy(crossing.url, decide)
    return await crossing.run(crossing.through(proxy.port), { stallTimeoutMs })
  }
  return expectTruth(crossing, await run())
}
