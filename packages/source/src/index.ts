export type { SourceErrorCode } from './error.ts'
export { SourceError } from './error.ts'
export type {
  ColumnAggregate,
  Orphans,
  OrphanQuery,
  ReadOptions,
  Source,
  SnapshotKind,
  SourceAdapter,
  SourceCondition,
  SourceSupports,
  TableAggregate,
} from './source.ts'
