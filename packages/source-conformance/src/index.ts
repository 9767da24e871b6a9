export { describeSource, scenarios, type ScenarioKey, type SuiteOptions } from './describe.ts'
export type { SeedColumn, SeededDatabase, SeedForeignKey, SeedKind, SeedTable, SourceHarness } from './harness.ts'
export type { Scenario, Stage } from './scenario.ts'
