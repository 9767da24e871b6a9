export { sqlite } from './adapter.ts'
export { sqliteCastRules } from './cast-rules.ts'
export { openSqlite, type SqliteOptions } from './open.ts'
