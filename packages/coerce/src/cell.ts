import type { PgType, SourceValue } from '@rowferry/introspect'
import type { CopyBuffer } from './encoder.ts'
import type { IntegerMode } from './example.ts'
import type { Refusal, Subject } from './refusal.ts'
import type { Zone } from './types/zone.ts'

export type CellValue = Exclude<SourceValue, null>

/**
 * Appends one cell (four bytes of length, then the value) and returns null; or the reason why it does not fit.
 * A lossy cell has been written; after an impossible one the position is where it was.
 */
export type CellEncoder = (value: CellValue, out: CopyBuffer) => Refusal | null

/** A compiled type: the encoder and, where the culprit is a part of the cell, what to blame after a refusal. */
export interface Cell {
  readonly encode: CellEncoder
  readonly blame?: () => Subject | null
}

export interface CellOptions {
  readonly integers: IntegerMode
  /** From `ValueRules.timezone`. */
  readonly zone: Zone | null
  readonly type: PgType
}
