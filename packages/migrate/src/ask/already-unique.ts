import type { Cast } from '@rowferry/coerce'
import type { Catalog, PgType } from '@rowferry/introspect'
import { sameTable } from '@rowferry/introspect'
import { affinityOf } from '@rowferry/introspect/sqlite'
import type { TablePlan } from '@rowferry/plan'
import type { RowKey, RowRules } from '@rowferry/postgres'

/**
 * Does the source itself promise that no two rows share this key? It has a key over some of the same columns, and no two values of
 * theirs become one on the way: integers, and texts that the target compares by their octets. https://www.sqlite.org/datatype3.html
 */
export function alreadyUnique(table: TablePlan, rules: RowRules, key: RowKey, catalog: Catalog): boolean {
  const source = catalog.tables.find(({ name }) => sameTable(name, table.source))
  if (!source || key.columns === null || key.nullsNotDistinct || key.exclusion) return false
  const casts = key.columns.map((name) => table.casts.find(({ target }) => target === name))
  const faithful = new Set(
    casts.flatMap((cast, at) => {
      const column = source.columns.find(({ name }) => name === cast?.column)
      const collation =
        key.keys[at]!.collation ?? rules.columns.find(({ name }) => name === cast?.target)?.collation ?? null
      return cast && column && collation === null && keepsApart(cast, column.declaredType, source.enforcesTypes)
        ? [column.name]
        : []
    }),
  )
  const keys = [
    ...(source.primaryKey ? [source.primaryKey.columns] : []),
    ...source.uniques.map(({ columns }) => columns),
    ...source.indexes
      .filter(
        ({ unique, where, columns }) => unique && where === null && columns.every(({ column }) => column !== null),
      )
      .map(({ columns }) => columns.map(({ column }) => column!)),
  ]
  return keys.some((columns) => columns.length > 0 && columns.every((name) => faithful.has(name)))
}

const INTEGERS = new Set(['int2', 'int4', 'int8'])
const TEXTS = new Set(['text', 'varchar'])

function keepsApart({ type, rules }: Cast, declared: string, enforced: boolean): boolean {
  if (rules.mends || rules.map || rules.epoch || rules.allowLossy) return false
  const { schema, name } = baseOf(type)
  if (schema !== 'pg_catalog') return false
  const affinity = affinityOf(declared)
  if (INTEGERS.has(name)) return enforced || affinity === 'integer' || affinity === 'numeric'
  return TEXTS.has(name) && (enforced || affinity === 'text')
}

function baseOf(type: PgType): PgType {
  return type.kind === 'domain' && type.base ? baseOf(type.base) : type
}
