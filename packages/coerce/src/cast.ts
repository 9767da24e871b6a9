import type { Column, PgType, Table } from '@rowferry/introspect'

/** How numbers in a date column count: seconds, milliseconds or microseconds since 1970-01-01T00:00:00Z. */
export type EpochUnit = 's' | 'ms' | 'us'

/** What the user said about a column's values. Plain JSON; nothing here is ever guessed. */
export interface ValueRules {
  /** Stored value (as text) → the value to take its place (null for SQL NULL). Pairs, since a key may be `__proto__`. */
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
  /** For rules that carry a modifier over, such as `DECIMAL(10,2)`: asked instead of `candidates` where it is there. */
  candidatesOf?(column: Column, table: Table): readonly string[]
}
