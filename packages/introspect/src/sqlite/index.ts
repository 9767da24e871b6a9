export { readSqliteCatalog, type ReadSqliteOptions } from './read.ts'
export { affinityOf, type Affinity } from './affinity.ts'
export { IntrospectError, type IntrospectErrorCode } from '../error.ts'
