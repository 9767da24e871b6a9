import type { SourceAdapter } from '@rowferry/source'
import { sqliteCastRules } from './cast-rules.ts'
import { openSqlite, type SqliteOptions } from './open.ts'

/** SQLite files as a source. */
export const sqlite: SourceAdapter<SqliteOptions> = { name: 'sqlite', castRules: sqliteCastRules, open: openSqlite }
