import type { SourceHarness } from './harness.ts'
import { perform, type Scenario } from './scenario.ts'
import { accountScenarios } from './scenarios/account.ts'
import { catalogScenarios } from './scenarios/catalog.ts'
import { rowScenarios } from './scenarios/rows.ts'

const all = { ...catalogScenarios, ...rowScenarios, ...accountScenarios }

/** A sentence of the contract, e.g. `rows/integers-exact`. Keys stay; scenarios are added. */
export type ScenarioKey = keyof typeof all

/** Every scenario by its key, in the order in which they run. */
export const scenarios: Readonly<Record<ScenarioKey, Scenario>> = all

export interface SuiteOptions {
  /** `test(name, fn)` of vitest, node:test, jest or any runner of that shape. */
  readonly test: (name: string, run: () => Promise<void>) => unknown
  readonly harness: SourceHarness
  /** Scenarios that the adapter does not pass yet. They run all the same and must fail: the day one passes, the suite asks to take it off the list. */
  readonly knownGaps?: readonly ScenarioKey[]
}

/**
 * Registers one test for each scenario that `harness.supports` allows.
 * @throws TypeError when `knownGaps` names a scenario that does not exist or does not run
 */
export function describeSource({ test, harness, knownGaps = [] }: SuiteOptions): void {
  const applicable = Object.entries<Scenario>(scenarios).filter(
    ([, { needs }]) => needs === undefined || harness.supports[needs],
  )
  const stray = knownGaps.filter((gap) => !applicable.some(([key]) => key === gap))
  if (stray.length > 0) throw new TypeError(`knownGaps names no scenario that runs: ${stray.join(', ')}`)
  for (const [key, scenario] of applicable) {
    if ((knownGaps as readonly string[]).includes(key))
      void test(`${key} (known gap)`, () => mustFail(key, scenario, harness))
    else void test(key, () => perform(scenario, harness))
  }
}

async function mustFail(key: string, scenario: Scenario, harness: SourceHarness): Promise<void> {
  const failed = await perform(scenario, harness).then(
    () => false,
    () => true,
  )
  if (!failed) throw new Error(`${key} passes now: take it out of knownGaps`)
}
