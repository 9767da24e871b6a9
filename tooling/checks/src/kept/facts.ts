/** A schema as one database's own catalog tells it, in words that both sides share. Nothing here comes from a plan. */
export interface SchemaFacts {
  readonly tables: ReadonlyMap<string, TableFacts>
  readonly views: readonly string[]
  readonly triggers: readonly string[]
}

export interface TableFacts {
  /** In the order of the definition. */
  readonly columns: readonly ColumnFacts[]
  readonly primaryKey: readonly string[] | null
  /** Columns of unique constraints, and in PostgreSQL of every whole unique index over plain columns. */
  readonly uniques: readonly (readonly string[])[]
  readonly foreignKeys: readonly { readonly columns: readonly string[]; readonly parent: string }[]
  readonly checks: number
  /** Made by CREATE INDEX. */
  readonly indexes: readonly { readonly name: string; readonly unique: boolean; readonly partial: boolean }[]
  /** Of a table that numbers its rows itself: no number up to this one comes again; null for others. */
  readonly counter: bigint | null
  readonly rows: number
}

interface ColumnFacts {
  readonly name: string
  readonly notNull: boolean
  readonly hasDefault: boolean
  readonly generated: boolean
}
