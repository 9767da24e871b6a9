export { readSqliteCatalog, type ReadSqliteOptions } from './read.ts'
export { affinityOf, type Affinity } from './affinity.ts'
export type { AnyDatabase } from '../database.ts'
export { IntrospectError, type IntrospectErrorCode } from '../error.ts'
