import type { CastRule } from '@rowferry/coerce'
import type { Catalog, SourceRow, TableName } from '@rowferry/introspect'

/** What a source can do beyond the required members; each decides which conformance scenarios run, so nobody is excused silently. */
export interface SourceSupports {
  /** All readings of one open source see one moment, whatever others write meanwhile; one that cannot is refused with `SOURCE_CHANGED`. */
  readonly snapshot: boolean
  /** `aggregate` is there: the source can sum its own columns, which cross-checks the reader. */
  readonly aggregates: boolean
  /** `aggregate` says `realResidue`. Default: of reals only the number is cross-checked. */
  readonly realResidues?: boolean
  /** `aggregate` can be asked of the first rows only. Default: it sums all of them, whatever it is asked. */
  readonly aggregatesFirst?: boolean
  /** `countReplacements` is there. Default: text that a reader made up where bytes are none is told by its octets alone. */
  readonly replacements?: boolean
  /** `findOrphans` is there. */
  readonly orphans: boolean
  /** `readBatches` honours `after`. */
  readonly resume: boolean
  /** `readBatches` reads the views of the catalog, too, in any order. Default: it does not. */
  readonly views?: boolean
  /** `readBatches` answers `conditions`. Default: it does not. */
  readonly conditions?: boolean
  /** `sound` and `aggregate` find their answers beside the reading: asked early they cost it nothing. Default: they keep it waiting. */
  readonly beside?: boolean
}

/** A condition in the source's own language, as a constraint or an index of the table says it. */
export interface SourceCondition {
  readonly expression: string
  /** Does a row for which it is unknown (NULL) count as one for which it holds? So a CHECK has it, and no partial index. */
  readonly orUnknown: boolean
}

export interface ReadOptions {
  /** Columns by name, in the order in which a row's values shall come; a table's `rowIdentifier` may be among them. */
  readonly columns: readonly string[]
  /** Rows in a batch at most. Default: chosen by the adapter so that a batch holds about 64–256 KiB. */
  readonly batchRows?: number
  /** Names among `columns` that are no columns: of each the row says 1 where the condition holds for it, else 0. Needs `supports.conditions`. */
  readonly conditions?: ReadonlyMap<string, SourceCondition>
  /** `auto` (default): integers are numbers while safe, else bigint. `bigint`: every integer is a bigint, so that 1 and 1.0 can be told apart. */
  readonly integers?: 'auto' | 'bigint'
  /**
   * Only rows after this key, in the reading order: the value of the table's `rowIdentifier` where it has one, else the values of its
   * primary key, each exactly as it was read. Needs `supports.resume`.
   */
  readonly after?: SourceRow
  readonly signal?: AbortSignal
}

/** One column's own account, computed by the database, not by the reader: it cannot share the reader's faults. */
export interface ColumnAggregate {
  readonly column: string
  readonly nulls: number
  readonly integers: number
  readonly reals: number
  readonly texts: number
  readonly blobs: number
  /** Octets of all texts and blobs as stored, as text (may pass 2^53). Texts count in the table's `textEncoding`. */
  readonly octets: string
  /** Sum of all integers as text, exact; null when there is none. */
  readonly integerSum: string | null
  readonly integerMin: string | null
  readonly integerMax: string | null
  /**
   * The exact sum of all reals modulo 2^31 − 1, from 0: whatever the order of adding, and whatever their size. A real is a whole number times a power
   * of two, and 2^31 counts as 1, so that 2^-1 is 2^30. What is no such number counts as one: -0.0 as 1, Infinity as 2, -Infinity as 3, NaN as 4.
   * Null where the source does not work it out.
   */
  readonly realResidue: number | null
}

export interface TableAggregate {
  readonly rows: number
  /** The encoding in which the octets of texts were counted; `utf-8` when left out. */
  readonly textEncoding?: 'utf-8' | 'utf-16le' | 'utf-16be'
  readonly columns: readonly ColumnAggregate[]
}

export interface OrphanQuery {
  readonly table: TableName
  readonly columns: readonly string[]
  readonly parent: TableName
  readonly parentColumns: readonly string[]
  /** Columns that name the orphan row in the answer. */
  readonly keyColumns: readonly string[]
  /** At most this many keys are returned; `count` is always whole. */
  readonly limit: number
}

export interface Orphans {
  readonly count: number
  /** Rows of `keyColumns` followed by `columns`. */
  readonly rows: readonly SourceRow[]
}

/** An open database rowferry can read. It describes and streams; it knows nothing of PostgreSQL. Not safe for two readings at once unless the adapter says so. */
export interface Source {
  /** `sqlite`, `mysql` … */
  readonly kind: string
  /** How a person knows it: the path or URL, never with a secret. */
  readonly label: string
  readonly supports: SourceSupports
  readCatalog(options?: { readonly signal?: AbortSignal }): Promise<Catalog>
  /** The table's rows in arrays. The order is the same at each reading of one snapshot. Never reads ahead more than one batch. */
  readBatches(
    table: TableName,
    options: ReadOptions,
  ): AsyncIterable<readonly SourceRow[]> | Iterable<readonly SourceRow[]>
  /** `first`: only so many rows, in the order in which they are read. Needs `supports.aggregatesFirst`. Default: all. */
  aggregate?(table: TableName, columns: readonly string[], first?: number): Promise<TableAggregate>
  /** Of each column how many texts hold U+FFFD as stored: a reader may put it where bytes are no text, and that must not be taken for what was stored. */
  countReplacements?(table: TableName, columns: readonly string[]): Promise<readonly number[]>
  /** Rows whose reference meets no parent, by the source's own comparison. NULL in any column is no orphan (MATCH SIMPLE). */
  findOrphans?(query: OrphanQuery): Promise<Orphans>
  /**
   * There if the source looks for damage while it is being read: what was read counts only once this has resolved. Rejects with SourceError
   * `SOURCE_DAMAGED`. May be asked often.
   */
  sound?(): Promise<void>
  /** Changes whenever the data may have changed: did the source move since the plan? */
  fingerprint(): Promise<string>
  /** May be called twice. */
  close(): Promise<void>
}

/** `file`: as the adapter sees fit. `copy`: a copy is made first and read, so that who writes to the source waits no longer than that takes. */
export type SnapshotKind = 'file' | 'copy'

export interface SourceAdapter<Options = unknown> {
  readonly name: string
  /** Proposals for the types of created tables, tried after the user's own rules. Plain functions of a column, testable without a database. */
  readonly castRules: readonly CastRule[]
  /** `snapshot`: how the one state is held that is read; see `SnapshotKind`. Default `file`. */
  open(options: Options, how?: { readonly snapshot?: SnapshotKind }): Promise<Source>
}
