import type { SourceAdapter } from '@rowferry/source'
import { mysqlCastRules } from './cast-rules.ts'
import { openMysql } from './open.ts'
import type { MysqlOptions } from './options.ts'

/** A database of a MySQL or MariaDB server as a source. */
export const mysql: SourceAdapter<MysqlOptions> = { name: 'mysql', castRules: mysqlCastRules, open: openMysql }
