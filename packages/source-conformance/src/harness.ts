import type { SourceRow } from '@rowferry/introspect'
import type { Source, SourceSupports } from '@rowferry/source'

/** Four kinds that every database has in some form; `integer` means 64 bits, `real` an IEEE 754 double. */
export type SeedKind = 'integer' | 'real' | 'text' | 'bytes'

export interface SeedColumn {
  readonly name: string
  readonly kind: SeedKind
  readonly nullable: boolean
}

export interface SeedForeignKey {
  readonly columns: readonly string[]
  readonly parent: string
  readonly parentColumns: readonly string[]
}

/** One table said neutrally. Rows may be inserted in the order given: parents come before children. */
export interface SeedTable {
  readonly name: string
  readonly columns: readonly SeedColumn[]
  /** Empty: the table has no primary key. */
  readonly primaryKey: readonly string[]
  readonly foreignKeys: readonly SeedForeignKey[]
  readonly rows: readonly SourceRow[]
}

/** A database that the harness has made. */
export interface SeededDatabase {
  /** Opens it with the adapter under test; each call gives a source of its own. */
  open(): Promise<Source>
  /** Inserts rows as another program would, on a connection of its own, while sources are open. */
  insert(table: string, rows: readonly SourceRow[]): Promise<void>
  /** Called once at the end of each scenario, after its sources are closed. */
  remove(): Promise<void>
}

/** What the author of an adapter writes: how to make a database, and what to expect of it. */
export interface SourceHarness {
  /** What the opened sources will say they support; decides which scenarios run, and is checked against what they say. */
  readonly supports: SourceSupports
  /** How `seed` declares a column of each kind: the catalog must give these words back. */
  readonly declaredTypes: Readonly<Record<SeedKind, string>>
  /** Makes a new database that holds these tables and nothing else. */
  seed(tables: readonly SeedTable[]): Promise<SeededDatabase>
}
