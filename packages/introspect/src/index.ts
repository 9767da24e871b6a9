export type {
  Catalog,
  CatalogNote,
  Check,
  Column,
  Constraint,
  Deferrability,
  ForeignKey,
  ForeignKeyAction,
  Index,
  IndexColumn,
  Key,
  PgType,
  PostgresTableFacts,
  Sequence,
  Table,
  TableName,
  Trigger,
  View,
} from './catalog.ts'
export { formatTableName, sameTable } from './catalog.ts'
export { catalogFingerprint } from './fingerprint.ts'
export type { Structure, StructureChange } from './structure.ts'
export { compareStructures, describeStructure } from './structure.ts'
export { IntrospectError, type IntrospectErrorCode } from './error.ts'
export type { SourceRow, SourceValue } from './value.ts'
export { InvalidText } from './value.ts'
