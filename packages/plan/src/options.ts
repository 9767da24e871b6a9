import { epochUnits } from '@rowferry/coerce'
import { z } from 'zod'
import { mendOptions } from './mend-options.ts'
import { userCastSchema } from './user-casts.ts'

const names = z.array(z.string())

/** `table.column`, split at the last dot that leaves both parts non-empty; matching is against the source's names. */
const columnName = z.string().regex(/^.+\..+$/s, 'write it as table.column')

/** What the user decides. Every default refuses rather than guesses. */
export const planOptionsSchema = z.object({
  /** Source tables to carry; empty for all. */
  tables: names.default([]),
  excludeTables: names.default([]),
  /** Target schema. */
  schema: z.string().min(1).default('public'),
  /** Target tables that hold rows already. */
  onExisting: z.enum(['refuse', 'truncate', 'append', 'skip', 'merge']).default('refuse'),
  /** Tables outside the selection that `truncate` may empty as well, since they reference it. */
  allowCascade: names.default([]),
  onBadRow: z.enum(['refuse', 'quarantine']).default('refuse'),
  /** A source table with rows that an otherwise existing target lacks. */
  missingTables: z.enum(['refuse', 'skip', 'create']).default('refuse'),
  ...mendOptions,
  /** Stored value → value to take its place; `to: null` for SQL NULL. */
  map: z.array(z.object({ column: columnName, from: z.string(), to: z.string().nullable() })).default([]),
  epoch: z.array(z.object({ column: columnName, unit: z.enum(epochUnits) })).default([]),
  /** IANA zone of zone-less times; null refuses them where the target keeps instants. */
  timezone: z.string().nullable().default(null),
  allowLossy: z.array(columnName).default([]),
  /** Source columns that are left behind, with all their values; counted in the report. */
  dropColumn: z.array(columnName).default([]),
  /** By column of an existing target table that the source does not fill: the text whose value every row gets; `value: null` for SQL NULL. */
  fill: z.array(z.object({ column: columnName, value: z.string().nullable() })).default([]),
  /** Types of created columns that the user settles. */
  cast: z.array(userCastSchema).default([]),
  /** What becomes of text columns under NOCASE in created tables: folding indexes, the type citext, or a collation of ICU. */
  nocase: z.enum(['fold', 'citext', 'icu']).default('fold'),
  /** `Old` or `Table.Column` in the source's spelling → the target's name. */
  rename: z.array(z.object({ from: z.string(), to: z.string().min(1) })).default([]),
  /** How names without a `rename` are carried. */
  case: z.enum(['keep', 'snake', 'lower']).default('keep'),
  /** Source tables in the order in which they shall load; empty to follow the foreign keys. */
  order: names.default([]),
  /** User triggers on target tables that would run for loaded rows. */
  triggers: z.enum(['refuse', 'disable', 'fire']).default('refuse'),
  /** Committed in parts, so that it can go on where it stopped; into tables that hold no rows. */
  resumable: z.boolean().default(false),
})

export type PlanOptions = z.output<typeof planOptionsSchema>
