export type { DatabaseAddress, OtherAddress, PgliteAddress, PostgresAddress, SqliteAddress } from './address.ts'
