import type { SourceRow } from '@rowferry/introspect'
import type { Cast } from './cast.ts'
import type { MendName } from './mends/mend.ts'
import type { Misfit } from './misfit.ts'

/** Where encoded rows are written: a growing buffer with a position. */
export interface CopyBuffer {
  bytes: Buffer
  position: number
}

/** What the rules of one column did, and what is worth knowing of its values, counted over all rows encoded so far. */
export interface RuleCounts {
  /** Cells put right, by the name of what did it; those that found nothing to do are left out. */
  readonly mended: ReadonlyMap<MendName, number>
  /** Cells replaced by a value map, by stored text. */
  readonly mapped: ReadonlyMap<string, number>
  /** Cells that arrived changed because it was allowed by name. */
  readonly lossy: number
  /** JSON strings that hold an object or array, which arrived as the strings they are. */
  readonly wrapped: number
  /** Numbers read as an epoch. */
  readonly epoch: number
}

/**
 * One compiled encoder per table: rows in, COPY BINARY tuples out (no file header, no trailer).
 * https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"
 */
export interface RowEncoder {
  readonly casts: readonly Cast[]
  /**
   * Appends one tuple. Returns -1, or the index of the first cast whose cell does not fit: then the buffer's position is
   * where it was, as if the row had never been seen. `row[i]` belongs to `casts[i]`; further values are ignored. The buffer grows as needed.
   */
  encode(row: SourceRow, into: CopyBuffer): number
  /** The cold path: every misfit of the row. Counts nothing. */
  explain(row: SourceRow): readonly Misfit[]
  /** One entry per cast. */
  counts(): readonly RuleCounts[]
}
