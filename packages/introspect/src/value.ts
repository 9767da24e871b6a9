/**
 * Text whose bytes are not valid in the database's own encoding. SQLite stores such text without a word;
 * decoding it leniently would turn it into U+FFFD, so it travels as bytes and every coercion refuses it by name.
 */
export class InvalidText {
  readonly bytes: Uint8Array
  /** `utf-8`, `utf-16le` or `utf-16be`. */
  readonly encoding: string
  constructor(bytes: Uint8Array, encoding = 'utf-8') {
    this.bytes = bytes
    this.encoding = encoding
  }
}

/**
 * One value exactly as it is stored: nothing is parsed, nothing is rounded.
 * Integers are `number` while safe and `bigint` past ±(2^53 − 1); when a reader was asked for `integers: 'bigint'`,
 * every integer is a `bigint` and so every `number` is a real.
 */
export type SourceValue = null | number | bigint | string | Uint8Array | InvalidText

/** The values of one row, in the order in which the columns were asked for. */
export type SourceRow = readonly SourceValue[]
