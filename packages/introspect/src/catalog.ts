/** A table's (or view's, type's, sequence's) full name. SQLite's own file is schema `main`. */
export interface TableName {
  readonly schema: string
  readonly name: string
}

/** A database described as plain data (JSON): nothing in here needs a connection. Counts are exact up to 2^53; values of sequences are text. */
export interface Catalog {
  readonly dialect: 'sqlite' | 'postgres' | 'mysql' | (string & {})
  /** Version text as the database gives it, e.g. `3.53.2` or `18.4`. */
  readonly version: string
  readonly tables: readonly Table[]
  readonly views: readonly View[]
  readonly triggers: readonly Trigger[]
  readonly sequences: readonly Sequence[]
  /** Enum and domain types (PostgreSQL). */
  readonly types: readonly PgType[]
  /** What is there but could not be read or is not described, in words for a person. */
  readonly notes: readonly CatalogNote[]
}

export interface CatalogNote {
  /** Stable code, e.g. `VIEW_BROKEN`, `COLLATION_UNKNOWN`. */
  readonly code: string
  readonly object: string
  readonly message: string
}

export interface Table {
  readonly name: TableName
  /** `virtual`: SQLite's FTS, R*Tree … (its shadow tables are not listed). `partitioned`: PostgreSQL's parent; `partition`: its leaf. */
  readonly kind: 'table' | 'virtual' | 'partitioned' | 'partition' | 'foreign'
  readonly columns: readonly Column[]
  readonly primaryKey: Key | null
  readonly uniques: readonly Key[]
  readonly foreignKeys: readonly ForeignKey[]
  readonly checks: readonly Check[]
  /** PostgreSQL's EXCLUDE constraints, as their definition text. */
  readonly exclusions: readonly Constraint[]
  /** Every index, those behind a primary key or unique constraint included (`constraint` names it then). */
  readonly indexes: readonly Index[]
  /** Does the database itself refuse values of another type? False for ordinary SQLite tables, true for STRICT ones, MySQL and PostgreSQL. */
  readonly enforcesTypes: boolean
  /** A pseudo-column that names each row and may be asked of `readBatches` (`rowid`, or an alias that no column shadows); null when there is none. */
  readonly rowIdentifier: string | null
  /** Rows: exact where the reader counted, an estimate from statistics otherwise, null when unknown. */
  readonly rowEstimate: number | null
  /** AUTOINCREMENT's high-water mark as text (sqlite_sequence.seq), else null. */
  readonly highWaterMark: string | null
  readonly withoutRowid: boolean
  /** The verbatim CREATE statement where the database keeps one (SQLite), else null. */
  readonly definition: string | null
  readonly comment: string | null
  /** Facts only PostgreSQL has; null for sources. */
  readonly postgres: PostgresTableFacts | null
}

export interface PostgresTableFacts {
  readonly oid: number
  readonly owner: string
  /** The session's role owns it, or is a member of the owner. */
  readonly owned: boolean
  readonly rowSecurity: boolean
  /** Rules other than views' own (`pg_rewrite`), by name. */
  readonly rules: readonly string[]
  readonly persistence: 'permanent' | 'unlogged' | 'temporary'
  readonly partitionOf: TableName | null
  readonly inheritsFrom: readonly TableName[]
  readonly replicaIdentity: 'default' | 'nothing' | 'full' | 'index'
}

export interface Column {
  readonly name: string
  /** 1, 2, 3 … in the order of the definition. */
  readonly position: number
  /** The type verbatim as the source declared it, possibly empty; PostgreSQL: `format_type`. */
  readonly declaredType: string
  readonly nullable: boolean
  /** The DEFAULT expression as text in the database's own language; null when there is none. */
  readonly default: string | null
  readonly generated: { readonly kind: 'stored' | 'virtual'; readonly expression: string } | null
  /** `rowid`: SQLite's INTEGER PRIMARY KEY; `autoincrement`: the same with AUTOINCREMENT (or MySQL's AUTO_INCREMENT); `always` / `by default`: SQL identity; `serial`: PostgreSQL default nextval of an owned sequence. */
  readonly identity: 'rowid' | 'autoincrement' | 'always' | 'by default' | 'serial' | null
  /** The sequence that feeds the column, owned by it or named in its default (PostgreSQL); else null. */
  readonly sequence: TableName | null
  /** Null when it is the usual one: BINARY in SQLite, the type's default in PostgreSQL. */
  readonly collation: string | null
  /** The resolved type (PostgreSQL); null for sources. */
  readonly type: PgType | null
  readonly comment: string | null
}

/** A PostgreSQL type, resolved far enough to encode a value without asking again. */
export interface PgType {
  readonly oid: number
  readonly schema: string
  /** `pg_type.typname`: `int4`, `varchar`, `_int4`, `user_role` … */
  readonly name: string
  readonly kind: 'base' | 'enum' | 'domain' | 'array' | 'composite' | 'range' | 'multirange' | 'pseudo'
  /** The type modifier of the column (`atttypmod`), of a domain its own (`typtypmod`); -1 for none. */
  readonly typmod: number
  /** Of an array: what it holds. */
  readonly element?: PgType
  /** Of a composite: the types of its attributes in order. */
  readonly fields?: readonly PgType[]
  /** Of a range or multirange: what its bounds are. */
  readonly subtype?: PgType
  /** Of a domain: what it is made of (its own typmod applies). */
  readonly base?: PgType
  /** Of an enum: its labels in order. */
  readonly labels?: readonly string[]
  /** Of a domain. */
  readonly notNull?: boolean
  /** Of a domain: its CHECK definitions as `pg_get_constraintdef` gives them, e.g. `CHECK ((VALUE > 0))`. */
  readonly checks?: readonly string[]
}

export type Deferrability = 'not deferrable' | 'initially immediate' | 'initially deferred'

export interface Key {
  readonly name: string | null
  readonly columns: readonly string[]
  readonly deferrability: Deferrability
  readonly nullsNotDistinct: boolean
  /** PostgreSQL's `pg_get_constraintdef`, which also says what has no field here (operators, WITHOUT OVERLAPS, NOT ENFORCED …); absent for sources. */
  readonly definition?: string
}

export interface Constraint {
  readonly name: string
  readonly definition: string
}

export type ForeignKeyAction = 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default'

export interface ForeignKey {
  readonly name: string | null
  readonly columns: readonly string[]
  /** As written by the source where the parent does not exist; in the parent's own spelling where it does. */
  readonly references: TableName
  /** Resolved against the parent's primary key when left out; null when that cannot be resolved. */
  readonly referencedColumns: readonly string[] | null
  readonly onDelete: ForeignKeyAction
  readonly onUpdate: ForeignKeyAction
  readonly match: 'simple' | 'full' | 'partial'
  readonly deferrability: Deferrability
  /** PostgreSQL's `convalidated`; true for sources. */
  readonly validated: boolean
  /** As a key's. */
  readonly definition?: string
}

export interface Check {
  readonly name: string | null
  /** The expression alone, without CHECK and its parentheses, in the database's own language. */
  readonly expression: string
  readonly validated: boolean
  /** As a key's. */
  readonly definition?: string
}

export interface IndexColumn {
  /** The column's name, or null when `expression` says it. */
  readonly column: string | null
  readonly expression: string | null
  readonly descending: boolean
  /** Null when the database does not say (SQLite sorts NULL first, ascending). */
  readonly nullsFirst: boolean | null
  /** The collation that the index compares by; null when that is the usual one and the column's too (an index by BINARY on a NOCASE column says `BINARY`). */
  readonly collation: string | null
}

export interface Index {
  readonly name: string
  readonly columns: readonly IndexColumn[]
  readonly include: readonly string[]
  readonly unique: boolean
  /** The partial index's predicate. */
  readonly where: string | null
  /** `btree`, `gin` … */
  readonly method: string
  /** The statement that makes it: SQLite's SQL, PostgreSQL's `pg_get_indexdef`; null for automatic ones. */
  readonly definition: string | null
  /** The constraint it stands behind, or null. */
  readonly constraint: 'primary key' | 'unique' | 'exclusion' | null
  readonly valid: boolean
}

export interface View {
  readonly name: TableName
  readonly definition: string
  /** Its columns' names in order, where the reader asks for them; empty for a view that the database itself cannot read. */
  readonly columns?: readonly string[]
  readonly materialized: boolean
}

export interface Trigger {
  readonly name: string
  readonly table: TableName
  /** Verbatim (SQLite), or `pg_get_triggerdef`. */
  readonly definition: string
  /** PostgreSQL's `tgenabled`: O origin, D disabled, R replica, A always; null for sources. */
  readonly enabled: 'O' | 'D' | 'R' | 'A' | null
}

export interface Sequence {
  readonly name: TableName
  readonly ownedBy: { readonly table: TableName; readonly column: string } | null
  readonly dataType: string
  readonly start: string
  readonly increment: string
  readonly minimum: string
  readonly maximum: string
  readonly cycle: boolean
  /** The last value handed out, as text; null when never called or not readable. */
  readonly lastValue: string | null
}

/** `main.users` as a person reads it; quoted only where a plain dot would mislead. `public` and `main` are left out. */
export function formatTableName(name: TableName): string {
  const part = (text: string) => (/^[\p{L}_][\p{L}\p{N}_$ -]*$/u.test(text) ? text : JSON.stringify(text))
  return name.schema === 'public' || name.schema === 'main'
    ? part(name.name)
    : `${part(name.schema)}.${part(name.name)}`
}

/** Two names, one object? Exact, as PostgreSQL compares. */
export function sameTable(a: TableName, b: TableName): boolean {
  return a.schema === b.schema && a.name === b.name
}
