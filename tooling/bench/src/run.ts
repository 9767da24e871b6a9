import type { Contender, Job, Outcome, Scenario } from './contender.ts'
import { dataSet } from './data-sets.ts'
import type { DataSet, SetName } from './data-sets.ts'
import { makeSource } from './make-source.ts'
import { bareTables, keysAndIndexes } from './schema.ts'
import { ask, withDatabase } from './server.ts'
import type { Server } from './server.ts'

export interface BenchOptions {
  readonly server: Server
  readonly contenders: readonly Contender[]
  readonly sets: readonly SetName[]
  readonly scenarios: readonly Scenario[]
  readonly scale: number
  readonly runs: number
  /** Where sources and the server's files are kept from one bench to the next. */
  readonly folder: string
  readonly say: (line: string) => void
}

export interface Result {
  readonly set: SetName
  readonly scenario: Scenario
  readonly contender: string
  readonly rows: number
  /** In the order in which they were made. */
  readonly runs: readonly Outcome[]
  /** Why there are fewer than asked for. */
  readonly failure: string | null
}

/** Every contender in turn, round after round, so that a machine that slows down slows them all. */
export async function runBench(options: BenchOptions): Promise<Result[]> {
  const results: Result[] = []
  for (const name of options.sets) {
    const set = dataSet(name, options.scale)
    options.say(`${name}: ${set.about}${options.scale === 1 ? '' : `, × ${options.scale}`}`)
    const source = makeSource(set, options.folder)
    for (const scenario of options.scenarios) results.push(...(await interleave(options, set, scenario, source)))
  }
  return results
}

async function interleave(
  { server, contenders, runs, folder, say }: BenchOptions,
  set: DataSet,
  scenario: Scenario,
  source: string,
): Promise<Result[]> {
  const taking = contenders
    .filter((contender) => contender.takesPart(set, scenario))
    .map((contender) => ({ contender, outcomes: [] as Outcome[], failure: null as string | null }))
  for (let round = 0; round < runs; round += 1) {
    for (const each of taking) {
      if (each.failure !== null) continue
      try {
        const outcome = await once(each.contender, { server, set, scenario, source, folder })
        each.outcomes.push(outcome)
        say(`  ${scenario}, ${each.contender.name}: ${outcome.wallSeconds.toFixed(2)} s`)
      } catch (error) {
        each.failure = error instanceof Error ? error.message : String(error)
        say(`  ${scenario}, ${each.contender.name}: ${each.failure}`)
      }
    }
  }
  const rows = set.tables.reduce((total, table) => total + table.rows, 0)
  return taking.map(({ contender, outcomes, failure }) => ({
    set: set.name,
    scenario,
    contender: contender.name,
    rows,
    runs: outcomes,
    failure,
  }))
}

function once(contender: Contender, job: Omit<Job, 'url'>): Promise<Outcome> {
  return withDatabase(job.server, async (url) => {
    if (job.scenario !== 'create') await ask(url, ...bareTables(job.set))
    if (job.scenario === 'existing') await ask(url, ...keysAndIndexes(job.set))
    // Writing out what earlier runs left is none of this one's work
    await ask(url, 'CHECKPOINT')
    return contender.run({ ...job, url })
  })
}
