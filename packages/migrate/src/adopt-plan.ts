import type { Catalog, PgType } from '@rowferry/introspect'
import { sameTable } from '@rowferry/introspect'
import type { Plan, TablePlan } from '@rowferry/plan'
import type { Session } from '@rowferry/postgres'
import type { Source } from '@rowferry/source'
import { checkDrift } from './drift.ts'

/**
 * A plan made earlier, made ready for this target: the same structure may live elsewhere, where tables and types go by other oids
 * (rehearsed on one server, carried out on another). Everything that was decided stays. Throws what `checkDrift` throws.
 */
export async function adoptPlan(plan: Plan, source: Source, session: Session): Promise<Plan> {
  const catalog = await checkDrift(plan, source, session)
  const known = knownTypes(catalog)
  const typeHere = (type: PgType): PgType => {
    const here = known.get(idOf(type))
    return {
      ...type,
      ...(here && here.kind === type.kind && { oid: here.oid }),
      ...(type.element && { element: typeHere(type.element) }),
      ...(type.base && { base: typeHere(type.base) }),
      ...(type.subtype && { subtype: typeHere(type.subtype) }),
      ...(type.fields && { fields: type.fields.map(typeHere) }),
    }
  }
  return { ...plan, tables: plan.tables.map((table) => tableHere(table, catalog, typeHere)) }
}

function tableHere(table: TablePlan, catalog: Catalog, typeHere: (type: PgType) => PgType): TablePlan {
  const there = catalog.tables.find((each) => sameTable(each.name, table.target))
  return {
    ...table,
    oid: table.mode === 'existing' ? (there?.postgres?.oid ?? table.oid) : table.oid,
    casts: table.casts.map((cast) => ({ ...cast, type: typeHere(cast.type) })),
    generated: table.generated.map((cast) => ({ ...cast, type: typeHere(cast.type) })),
    fills: table.fills.map((fill) => ({ ...fill, cast: { ...fill.cast, type: typeHere(fill.cast.type) } })),
    definition: table.definition && {
      ...table.definition,
      columns: table.definition.columns.map((column) => ({ ...column, type: column.type && typeHere(column.type) })),
    },
  }
}

function knownTypes(catalog: Catalog): Map<string, PgType> {
  const known = new Map<string, PgType>()
  const visit = (type: PgType | null | undefined): void => {
    if (!type) return
    known.set(idOf(type), type)
    for (const part of [type.element, type.base, type.subtype, ...(type.fields ?? [])]) visit(part)
  }
  for (const type of catalog.types) visit(type)
  for (const table of catalog.tables) for (const column of table.columns) visit(column.type)
  return known
}

function idOf({ schema, name }: PgType): string {
  return JSON.stringify([schema, name])
}
