import type { Cast, CastRule, ValueRules } from '@rowferry/coerce'
import { builtinType, goesThroughText } from '@rowferry/coerce'
import type { Column, PgType, Table } from '@rowferry/introspect'
import { affinityOf } from '@rowferry/introspect/sqlite'
import { mendsOf } from './mend-options.ts'
import type { TableMatch } from './match.ts'
import type { PlanOptions } from './options.ts'

/** What the user's options say about one column's values. */
export function valueRules(table: Table, column: Column, options: PlanOptions): ValueRules {
  const full = `${table.name.name}.${column.name}`
  const map = options.map.filter((rule) => rule.column === full).map((rule) => [rule.from, rule.to] as const)
  const epoch = options.epoch.find((rule) => rule.column === full)?.unit
  const mends = mendsOf(table.name.name, column.name, options)
  return {
    ...(mends.length > 0 ? { mends } : {}),
    ...(map.length > 0 ? { map } : {}),
    ...(epoch ? { epoch } : {}),
    ...(options.timezone !== null ? { timezone: options.timezone } : {}),
    ...(options.allowLossy.includes(full) ? { allowLossy: true } : {}),
  }
}

/**
 * Types that a created column may become, best first: the first rule that knows the column proposes. Not json in a key:
 * PostgreSQL does not compare json, and to jsonb `{"a":1}` and `{"a": 1}` are the same, which SQLite's key keeps apart.
 */
export function candidateTypes(
  table: Table,
  column: Column,
  rules: readonly CastRule[],
): { types: PgType[]; because: string; settled: boolean; numbersInText: boolean } {
  const rule = rules.find((each) => each.matches(column, table))
  const types = rule?.candidatesOf?.(column, table) ?? rule?.candidates ?? ['text']
  return {
    types: types.filter((type) => !/^jsonb?$/.test(type) || !isInKey(table, column)).map(builtinType),
    because: rule?.name ?? 'no rule knows the declared type',
    settled: rule?.settled ?? false,
    numbersInText: rule?.numbersInText ?? false,
  }
}

/** Part of a primary key, a unique constraint or a unique index? */
export function isInKey(table: Table, column: Column): boolean {
  return (
    [...(table.primaryKey ? [table.primaryKey] : []), ...table.uniques].some((key) =>
      key.columns.includes(column.name),
    ) || table.indexes.some((index) => index.unique && index.columns.some((each) => each.column === column.name))
  )
}

export function castsIntoExisting(match: TableMatch, options: PlanOptions): { casts: Cast[]; generated: Cast[] } {
  const casts: Cast[] = []
  const generated: Cast[] = []
  for (const { source, name, target } of match.columns) {
    if (!target?.type) continue
    const cast: Cast = {
      column: source.name,
      target: name,
      type: target.type,
      notNull: !target.nullable,
      rules: valueRules(match.source, source, options),
      because: target.generated ? 'the target generates it' : 'the target says so',
    }
    ;(target.generated ? generated : casts).push(cast)
  }
  return { casts, generated }
}

const TEXT_LIKE = new Set(['text', 'varchar', 'bpchar', 'citext', 'name', 'json', 'jsonb'])

/**
 * Must integers and reals be told apart on the way? Only where a real may land in text, so that `1.0` does not arrive as `1`.
 * SQLite columns of TEXT affinity never hold numbers, and of a STRICT table's columns only REAL and ANY hold reals
 * (https://www.sqlite.org/datatype3.html, https://www.sqlite.org/stricttables.html).
 */
export function needsClassedIntegers(table: Table, casts: readonly Cast[]): boolean {
  return casts.some((cast) => {
    const column = table.columns.find((candidate) => candidate.name === cast.column)
    if (column === undefined || !(takesText(cast.type) || (cast.rules.map ?? []).length > 0)) return false
    const affinity = affinityOf(column.declaredType)
    return table.enforcesTypes ? affinity === 'real' || affinity === 'numeric' : affinity !== 'text'
  })
}

function takesText(type: PgType): boolean {
  const base = baseOf(type)
  return base.kind === 'enum' || TEXT_LIKE.has(base.name) || goesThroughText(type)
}

function baseOf(type: PgType): PgType {
  return type.kind === 'domain' && type.base ? baseOf(type.base) : type
}
