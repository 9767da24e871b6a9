import type { TableName } from '@rowferry/introspect'

/** The type a target column has, as far as equality needs it. Plain JSON. */
export type ExpectedType =
  | {
      readonly kind: 'bool' | 'int2' | 'int4' | 'int8' | 'oid' | 'float4' | 'bytea' | 'uuid' | 'date' | 'json' | 'jsonb'
    }
  /**
   * `digits`: computed on both sides, and compared to so many significant digits, the sign of zero aside: sums of floating-point numbers depend on
   * the order of addition. Left out: stored, and the same bits.
   */
  | { readonly kind: 'float8'; readonly digits?: number }
  /** `length`: the n of varchar(n) or char(n), in characters; needed only where the column is `lossy`, to know where a text was cut. */
  | { readonly kind: 'text' | 'bpchar'; readonly length?: number | null }
  /** `precision`: the p of timestamp(p), digits after the second (6); needed only where the column is `lossy`, to know where it was rounded. */
  | { readonly kind: 'time' | 'timestamp' | 'timestamptz' | 'interval'; readonly precision?: number | null }
  | { readonly kind: 'numeric'; readonly precision: number | null; readonly scale: number | null }
  | { readonly kind: 'enum'; readonly labels: readonly string[] }
  /** Any other type, by the name of the one whose input function reads the text (no domain, no modifier): the server is asked what the text means. */
  | { readonly kind: 'input'; readonly schema: string; readonly name: string }
  | { readonly kind: 'array'; readonly element: ExpectedType }

/**
 * What numbers count: seconds, milliseconds, microseconds, nanoseconds since 1970-01-01T00:00Z; Julian days, to the nearest millisecond;
 * seconds or nanoseconds since 2001 (`apple`); microseconds since 1601 (`webkit`); 100 nanoseconds since the year 1 (`ticks`).
 */
export type EpochUnit = 's' | 'ms' | 'us' | 'ns' | 'julian' | 'apple' | 'apple-ns' | 'webkit' | 'ticks'

/**
 * In this order. `replace-invalid`: bytes that are no character are U+FFFD. `decode-jsonb`: a blob in SQLite's JSONB is its JSON text. `decode-text`: one that is UTF-8 is that text.
 * `strip-nul`: text without U+0000, and in json or jsonb without its escape. `trim`: text without blanks, tabs and line ends around it.
 * `empty-as-null`: the empty text is NULL. `zero-date-as-null`: so is 0000-00-00, alone or at midnight.
 * `json-unwrap`: a JSON string that holds an object or array is that.
 */
export type Mend =
  | 'replace-invalid'
  | 'decode-jsonb'
  | 'decode-text'
  | 'strip-nul'
  | 'trim'
  | 'empty-as-null'
  | 'zero-date-as-null'
  | 'json-unwrap'

/** What was agreed for a column, as data: the examiner applies it with code of its own. */
export interface ExpectedColumn {
  /** Of a column with a `fill` nothing is read. */
  readonly source: string
  readonly target: string
  readonly type: ExpectedType
  /** What was to be put right before anything else, in the order of `Mend`, whatever the order here. */
  readonly mends?: readonly Mend[]
  /** The source has no such column: every row holds the value of this text, or NULL. */
  readonly fill?: string | null
  /** Of a `fill`: it names a row in the target together with the source's key, which may be there under other values too. */
  readonly inKey?: boolean
  readonly map?: readonly (readonly [from: string, to: string | null])[]
  readonly epoch?: EpochUnit
  readonly timezone?: string
  /** Named loss: rounding to the type's scale or precision is what was asked for. */
  readonly lossy?: boolean
}

export interface ExpectedTable {
  readonly source: TableName
  readonly target: TableName
  readonly columns: readonly ExpectedColumn[]
  /** Source columns that name a row (primary key or a unique key without NULLs); empty for a table without a key. */
  readonly key: readonly string[]
  /** The source's pseudo-column for rows without a key, to name them; or null. */
  readonly rowIdentifier: string | null
  /** Keys (JSON text of the key's values as text, `\x…` for bytes) of rows that were set aside and must be absent; for keyless tables, their row identifiers, or numbers in the reading order from 1 where there are none. */
  readonly rejected: readonly string[]
  /** `whole`: the target holds these rows and no others. `contains`: at least these (append, skip, merge); rows that were there before are not looked at. */
  readonly extent: 'whole' | 'contains'
  /** With `contains`: rows whose key was there before and stay as they were (skip) are only required to exist. */
  readonly keepExisting: boolean
}

/** Plain JSON, projected from the plan; verify knows neither the plan nor the coercions. */
export interface Expectation {
  readonly tables: readonly ExpectedTable[]
}

export interface Mismatch {
  readonly kind: 'missing' | 'extra' | 'different'
  /** `id=3`, or `row 17` for keyless tables. */
  readonly key: string
  /** Of a different row: the first column that differs, with both sides, escaped and cut. */
  readonly column: string | null
  readonly source: string | null
  readonly target: string | null
}

export interface TableVerdict {
  readonly source: TableName
  readonly target: TableName
  readonly sourceRows: number
  readonly targetRows: number
  readonly rejected: number
  readonly cells: number
  readonly equal: boolean
  /** Whole counts; `mismatches` is a bounded list. */
  readonly missing: number
  readonly extra: number
  readonly different: number
  readonly mismatches: readonly Mismatch[]
  /** Columns where the reader's account and the source's own aggregates disagree. */
  readonly readerFaults: readonly string[]
  /** `lock-step`: row by row in load order. `buckets`: by hash, since the order differed. `counts`: only counted. */
  readonly method: 'lock-step' | 'buckets' | 'counts'
  readonly ms: number
}
