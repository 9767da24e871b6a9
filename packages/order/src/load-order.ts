import type { Deferrability, ForeignKey, TableName } from '@rowferry/introspect'

/** What ordering needs to know of a table. */
export interface TableToOrder {
  readonly name: TableName
  readonly foreignKeys: readonly ForeignKey[]
  /** Columns that take NULL. Default: none is known to, so that no cycle is closed by a foreign key for being nullable. */
  readonly nullableColumns?: readonly string[]
}

/** One foreign key, as a line from child to parent. */
export interface Reference {
  readonly table: TableName
  readonly name: string | null
  readonly columns: readonly string[]
  readonly references: TableName
  readonly deferrability: Deferrability
  /** A row may leave the reference empty: one of the columns takes NULL (with MATCH FULL, all do). */
  readonly nullable: boolean
}

/** Tables that reference each other, directly or by way of one another. */
export interface Cycle {
  /** In load order. */
  readonly tables: readonly TableName[]
  /** The foreign keys of the cycle whose parent loads later: without them there would be no cycle left. */
  readonly closedBy: readonly Reference[]
}

/** A foreign key whose parent loads after its child. */
export interface Violation extends Reference {
  /** `cycle`: some foreign key had to give way. `explicit order`: the order that was asked for turns it round. */
  readonly because: 'cycle' | 'explicit order'
}

/** What must load before what. Plain JSON; the same input gives the same order. */
export interface LoadOrder {
  /** Every table once, parents first as far as that is possible: the layers in a row. */
  readonly order: readonly TableName[]
  /** No table of a layer needs another one of the same layer, other than by a violation; ties are in the given order. */
  readonly layers: readonly (readonly TableName[])[]
  readonly cycles: readonly Cycle[]
  /** Foreign keys from a table to itself: they order rows, not tables. */
  readonly selfReferences: readonly Reference[]
  /** Foreign keys to tables that are not among those to order: their rows must be there already. */
  readonly external: readonly Reference[]
  /** Every foreign key that cannot be checked while its own table loads. */
  readonly violations: readonly Violation[]
  /** Names in the explicit order that are not among the tables. */
  readonly unknown: readonly TableName[]
}

/** `TABLE_TWICE`: the same name was given twice. */
export class OrderError extends Error {
  readonly code: 'TABLE_TWICE'
  readonly remedy: string
  constructor(code: 'TABLE_TWICE', message: string, remedy: string) {
    super(message)
    this.name = 'OrderError'
    this.code = code
    this.remedy = remedy
  }
}
