export { readMysqlCatalog, type ReadMysqlOptions } from './read.ts'
export type { AnyDatabase } from '../database.ts'
export { IntrospectError, type IntrospectErrorCode } from '../error.ts'
