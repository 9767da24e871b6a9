import type { Cast } from '@rowferry/coerce'
import { epochUnits, mendNames } from '@rowferry/coerce'
import { z } from 'zod'
import { findingSchema } from './finding.ts'
import { planOptionsSchema } from './options.ts'
import { pgType, tableName, tableSchema } from './table-schema.ts'

/** Where `planJsonSchema` is published; plan files name it, for editors. */
export const PLAN_SCHEMA_URL = 'https://raw.githubusercontent.com/rowferry/rowferry/main/docs/schema/plan-v1.json'

const cast: z.ZodType<Cast> = z.object({
  column: z.string(),
  target: z.string(),
  type: pgType,
  notNull: z.boolean(),
  rules: z.object({
    mends: z.array(z.enum(mendNames)).exactOptional(),
    map: z.array(z.tuple([z.string(), z.string().nullable()])).exactOptional(),
    epoch: z.enum(epochUnits).exactOptional(),
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

/** What a source column held when the plan was made, by the source's own counting. */
const columnEvidence = z.object({
  column: z.string(),
  /** The type as the source declares it, possibly empty. */
  declared: z.string(),
  nulls: z.number().int(),
  integers: z.number().int(),
  reals: z.number().int(),
  texts: z.number().int(),
  blobs: z.number().int(),
  /** Of octets, sum, least and greatest integer: two readings with another digest hold other values. Holds no value itself. */
  digest: z.string(),
})

/** A check (`index` is null), or the predicate of that index of the target: as the source says it, and in PostgreSQL. */
const condition = z.object({ object: z.string(), index: z.string().nullable(), source: z.string(), sql: z.string() })

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
  /** Columns that only the target has, each with the text whose value every row gets; `column` of the cast is the target's name. */
  fills: z.array(z.object({ cast, value: z.string().nullable() })).default([]),
  /** Columns the target generates itself: not written, compared afterwards. */
  generated: z.array(cast),
  /** Of a created table's `generated` columns: how the source computes them. */
  expressions: z.record(z.string(), z.string()).exactOptional(),
  /** Source columns that name a row; empty for a table without a key. */
  key: z.array(z.string()),
  /** The same columns' names in the target, where they are its key too. */
  targetKey: z.array(z.string()),
  rowIdentifier: z.string().nullable(),
  /** Integers are asked for as bigint, so that 1 and 1.0 stay apart (text-like targets of columns that may hold numbers, and whatever may be set aside). */
  classedIntegers: z.boolean(),
  /** Rows in the source when the plan was made; null when not counted. */
  rows: z.number().int().nullable(),
  /** What each column that is read held; absent when nobody counted. `rowferry plan` counts, so that a drift can be told by column. */
  evidence: z.array(columnEvidence).exactOptional(),
  oid: z.number().int().nullable(),
  owned: z.boolean(),
  partitioned: z.boolean(),
  sequences: z.array(sequencePlan),
  /** Of `create`: the table as PostgreSQL shall have it. */
  definition: tableSchema.nullable(),
  /** Of `create`: what its checks and the predicates of its indexes say in the source, so that both can be tried on every row. */
  conditions: z.array(condition).default([]),
})

const foreignKeyPlan = z.object({
  table: tableName,
  name: z.string().nullable(),
  columns: z.array(z.string()),
  references: tableName,
  referencedColumns: z.array(z.string()),
  /** `full`: a reference that is NULL only in part meets no parent. */
  match: z.enum(['simple', 'full']).default('simple'),
  /** `created`: made after the data. `kept`: stays, parents load first. `deferred`: checked after the data. `rebuilt`: dropped, and re-added after the data. */
  strategy: z.enum(['created', 'kept', 'deferred', 'rebuilt']),
  why: z.string(),
})

/** Every object of a database in one line, by name: what a drift is told by. */
const structure = z.record(z.string(), z.string())

const viewPlan = z.object({
  source: tableName,
  target: tableName,
  /** As the source says it. */
  definition: z.string(),
  /** The whole CREATE VIEW. */
  sql: z.string(),
  /** Its columns, so that both sides' rows can be compared. */
  columns: z.array(cast),
  /** Columns with sums of floating-point numbers, whose last digits depend on the order of addition. */
  fuzzy: z.array(z.string()),
  /** The source's tables and views that it reads. */
  reads: z.array(z.string()),
  /** `order`: one of several results that the source may give. `now`: it depends on the present moment. `sums`: it adds floating-point numbers. */
  remarks: z.array(z.enum(['order', 'now', 'sums'])),
})

/** A trigger of a created table, with the function it calls. */
const triggerPlan = z.object({
  /** As the source names it. */
  name: z.string(),
  table: tableName,
  /** As the source says it. */
  definition: z.string(),
  /** The function and the trigger. */
  sql: z.string(),
})

/**
 * Everything decided, nothing done. Plain JSON without secrets: read it, commit it, give it back to `migrate --plan`.
 * Within version 1 fields are added, never renamed; a file of another version is refused (`PLAN_VERSION`).
 */
export const planSchema = z.object({
  $schema: z.string().exactOptional(),
  version: z.literal(1),
  /** Name and version of the program that made it. */
  tool: z.string(),
  /** `fingerprint`: of the data and the structure. */
  source: z.object({ kind: z.string(), label: z.string(), fingerprint: z.string(), structure }),
  /** Null for a plan without a target: what would be created. `fingerprint`: of the structure; `version`: `server_version_num`. */
  target: z.object({ label: z.string(), version: z.number().int(), fingerprint: z.string(), structure }).nullable(),
  options: planOptionsSchema,
  /** In load order. */
  tables: z.array(tablePlan),
  foreignKeys: z.array(foreignKeyPlan),
  /** Source tables that are not carried, with why. */
  skipped: z.array(
    z.object({ table: tableName, rows: z.number().int().nullable(), why: z.string(), asked: z.boolean() }),
  ),
  /** Views to make once the data is proven, each after those it reads. */
  views: z.array(viewPlan).default([]),
  /** Triggers to make once the data is proven, so that none fires in the load. */
  triggers: z.array(triggerPlan).default([]),
  /** Parts of the source's schema that the target will not have. */
  notCarried: z.array(
    z.object({ object: z.string(), definition: z.string(), why: z.string(), suggestion: z.string().nullable() }),
  ),
  findings: z.array(findingSchema),
  /** Indexes and constraints that the load takes away and builds again; absent when nobody looked. */
  rebuilds: z.array(z.object({ table: tableName, object: z.string() })).exactOptional(),
  /** Those of the same tables that stay, and why, as the end of a sentence; absent when nobody looked. */
  staying: z.array(z.object({ table: tableName, object: z.string(), why: z.string() })).exactOptional(),
})

/** JSON Schema (2020-12) of a plan file. */
export function planJsonSchema(): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(planSchema, { io: 'input' })
}

export type ColumnEvidence = z.output<typeof columnEvidence>
export type Plan = z.output<typeof planSchema>
export type ConditionPlan = z.output<typeof condition>
export type TablePlan = z.output<typeof tablePlan>
export type ViewPlan = z.output<typeof viewPlan>
export type TriggerPlan = z.output<typeof triggerPlan>
export type ForeignKeyPlan = z.output<typeof foreignKeyPlan>
export type SequencePlan = z.output<typeof sequencePlan>
