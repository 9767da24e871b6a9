export { antiJoin, type AntiJoin } from './anti-join.ts'
export { copyInStatement, copyOutStatement } from './copy-statements.ts'
export {
  beginCrossing,
  beginStep,
  holdTarget,
  readTargetHolder,
  type CrossingOptions,
  type TargetHolder,
} from './crossing/begin.ts'
export { commitCrossing, commitStep, rollback, transactionOutcome } from './crossing/end.ts'
export { estimateLocks, type LockCapacity } from './crossing/lock-capacity.ts'
export { lockTables, withLockTimeout, type TableLock } from './crossing/locks.ts'
export { keepRows } from './crossing/keep-rows.ts'
export { readRights, type MissingRight } from './crossing/rights.ts'
export { countRows, tablesWithRows } from './crossing/rows.ts'
export { schemaSnapshot } from './crossing/schema-snapshot.ts'
export { strongestLock } from './crossing/strongest-lock.ts'
export { truncateReach, truncatesElsewhere, truncateTables } from './crossing/truncate.ts'
export { openSession, type OpenOptions } from './open-session.ts'
export type { CommandTag, CopyIn, ServerFacts, Session, SessionParameters, SmallLoad, SmallLoaded } from './session.ts'
export { PostgresError } from './session.ts'
export { renderPostData } from './ddl/post-data.ts'
export { renderCheck, renderPreData } from './ddl/pre-data.ts'
export {
  checkForeignKeys,
  deleteOrphans,
  findOrphans,
  type ForeignKeyVerdict,
  type Orphans,
  type Reference,
} from './foreign-keys.ts'
export { rememberOrphans, type OldOrphans } from './old-orphans.ts'
export { readIdentitySequences } from './identity-sequences.ts'
export { dumpRows, pgDumpVersion } from './pg-dump.ts'
export { quoteIdentifier, quoteLiteral, quoteTable } from './quote.ts'
export {
  dropForeignKeys,
  planForeignKeyRebuild,
  restoreForeignKeys,
  type DroppedForeignKeys,
  type ForeignKeyName,
} from './rebuild/drop-foreign-keys.ts'
export { planRebuild, type RebuildOptions } from './rebuild/plan-rebuild.ts'
export {
  dropForLoad,
  foreignKeyObject,
  restoreAfterLoad,
  type Drop,
  type Kept,
  type Rebuild,
} from './rebuild/rebuild.ts'
export {
  disableTriggers,
  readUserTriggers,
  restoreTriggers,
  type DisabledTriggers,
  type UserTrigger,
} from './rebuild/triggers.ts'
export { readRowRules, type RowColumn, type RowKey, type RowReference, type RowRules } from './row-rules.ts'
export {
  advanceSequences,
  checkSequences,
  type SequenceColumn,
  type SequenceOutcome,
  type SequenceVerdict,
} from './sequences.ts'
export { readSequenceMarks, restoreSequences, type SequenceMark } from './sequence-marks.ts'
export { findRuleBreakers, type RuleBreakers, type RuledTable } from './rule-breakers.ts'
export { findSilentConstraints, type SilentConstraint } from './silent-triggers.ts'
