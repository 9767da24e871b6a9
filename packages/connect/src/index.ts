export type {
  DatabaseAddress,
  OtherAddress,
  PgliteAddress,
  PostgresAddress,
  SessionAttributes,
  SqliteAddress,
} from './address.ts'
export type { ConnectErrorCode } from './error.ts'
export { ConnectError } from './error.ts'
export type { ParseOptions } from './parse-database.ts'
export { parseDatabase } from './parse-database.ts'
export { databaseFromEnvironment } from './environment.ts'
export { createRedactor, secretsOf } from './redact.ts'
