import type { SourceValue } from '@rowferry/introspect'

/** lossless: arrives as the same value. lossy: would arrive changed, allowed only by name. impossible: cannot arrive. */
export type Verdict = 'lossless' | 'lossy' | 'impossible'

export type StorageClass = 'null' | 'integer' | 'real' | 'text' | 'blob' | 'invalid text'

/** Stable codes of what can be wrong with a cell. */
export type MisfitCode =
  | 'NULL_NOT_ALLOWED'
  | 'NOT_A_BOOLEAN'
  | 'NOT_A_NUMBER'
  | 'NOT_AN_INTEGER'
  | 'OUT_OF_RANGE'
  | 'LOSES_PRECISION'
  | 'LOSES_SCALE'
  | 'TOO_LONG'
  | 'WRONG_LENGTH'
  | 'NOT_TEXT'
  | 'INVALID_TEXT'
  | 'NUL_IN_TEXT'
  | 'NOT_BYTES'
  | 'NOT_A_UUID'
  | 'NOT_A_NETWORK'
  | 'NOT_A_HARDWARE_ADDRESS'
  | 'NOT_A_DATE'
  | 'NOT_A_TIME'
  | 'NOT_A_TIMESTAMP'
  | 'NOT_AN_INTERVAL'
  | 'SPECIAL_WORD'
  | 'EPOCH_UNIT_NEEDED'
  | 'DURATION_UNIT_NEEDED'
  | 'TIMEZONE_NEEDED'
  | 'OFFSET_WOULD_BE_LOST'
  | 'TIME_WOULD_BE_LOST'
  | 'NOT_JSON'
  | 'JSON_DUPLICATE_KEY'
  | 'UNKNOWN_LABEL'
  | 'NOT_AN_ARRAY'
  | 'TOO_LARGE'
  | 'TYPE_UNSUPPORTED'

/** Why one cell does not fit. */
export interface Misfit {
  /** Index of the cast in the encoder. */
  readonly column: number
  readonly code: MisfitCode
  readonly verdict: 'lossy' | 'impossible'
  readonly storageClass: StorageClass
  /** What was judged: the value as the mends and the map leave it. */
  readonly value: SourceValue
  /** One clause for a person: `"lots-of-it" is no integer`. Values are escaped and cut to 80 characters. */
  readonly reason: string
  /** The value itself, escaped and cut. */
  readonly example: string
  /** The option that would settle it, with `table.column` left as `{column}`, e.g. `--epoch '{column}=ms'`; null when only the data can be mended. */
  readonly remedy: string | null
}
