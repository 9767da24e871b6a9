import type { Cast } from '@rowferry/coerce'
import type { PgType, Table } from '@rowferry/introspect'
import { z } from 'zod'
import { findingSchema } from './finding.ts'
import { planOptionsSchema } from './options.ts'

const tableName = z.object({ schema: z.string(), name: z.string() })

const pgType: z.ZodType<PgType> = z.lazy(() =>
  z.object({
    oid: z.number().int(),
    schema: z.string(),
    name: z.string(),
    kind: z.enum(['base', 'enum', 'domain', 'array', 'composite', 'range', 'multirange', 'pseudo']),
    typmod: z.number().int(),
    element: pgType.exactOptional(),
    base: pgType.exactOptional(),
    labels: z.array(z.string()).exactOptional(),
    notNull: z.boolean().exactOptional(),
    checks: z.array(z.string()).exactOptional(),
  }),
)

const cast: z.ZodType<Cast> = z.object({
  column: z.string(),
  target: z.string(),
  type: pgType,
  notNull: z.boolean(),
  rules: z.object({
    map: z.array(z.tuple([z.string(), z.string().nullable()])).exactOptional(),
    epoch: z.enum(['s', 'ms', 'us']).exactOptional(),
    timezone: z.string().exactOptional(),
    allowLossy: z.boolean().exactOptional(),
  }),
  because: z.string(),
})

const sequencePlan = z.object({
  column: z.string(),
  /** Null in create mode: the identity column makes its own. */
  sequence: tableName.nullable(),
  /** AUTOINCREMENT's high-water mark, as text. */
  highWaterMark: z.string().nullable(),
})

/** Everything decided about one table. */
const tablePlan = z.object({
  source: tableName,
  target: tableName,
  /** `existing`: the target's catalog decides every type. `create`: `definition` is made first. */
  mode: z.enum(['existing', 'create']),
  /** What happens to rows the target table holds; `empty` when it must hold none. */
  onExisting: z.enum(['empty', 'truncate', 'append', 'skip', 'merge']),
  /** Columns written, in the order in which they are read. */
  casts: z.array(cast),
  /** Columns the target generates itself: not written, compared afterwards. */
  generated: z.array(cast),
  /** Source columns that name a row; empty for a table without a key. */
  key: z.array(z.string()),
  /** The same columns' names in the target, where they are its key too. */
  targetKey: z.array(z.string()),
  rowIdentifier: z.string().nullable(),
  /** Integers are asked for as bigint, so that 1 and 1.0 stay apart (text-like targets of columns that may hold numbers). */
  classedIntegers: z.boolean(),
  /** Rows in the source when the plan was made; null when not counted. */
  rows: z.number().int().nullable(),
  oid: z.number().int().nullable(),
  owned: z.boolean(),
  partitioned: z.boolean(),
  sequences: z.array(sequencePlan),
  /** Of `create`: the table as PostgreSQL shall have it. */
  definition: z.custom<Table>().nullable(),
})

const foreignKeyPlan = z.object({
  table: tableName,
  name: z.string().nullable(),
  columns: z.array(z.string()),
  references: tableName,
  referencedColumns: z.array(z.string()),
  /** `full`: a reference that is NULL only in part meets no parent. */
  match: z.enum(['simple', 'full']).default('simple'),
  /** `created`: made after the data. `kept`: stays, parents load first. `deferred`: checked after the data. `rebuilt`: dropped and re-added in the same transaction. */
  strategy: z.enum(['created', 'kept', 'deferred', 'rebuilt']),
  why: z.string(),
})

/** Everything decided, nothing done. Plain JSON: read it, commit it, give it back to `migrate --plan`. */
export const planSchema = z.object({
  version: z.literal(1),
  tool: z.string(),
  source: z.object({ kind: z.string(), label: z.string(), fingerprint: z.string() }),
  /** Null for a plan without a target: what would be created. */
  target: z.object({ label: z.string(), version: z.number().int(), fingerprint: z.string() }).nullable(),
  options: planOptionsSchema,
  /** In load order. */
  tables: z.array(tablePlan),
  foreignKeys: z.array(foreignKeyPlan),
  /** Source tables that are not carried, with why. */
  skipped: z.array(
    z.object({ table: tableName, rows: z.number().int().nullable(), why: z.string(), asked: z.boolean() }),
  ),
  /** Parts of the source's schema that the target will not have. */
  notCarried: z.array(
    z.object({ object: z.string(), definition: z.string(), why: z.string(), suggestion: z.string().nullable() }),
  ),
  findings: z.array(findingSchema),
})

export type Plan = z.output<typeof planSchema>
export type TablePlan = z.output<typeof tablePlan>
export type ForeignKeyPlan = z.output<typeof foreignKeyPlan>
export type SequencePlan = z.output<typeof sequencePlan>
