import { sql } from 'kysely'
import type { AnyDatabase } from '../database.ts'

/** SQLite's own account of itself. PRAGMA statements rather than `pragma_…` functions: a user's table could bear such a function's name. */
export interface Pragmas {
  version(): Promise<string>
  schema(): Promise<SchemaRow[]>
  tableList(): Promise<TableListRow[]>
  tableXinfo(table: string): Promise<ColumnRow[]>
  indexList(table: string): Promise<IndexRow[]>
  indexXinfo(index: string): Promise<IndexColumnRow[]>
  foreignKeyList(table: string): Promise<ForeignKeyRow[]>
  /** AUTOINCREMENT's high-water marks by table. */
  highWaterMarks(): Promise<Map<string, string>>
  /** Rows by table as the last ANALYZE saw them. */
  estimates(): Promise<Map<string, number>>
  count(table: string): Promise<number>
  /** Null when the statement compiles, else what SQLite says of it. */
  complaint(query: 'rowid' | 'column' | 'collation', table: string, name: string): Promise<string | null>
}

/** Integers come as number or bigint, as the caller's handle is set. */
type Whole = number | bigint

export interface SchemaRow {
  readonly type: string
  readonly name: string
  readonly tbl_name: string
  readonly sql: string | null
}
export interface TableListRow {
  readonly name: string
  readonly type: string
  readonly wr: Whole
  readonly strict: Whole
}
export interface ColumnRow {
  readonly name: string
  readonly type: string
  readonly notnull: Whole
  readonly dflt_value: string | null
  readonly pk: Whole
  readonly hidden: Whole
}
export interface IndexRow {
  readonly name: string
  readonly unique: Whole
  readonly origin: string
}
export interface IndexColumnRow {
  readonly cid: Whole
  readonly name: string | null
  readonly desc: Whole
  readonly coll: string
  readonly key: Whole
}
export interface ForeignKeyRow {
  readonly id: Whole
  readonly seq: Whole
  readonly table: string
  readonly from: string
  readonly to: string | null
  readonly on_update: string
  readonly on_delete: string
}

export function pragmasOf(caller: AnyDatabase): Pragmas {
  // A plugin of the caller's may rename columns or parse texts that look like JSON
  const db = caller.withoutPlugins()
  const rows = async <Row>(query: ReturnType<typeof sql<Row>>): Promise<Row[]> => (await query.execute(db)).rows
  const main = (table: string) => sql.id('main', table)

  return {
    version: async () => (await rows(sql<{ version: string }>`select sqlite_version() as version`))[0]?.version ?? '',
    schema: () => rows(sql<SchemaRow>`select type, name, tbl_name, sql from main.sqlite_schema order by rowid`),
    tableList: () => rows(sql<TableListRow>`pragma main.table_list`),
    tableXinfo: (table) => rows(sql<ColumnRow>`pragma main.table_xinfo(${sql.id(table)})`),
    indexList: (table) => rows(sql<IndexRow>`pragma main.index_list(${sql.id(table)})`),
    indexXinfo: (index) => rows(sql<IndexColumnRow>`pragma main.index_xinfo(${sql.id(index)})`),
    foreignKeyList: (table) => rows(sql<ForeignKeyRow>`pragma main.foreign_key_list(${sql.id(table)})`),

    async highWaterMarks() {
      const found = await rows(
        sql<{
          name: string
          seq: string
        }>`select name, cast(seq as text) as seq from main.sqlite_sequence where typeof(seq) = 'integer'`,
      )
      return new Map(found.map(({ name, seq }) => [name, seq]))
    },

    async estimates() {
      const found = await rows(
        sql<{ tbl: string; stat: string }>`select tbl, stat from main.sqlite_stat1 where typeof(stat) = 'text'`,
      )
      const estimates = new Map<string, number>()
      for (const { tbl, stat } of found) {
        const count = /^\d+/.exec(stat)
        if (count) estimates.set(tbl, Math.max(estimates.get(tbl) ?? 0, Number(count[0])))
      }
      return estimates
    },

    async count(table) {
      return Number((await rows(sql<{ n: Whole }>`select count(*) as n from ${main(table)}`))[0]?.n)
    },

    async complaint(query, table, name) {
      try {
        if (query === 'collation') await rows(sql`select '' = '' collate ${sql.id(name)} as same`)
        // Qualified, for SQLite takes a lone "rowid" that is no column for a string
        else await rows(sql`select t.${sql.id(name)} as value from ${main(table)} as t limit 0`)
        return null
      } catch (error) {
        return error instanceof Error ? error.message : String(error)
      }
    },
  }
}
