import type { Cast } from '@rowferry/coerce'
import { goesThroughText, inputType } from '@rowferry/coerce'
import type { PgType } from '@rowferry/introspect'
import type { TablePlan, ViewPlan } from '@rowferry/plan'
import type { ExpectedColumn, ExpectedTable, ExpectedType } from '@rowferry/verify'

type Plain = Exclude<
  ExpectedType['kind'],
  'numeric' | 'enum' | 'array' | 'text' | 'bpchar' | 'time' | 'timestamp' | 'timestamptz' | 'interval' | 'input'
>

const PLAIN: ReadonlySet<string> = new Set<Plain>([
  'bool',
  'int2',
  'int4',
  'int8',
  'float4',
  'float8',
  'bytea',
  'uuid',
  'date',
  'json',
  'jsonb',
  'oid',
])
const TEXT = new Set(['text', 'varchar', 'citext', 'name'])
const MOMENTS = new Set(['time', 'timestamp', 'timestamptz', 'interval'])
/** `interval`'s typmod keeps the fields in its upper half and, of all precisions, this one for "none given" (PostgreSQL's timestamp.h). */
const FULL_PRECISION = 0xffff

/** Digits of a computed double that count: all of them, or those that no order of addition changes. */
const DIGITS = { exact: 17, fuzzy: 12 }

/** A view's rows, which have no key. */
export function expectView(view: ViewPlan): ExpectedTable {
  return {
    source: view.source,
    target: view.target,
    columns: view.columns.map((cast) => {
      const expected = expectColumn(cast)
      if (expected.type.kind !== 'float8') return expected
      return {
        ...expected,
        type: { kind: 'float8', digits: DIGITS[view.fuzzy.includes(cast.column) ? 'fuzzy' : 'exact'] },
      }
    }),
    key: [],
    rowIdentifier: null,
    rejected: [],
    extent: 'whole',
    keepExisting: false,
  }
}

/** What the examiner must know of one table, as data. */
export function expectTable(plan: TablePlan, rejected: readonly string[]): ExpectedTable {
  const contains = plan.onExisting === 'append' || plan.onExisting === 'skip' || plan.onExisting === 'merge'
  return {
    source: plan.source,
    target: plan.target,
    columns: [
      ...[...plan.casts, ...plan.generated].map(expectColumn),
      ...plan.fills.map(({ cast, value }) => ({
        ...expectColumn(cast),
        fill: value,
        inKey: plan.targetKey.includes(cast.target),
      })),
    ],
    key: plan.key,
    rowIdentifier: plan.rowIdentifier,
    rejected,
    extent: contains ? 'contains' : 'whole',
    keepExisting: plan.onExisting === 'skip',
  }
}

function expectColumn(cast: Cast): ExpectedColumn {
  const { mends, map, epoch, timezone, allowLossy } = cast.rules
  return {
    source: cast.column,
    target: cast.target,
    type: expectType(cast.type),
    ...(mends ? { mends } : {}),
    ...(map ? { map } : {}),
    ...(epoch ? { epoch } : {}),
    ...(timezone === undefined ? {} : { timezone }),
    ...(allowLossy ? { lossy: true } : {}),
  }
}

function expectType(type: PgType): ExpectedType {
  if (goesThroughText(type)) {
    const { schema, name } = inputType(type)
    return { kind: 'input', schema, name }
  }
  const { name, typmod } = type
  if (type.kind === 'domain' && type.base) return expectType(type.base)
  if (type.kind === 'array' && type.element) {
    return { kind: 'array', element: expectType(typmod === -1 ? type.element : { ...type.element, typmod }) }
  }
  if (type.kind === 'enum') return { kind: 'enum', labels: type.labels ?? [] }
  if (name === 'numeric') {
    // ((precision << 16) | scale) + 4, the scale in 11 bits with a sign (PostgreSQL's numeric.c)
    const bits = typmod - 4
    if (typmod === -1) return { kind: 'numeric', precision: null, scale: null }
    return { kind: 'numeric', precision: (bits >> 16) & 0xffff, scale: ((bits & 0x7ff) ^ 1024) - 1024 }
  }
  if (TEXT.has(name) || name === 'bpchar') {
    const kind = name === 'bpchar' ? 'bpchar' : 'text'
    return typmod === -1 ? { kind } : { kind, length: typmod - 4 }
  }
  if (MOMENTS.has(name)) {
    const kind = name as 'time' | 'timestamp' | 'timestamptz' | 'interval'
    const precision = kind === 'interval' ? typmod & 0xffff : typmod
    return typmod === -1 || precision === FULL_PRECISION ? { kind } : { kind, precision }
  }
  if (PLAIN.has(name)) return { kind: name as Plain }
  // A type that nothing can be sent to: nothing but NULL can have been written, and that is all there is to compare
  return { kind: 'text' }
}
