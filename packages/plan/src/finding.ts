import { z } from 'zod'

/** `refuse`: nothing is written until it is settled. `lossy`: allowed by name and counted. `warning`: done, but something is not carried. `note`: worth knowing. */
const findingSeverity = z.enum(['refuse', 'lossy', 'warning', 'note'])

/** One thing a person must know, about a column's values or about the structure. All findings are listed at once. */
export const findingSchema = z.object({
  /** Stable code: a `MisfitCode` of coerce, or e.g. `TABLE_MISSING`, `COLUMN_MISSING`, `TARGET_NOT_EMPTY`, `ORPHANS`. */
  code: z.string(),
  severity: findingSeverity,
  table: z.string().nullable(),
  column: z.string().nullable(),
  targetType: z.string().nullable(),
  /** Cells or rows concerned; null where nothing is counted. */
  count: z.number().int().nullable(),
  /** The first keys concerned, as `id=3` or `row 17`. */
  keys: z.array(z.string()),
  storageClasses: z.array(z.string()),
  /** Values, escaped and cut. */
  examples: z.array(z.string()),
  /** `safe`: nothing is lost. `lossy`: values would arrive changed, or something is left behind. `impossible`: cannot arrive. Null where no value is concerned. */
  verdict: z.enum(['safe', 'lossy', 'impossible']).nullable(),
  message: z.string(),
  /** The words that let the user go on, or null. */
  remedy: z.string().nullable(),
})

export type Finding = z.infer<typeof findingSchema>

/** A finding with everything that was not said left empty; what is no refusal is safe, or lossy where that was allowed, unless said otherwise. */
export function finding(given: Pick<Finding, 'code' | 'severity' | 'message'> & Partial<Finding>): Finding {
  return {
    table: null,
    column: null,
    targetType: null,
    count: null,
    keys: [],
    storageClasses: [],
    examples: [],
    verdict: given.severity === 'refuse' ? null : given.severity === 'lossy' ? 'lossy' : 'safe',
    remedy: null,
    ...given,
  }
}
