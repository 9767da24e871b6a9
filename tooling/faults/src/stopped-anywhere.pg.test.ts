import { migrate } from '@rowferry/migrate'
import { expect, test } from 'vitest'
import type { Expected, Held } from './expected.ts'
import { expectUndone, heldBy, undisturbed } from './expected.ts'
import { figures } from './figures.ts'
import type { Into, Load } from './load.ts'
import { prepareLoad } from './load.ts'
import type { Fault } from './proxy.ts'

const isWhole = process.env['ROWFERRY_SWEEP'] === 'all'
/** Of all points a short sweep takes some, other ones for each kind of fault. */
const POINTS = 2
const ATTEMPTS = 5

/** The same call until it is done; each attempt undisturbed. */
async function goOn(load: Load, jobs: number): Promise<number> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const report = await migrate(load.input({ jobs }))
    if (report.outcome === 'done') return attempt
    expect(report).toMatchObject({ outcome: 'stopped' })
    await load.quiet()
  }
  throw new Error(`not done after ${ATTEMPTS} attempts`)
}

const WORDS = { drop: 'connection cut before a message', lose: 'answer lost', tell: 'stopped on request' }

type Kind = Pick<Fault, 'how' | 'ever' | 'commits'>
type After = 'resume' | 'undo'

async function meet(load: Load, expected: Expected, jobs: number, fault: Fault, after: After): Promise<Held | null> {
  const controller = new AbortController()
  load.proxy.arm({ ...fault, ...(fault.how === 'tell' && { on: () => controller.abort() }) })
  const report = await migrate({ ...load.input({ jobs }), signal: controller.signal })
  const fired = load.proxy.fired()
  load.proxy.heal()
  await load.quiet()
  const held = await heldBy(load, expected)
  const said = {
    failed: ['nothing'],
    interrupted: ['nothing'],
    stopped: ['nothing', 'parts'],
    unknown: ['parts', 'all'],
    done: ['all'],
  }
  expect(said[report.outcome as keyof typeof said] ?? [], `${report.outcome}: ${report.error?.message}`).toContain(held)
  if (held === 'parts' && after === 'undo') await expectUndone(load, expected)
  if (held !== 'all') await goOn(load, jobs)
  expect(await load.state()).toBe(expected.complete)
  await load.quiet()
  await load.reset()
  return fired ? held : null
}

/** Every message from the first COMMIT on, and some of those before it, where nothing is written yet; or a few that lie apart. */
function* pointsOf({ firstCommit, messages }: Expected, kind: number): Generator<readonly [at: number, after: After]> {
  if (KINDS[kind]![2].commits) {
    for (let at = isWhole ? 1 : 3; ; at += isWhole ? 1 : 4) yield [at, at % 2 === 0 ? 'undo' : 'resume']
  }
  if (isWhole) {
    // Half a minute is waited for a server that is away
    const [before, after] = KINDS[kind]![2].ever ? [100, 12] : [KINDS.length * 2, 1]
    for (let at = 1 + kind; at < firstCommit - 3; at += before) yield [at, 'resume']
    for (let at = firstCommit - 3; ; at += after) yield [at, (at + kind) % 2 === 0 ? 'undo' : 'resume']
  }
  const [from, rows] = [firstCommit - 2, messages - firstCommit]
  for (let point = 0; point < POINTS; point++)
    yield [from + Math.ceil((rows * (point + kind / KINDS.length)) / POINTS), point % 2 === 0 ? 'resume' : 'undo']
}

const [dropped, lost, left] = (['drop', 'lose', 'tell'] as const).map((how): Kind => ({ how, ever: false }))
const KINDS: readonly (readonly [Into, number, Kind])[] = [
  ['existing', 1, left!],
  ['existing', 3, { ...lost!, commits: true }],
  ['create', 2, { ...dropped!, commits: true }],
  ...(isWhole
    ? ([
        ['existing', 1, dropped!],
        ['existing', 1, lost!],
        ['existing', 3, lost!],
        ['create', 2, dropped!],
        ['existing', 3, left!],
        ['create', 2, lost!],
        ['create', 1, left!],
        ['existing', 2, { how: 'lose', ever: true }],
        ['create', 2, { how: 'drop', ever: true }],
      ] as const)
    : []),
]

const sweeps = KINDS.map(([into, jobs, kind], place) => {
  const what = `${WORDS[kind.how]}${kind.commits ? ', of COMMIT' : ''}${kind.ever ? ', and the server away' : ''}`
  const name = `a load in parts (${into}, ${jobs} ${jobs === 1 ? 'connection' : 'connections'}): ${what}`
  return [name, { into, jobs, kind, place, count: figures(name) }] as const
})

test.each(sweeps)(
  '%s; what was committed is gone on with, or undone',
  { timeout: isWhole ? 7_200_000 : 300_000 },
  async (_name, { into, jobs, kind, place, count }) => {
    await using load = await prepareLoad(into, isWhole ? 50_000 : 600)
    const digest = load.digest()
    const expected = await undisturbed(load, jobs)
    let points = 0
    for (const [at, after] of pointsOf(expected, place)) {
      const held = await meet(load, expected, jobs, { ...kind, at }, after).catch((error: unknown) => {
        throw new Error(`message ${at} of about ${expected.messages}, then ${after}`, { cause: error })
      })
      if (held === null) break
      count(`exact, from ${held}`)
      points++
    }
    expect(points).toBeGreaterThan(0)
    expect(load.digest()).toBe(digest)
  },
)
