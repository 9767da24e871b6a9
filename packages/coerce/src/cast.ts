import type { Column, PgType, Table } from '@rowferry/introspect'
import type { MendName } from './mends/mend.ts'

/**
 * What numbers in a date column, or the first four and ticks also in one of intervals, count: seconds, milliseconds, microseconds or nanoseconds since 1970-01-01T00:00:00Z; days of the Julian
 * calendar's count, as SQLite's `julianday()`; seconds or nanoseconds since 2001-01-01 (Core Data, `apple`); microseconds since 1601-01-01
 * (Chrome, `webkit`); 100 nanoseconds since 0001-01-01 (.NET, `ticks`). Of an interval they count its length, all of it as time of day, none as days.
 */
export const epochUnits = ['s', 'ms', 'us', 'ns', 'julian', 'apple', 'apple-ns', 'webkit', 'ticks'] as const

export type EpochUnit = (typeof epochUnits)[number]

/** What the user said about a column's values. Plain JSON; nothing here is ever guessed. */
export interface ValueRules {
  /** What is put right in a value before the map sees it; the order of the names means nothing, they have one of their own. */
  readonly mends?: readonly MendName[]
  /** Stored value (as text, and mended) → the value to take its place (null for SQL NULL). Pairs, since a key may be `__proto__`. */
  readonly map?: readonly (readonly [from: string, to: string | null])[]
  readonly epoch?: EpochUnit
  /** IANA zone in which zone-less text is meant (into timestamptz), or to whose wall clock offsets are turned (into timestamp). */
  readonly timezone?: string
  /** Rounding, cutting and the like are allowed here, and counted. */
  readonly allowLossy?: boolean
}

/** The decision for one column: which source column goes where, as which PostgreSQL type, under which rules. Plain JSON. */
export interface Cast {
  readonly column: string
  readonly target: string
  readonly type: PgType
  /** The target takes no NULL. */
  readonly notNull: boolean
  readonly rules: ValueRules
  /** Why this type: `the target says so`, or the rule that proposed it and what the data said. */
  readonly because: string
}

/** A source adapter's or a user's proposal of types for created columns. */
export interface CastRule {
  /** Shown in the plan, e.g. `declared BOOLEAN`. */
  readonly name: string
  matches(column: Column, table: Table): boolean
  /** Type names of `builtinType`, best first; the first that holds every stored value losslessly is taken, and `text`, then `bytea`, come after all of them. */
  readonly candidates: readonly string[]
  /** The database itself holds every value to the declared type: the first candidate is the type, and what does not fit it is listed. Default: the data decides. */
  readonly settled?: boolean
  /** The database writes these numbers as text, so as to be exact. Default: what is stored as text becomes no number. */
  readonly numbersInText?: boolean
  /** For rules that carry a modifier over, such as `DECIMAL(10,2)`: asked instead of `candidates` where it is there. */
  candidatesOf?(column: Column, table: Table): readonly string[]
}
