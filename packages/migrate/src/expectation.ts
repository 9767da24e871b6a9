import type { Cast } from '@rowferry/coerce'
import type { PgType } from '@rowferry/introspect'
import type { TablePlan } from '@rowferry/plan'
import type { ExpectedColumn, ExpectedTable, ExpectedType } from '@rowferry/verify'

const SAME_NAME = new Set([
  'bool',
  'int2',
  'int4',
  'int8',
  'float4',
  'float8',
  'bpchar',
  'bytea',
  'uuid',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'interval',
  'json',
  'jsonb',
])
const TEXT = new Set(['text', 'varchar', 'citext', 'name'])

/** What the examiner must know of one table, as data. Throws for a type that nothing can write either. */
export function expectTable(plan: TablePlan, rejected: readonly string[]): ExpectedTable {
  const contains = plan.onExisting === 'append' || plan.onExisting === 'skip' || plan.onExisting === 'merge'
  return {
    source: plan.source,
    target: plan.target,
    columns: [...plan.casts, ...plan.generated].map(expectColumn),
    key: plan.key,
    rowIdentifier: plan.rowIdentifier,
    rejected,
    extent: contains ? 'contains' : 'whole',
    keepExisting: plan.onExisting === 'skip',
  }
}

function expectColumn(cast: Cast): ExpectedColumn {
  const { map, epoch, timezone, allowLossy } = cast.rules
  return {
    source: cast.column,
    target: cast.target,
    type: expectType(cast.type),
    ...(map ? { map } : {}),
    ...(epoch ? { epoch } : {}),
    ...(timezone === undefined ? {} : { timezone }),
    ...(allowLossy ? { lossy: true } : {}),
  }
}

function expectType(type: PgType): ExpectedType {
  if (type.kind === 'domain' && type.base) return expectType(type.base)
  if (type.kind === 'array' && type.element)
    return {
      kind: 'array',
      element: expectType(type.typmod === -1 ? type.element : { ...type.element, typmod: type.typmod }),
    }
  if (type.kind === 'enum') return { kind: 'enum', labels: type.labels ?? [] }
  if (type.name === 'oid') return { kind: 'int8' }
  if (type.name === 'numeric') {
    // numeric's typmod: ((precision << 16) | scale) + 4, the scale in 11 bits with a sign (PostgreSQL's numeric.c)
    const bits = type.typmod - 4
    return type.typmod === -1
      ? { kind: 'numeric', precision: null, scale: null }
      : { kind: 'numeric', precision: (bits >> 16) & 0xffff, scale: ((bits & 0x7ff) ^ 1024) - 1024 }
  }
  if (TEXT.has(type.name)) return { kind: 'text' }
  if (SAME_NAME.has(type.name))
    return { kind: type.name as Exclude<ExpectedType['kind'], 'numeric' | 'enum' | 'array'> }
  throw new TypeError(`no expectation for type ${type.name}`)
}
