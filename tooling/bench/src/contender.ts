import type { DataSet } from './data-sets.ts'
import type { Measurement } from './measure.ts'
import type { Server } from './server.ts'

export const scenarioNames = ['bare', 'existing', 'create'] as const
/**
 * What the target is before the run. `bare`: the application's tables without any key or index; `existing`: with primary keys, secondary indexes and
 * foreign keys; `create`: nothing.
 */
export type Scenario = (typeof scenarioNames)[number]

export interface Job {
  readonly server: Server
  /** A database of its own, made ready for the scenario. */
  readonly url: string
  readonly set: DataSet
  readonly scenario: Scenario
  /** The set's SQLite file. */
  readonly source: string
  /** A folder that keeps files from run to run. */
  readonly folder: string
}

export interface Outcome extends Measurement {
  /** What the tool itself says of its steps, in milliseconds. */
  readonly phases?: Readonly<Record<string, number>>
}

/** Something that carries a set into PostgreSQL, or says how long that takes at least. */
export interface Contender {
  readonly name: string
  /** Of what it is, with its version where it is not ours. */
  readonly about: string
  takesPart(set: DataSet, scenario: Scenario): boolean
  run(job: Job): Promise<Outcome>
}
