export { mysql } from './adapter.ts'
export { mysqlCastRules } from './cast-rules.ts'
export type { MysqlOptions } from './options.ts'
export { openMysql } from './open.ts'
