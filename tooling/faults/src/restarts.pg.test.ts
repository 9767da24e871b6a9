import { setTimeout } from 'node:timers/promises'
import { migrate } from '@rowferry/migrate'
import { expect, test } from 'vitest'
import { startCluster, type Blow } from './cluster.ts'
import { prepareCrossing } from './crossing.ts'
import { EXACT, expectTruth, TOLD } from './ends-well.ts'
import { figures, points } from './figures.ts'
import { randomNumbers } from './random.ts'

const blows = ['fast', 'immediate', 'backend', 'postmaster'] as const
const counts = new Map<Blow, (outcome: string) => void>(
  blows.map((blow) => [blow, figures(`server struck while rows cross: ${blow}`)]),
)

test(
  'a server that is stopped, killed or crashes: exact, or told and exact when run again',
  { timeout: 1_800_000 },
  async ({ skip }) => {
    await using cluster = await startCluster()
    skip(cluster === null, 'no PostgreSQL to start')
    await using crossing = await prepareCrossing(cluster!.url)
    const began = performance.now()
    await crossing.run()
    const whole = performance.now() - began
    await crossing.empty()
    const below = randomNumbers(21)
    for (let point = 0; point < points(40, 2); point++) {
      const blow = blows[point % blows.length]!
      let struck: Promise<void> | undefined
      const strike = async (): Promise<void> => {
        await setTimeout(below(Math.ceil(whole)))
        const [found] = await crossing.query("select pid from pg_stat_activity where application_name = 'rowferry'")
        await cluster!.strike(blow, found ? Number(found['pid']) : null)
      }
      const report = await migrate({
        ...crossing.input(),
        onEvent: (event) => {
          if (event.type === 'phase' && event.phase === 'lock') struck ??= strike()
        },
      })
      await struck
      for (let waited = 0; waited < 100; waited++) {
        const up = await crossing.query('select 1').then(
          () => true,
          () => false,
        )
        if (up) break
        await setTimeout(100)
      }
      const outcome = await expectTruth(crossing, report)
      expect([EXACT, TOLD]).toContain(outcome)
      counts.get(blow)!(outcome)
    }
  },
)
