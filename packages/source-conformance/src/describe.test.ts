import type { Source } from '@rowferry/source'
import { describe, expect, test } from 'vitest'
import { faults } from '../test/faults.ts'
import { memoryHarness } from '../test/memory-source.ts'
import { describeSource, scenarios, type ScenarioKey, type SourceHarness } from './index.ts'

describe('a source that keeps the contract passes', () => {
  describeSource({ test, harness: memoryHarness() })
})

/** The suite as a stranger's runner sees it: names and functions. */
function collect(harness: SourceHarness, knownGaps: readonly ScenarioKey[] = []): Map<string, () => Promise<void>> {
  const found = new Map<string, () => Promise<void>>()
  describeSource({ test: (name, run) => found.set(name, run), harness, knownGaps })
  return found
}

/** A source that sees what is written after it was opened. */
const unsettled: SourceHarness = {
  ...memoryHarness(),
  async seed(tables) {
    const database = await memoryHarness().seed(tables)
    const open = async (): Promise<Source> => {
      const source = await database.open()
      return {
        ...source,
        async *readBatches(name, options) {
          yield* (await database.open()).readBatches(name, options)
        },
      }
    }
    return { ...database, open }
  },
}

describe('a source that breaks one sentence fails its scenario', () => {
  for (const key of Object.keys(scenarios) as ScenarioKey[]) {
    const harness = key === 'snapshot/later-writes-unseen' ? unsettled : memoryHarness(faults[key])
    test(`${key}, broken`, async () => {
      await expect(collect(harness).get(key)?.()).rejects.toBeInstanceOf(Error)
    })
    test(`${key}, as a known gap`, async () => {
      await expect(collect(harness, [key]).get(`${key} (known gap)`)?.()).resolves.toBeUndefined()
    })
  }
})

test('a known gap that passes asks to be taken off the list', async () => {
  const run = collect(memoryHarness(), ['rows/nulls']).get('rows/nulls (known gap)')
  await expect(run?.()).rejects.toThrow('rows/nulls passes now')
})

test('a known gap that is no scenario is refused', () => {
  expect(() => collect(memoryHarness(), ['rows/no-such-thing' as ScenarioKey])).toThrow('rows/no-such-thing')
})

test('what is not supported is not run, and cannot be a known gap', () => {
  const harness: SourceHarness = {
    ...memoryHarness(),
    supports: { snapshot: false, aggregates: false, orphans: false, resume: true },
  }
  const names = [...collect(harness).keys()]
  expect(names.filter((name) => /^(snapshot|aggregates|orphans)/.test(name))).toEqual([])
  expect(names).toContain('resume/after-a-key')
  expect(() => collect(harness, ['orphans/found-with-their-keys'])).toThrow(TypeError)
})
