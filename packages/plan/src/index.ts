export type { ColumnDecision, PlanInput } from './assemble.ts'
export { assemblePlan } from './assemble.ts'
export { candidateTypes, valueRules } from './casts.ts'
export type { Finding } from './finding.ts'
export { finding, findingSchema } from './finding.ts'
export type { HomelessColumn } from './homeless.ts'
export { columnId } from './homeless.ts'
export type { ColumnMatch, Matching, TableMatch } from './match.ts'
export { matchTables } from './match.ts'
export { namedMends } from './mend-options.ts'
export { foreignParts } from './target-findings.ts'
export { tableId } from './names.ts'
export type { PlanOptions } from './options.ts'
export { planOptionsSchema } from './options.ts'
export { parsePlan, PlanError } from './parse.ts'
export { isRebuilt, whyKeysStay } from './rebuilds.ts'
export type { UserCast } from './user-casts.ts'
export { userCastSchema, userType } from './user-casts.ts'
export { withoutGenerated } from './plain-data.ts'
export type {
  ColumnEvidence,
  ConditionPlan,
  ForeignKeyPlan,
  Plan,
  SequencePlan,
  TablePlan,
  TriggerPlan,
  ViewPlan,
} from './plan.ts'
export { planJsonSchema, planSchema } from './plan.ts'
