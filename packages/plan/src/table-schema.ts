import type { PgType, Table } from '@rowferry/introspect'
import { z } from 'zod'

export const tableName = z.object({ schema: z.string(), name: z.string() })

export const pgType: z.ZodType<PgType> = z
  .lazy(() =>
    z.object({
      oid: z.number().int(),
      schema: z.string(),
      name: z.string(),
      kind: z.enum(['base', 'enum', 'domain', 'array', 'composite', 'range', 'multirange', 'pseudo']),
      typmod: z.number().int(),
      element: pgType.exactOptional(),
      fields: z.array(pgType).exactOptional(),
      subtype: pgType.exactOptional(),
      base: pgType.exactOptional(),
      labels: z.array(z.string()).exactOptional(),
      notNull: z.boolean().exactOptional(),
      checks: z.array(z.string()).exactOptional(),
    }),
  )
  .meta({ id: 'PgType' })

const text = z.string().nullable()
const names = z.array(z.string())
const deferrability = z.enum(['not deferrable', 'initially immediate', 'initially deferred'])
const action = z.enum(['no action', 'restrict', 'cascade', 'set null', 'set default'])

const key = z.object({
  name: text,
  columns: names,
  deferrability,
  nullsNotDistinct: z.boolean(),
  definition: z.string().exactOptional(),
})

const column = z.object({
  name: z.string(),
  position: z.number().int(),
  declaredType: z.string(),
  nullable: z.boolean(),
  default: text,
  generated: z.object({ kind: z.enum(['stored', 'virtual']), expression: z.string() }).nullable(),
  identity: z.enum(['rowid', 'autoincrement', 'always', 'by default', 'serial']).nullable(),
  sequence: tableName.nullable(),
  collation: text,
  type: pgType.nullable(),
  comment: text,
})

const foreignKey = z.object({
  name: text,
  columns: names,
  references: tableName,
  referencedColumns: names.nullable(),
  onDelete: action,
  onUpdate: action,
  match: z.enum(['simple', 'full', 'partial']),
  deferrability,
  validated: z.boolean(),
  definition: z.string().exactOptional(),
})

const index = z.object({
  name: z.string(),
  columns: z.array(
    z.object({
      column: text,
      expression: text,
      descending: z.boolean(),
      nullsFirst: z.boolean().nullable(),
      collation: text,
    }),
  ),
  include: names,
  unique: z.boolean(),
  where: text,
  method: z.string(),
  definition: text,
  constraint: z.enum(['primary key', 'unique', 'exclusion']).nullable(),
  valid: z.boolean(),
})

const postgresFacts = z.object({
  oid: z.number().int(),
  owner: z.string(),
  owned: z.boolean(),
  rowSecurity: z.boolean(),
  rules: names,
  persistence: z.enum(['permanent', 'unlogged', 'temporary']),
  partitionOf: tableName.nullable(),
  inheritsFrom: z.array(tableName),
  replicaIdentity: z.enum(['default', 'nothing', 'full', 'index']),
})

/** A table as `@rowferry/introspect` describes it: what create mode makes. */
export const tableSchema: z.ZodType<Table> = z
  .object({
    name: tableName,
    kind: z.enum(['table', 'virtual', 'partitioned', 'partition', 'foreign']),
    columns: z.array(column),
    primaryKey: key.nullable(),
    uniques: z.array(key),
    foreignKeys: z.array(foreignKey),
    checks: z.array(
      z.object({
        name: text,
        expression: z.string(),
        validated: z.boolean(),
        definition: z.string().exactOptional(),
      }),
    ),
    exclusions: z.array(z.object({ name: z.string(), definition: z.string() })),
    indexes: z.array(index),
    enforcesTypes: z.boolean(),
    rowIdentifier: text,
    rowEstimate: z.number().nullable(),
    highWaterMark: text,
    withoutRowid: z.boolean(),
    definition: text,
    comment: text,
    postgres: postgresFacts.nullable(),
  })
  .meta({ id: 'Table' })
