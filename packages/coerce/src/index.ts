export type { Cast, CastRule, EpochUnit, ValueRules } from './cast.ts'
export type { CopyBuffer, RowEncoder, RuleCounts } from './encoder.ts'
export type { Misfit, MisfitCode, StorageClass, Verdict } from './misfit.ts'
