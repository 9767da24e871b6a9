export { readPostgresCatalog, type ReadPostgresOptions } from './read.ts'
export { IntrospectError, type IntrospectErrorCode } from '../error.ts'
