import type { Cast } from '@rowferry/coerce'
import { builtinType, formatType } from '@rowferry/coerce'
import type { View } from '@rowferry/introspect'
import type { ExpressionColumn, ReadableTable, Relation, ViewTranslation } from '@rowferry/translate'
import { tableRelation, translateView } from '@rowferry/translate'
import { relationNames } from './assemble.ts'
import type { PlanInput } from './assemble.ts'
import { isChanged, type NotCarried } from './definition/input.ts'
import type { TableMatch } from './match.ts'
import { nameTrouble, tableId } from './names.ts'
import type { TablePlan, ViewPlan } from './plan.ts'
import { targetViewColumn, targetViewName } from './view-names.ts'

/** Views over created tables, in an order in which they can be made, and those that have no proven form. */
export function planViews(
  input: PlanInput,
  tables: readonly TablePlan[],
): { readonly views: ViewPlan[]; readonly notCarried: NotCarried[] } {
  const created = input.matching.matches.filter((match) => match.target === null)
  let waiting = input.source.catalog.views.filter((view) => !view.materialized)
  if (created.length === 0 || waiting.length === 0) return { views: [], notCarried: [] }
  const casts = new Map<ExpressionColumn, Cast>()
  const relations = created.map((match) => tableRelation(readableTable(input, match, tables, casts)))
  const taken = new Set(relationNames(input))
  for (const table of tables)
    for (const index of [...(table.definition?.indexes ?? []), ...(table.definition?.uniques ?? [])])
      taken.add(index.name ?? '')
  const views: ViewPlan[] = []
  const refused = new Map<View, NotCarried>()
  for (let before = -1; before !== waiting.length;) {
    before = waiting.length
    waiting = waiting.filter((view) => {
      const said = planView(input, view, relations, taken)
      if (!said.ok) {
        refused.set(view, notCarriedView(view, said.reason, said.suggestion))
        return true
      }
      refused.delete(view)
      relations.push(said.relation)
      views.push(viewPlan(input, view, said, casts))
      taken.add(targetViewName(view.name, input.options).name)
      return false
    })
  }
  return { views, notCarried: [...refused.values()] }
}

function notCarriedView(view: View, why: string, suggestion: string | null): NotCarried {
  return { object: `view ${view.name.name}`, definition: view.definition, why, suggestion }
}

function planView(
  input: PlanInput,
  view: View,
  relations: readonly Relation[],
  taken: ReadonlySet<string>,
): ViewTranslation {
  const no = (reason: string): ViewTranslation => ({ ok: false, reason, suggestion: null })
  if (input.source.catalog.dialect !== 'sqlite') return no('only views of SQLite are translated')
  const broken = input.source.catalog.notes.find(
    (note) => note.code === 'VIEW_BROKEN' && note.object === view.name.name,
  )
  if (broken) return no(`SQLite cannot read it: ${broken.message}`)
  if (!view.columns || view.columns.length === 0) return no('its columns are not known')
  const target = targetViewName(view.name, input.options)
  const columns = view.columns.map((name) => {
    const to = targetViewColumn(view.name, name, input.options)
    return { name, target: to.name, said: to.said }
  })
  const said = translateView(view.definition, { name: view.name.name, target, columns, relations })
  if (!said.ok) return said
  const names = said.columns.map((column) => column.target)
  const trouble = [nameTrouble(target.name, 'table'), ...names.map((name) => nameTrouble(name, 'column'))].find(
    (found) => found !== null,
  )
  if (trouble) return no(trouble.message)
  if (new Set(names).size < names.length) return no('two of its columns would have one name')
  return taken.has(target.name) ? no(`the target has something else called ${JSON.stringify(target.name)}`) : said
}

/** Which type a computed column is of, and under which rules a stored one arrived. */
function viewPlan(
  input: PlanInput,
  view: View,
  said: Extract<ViewTranslation, { ok: true }>,
  casts: ReadonlyMap<ExpressionColumn, Cast>,
): ViewPlan {
  return {
    source: view.name,
    target: targetViewName(view.name, input.options),
    definition: view.definition,
    sql: said.sql,
    columns: said.columns.map(({ name, target, type, from }) => {
      const stored = from ? casts.get(from) : undefined
      const computed = { type: builtinType(type), rules: {}, because: 'computed' }
      return { ...(stored ?? computed), column: name, target, notNull: false }
    }),
    fuzzy: said.columns.filter(({ fuzzy }) => fuzzy).map(({ name }) => name),
    reads: [...said.reads],
    remarks: [...said.remarks],
  }
}

/** A created table as translate knows it; each of its columns is put down in `casts`. */
export function readableTable(
  input: PlanInput,
  match: TableMatch,
  tables: readonly TablePlan[],
  casts: Map<ExpressionColumn, Cast>,
): ReadableTable {
  const { source } = match
  const planned = tables.find((table) => tableId(table.source) === tableId(source.name))!
  const decisions = input.decisions.get(tableId(source.name)) ?? []
  const columns = match.columns.map(({ source: column, name }, index): ExpressionColumn => {
    const cast = [...planned.casts, ...planned.generated].find((one) => one.column === column.name)!
    const { spelling = null, onlyText = false } = decisions[index] ?? {}
    const described = {
      name: column.name,
      type: formatType(cast.type),
      target: name,
      declaredType: column.declaredType,
      collation: column.collation,
      changed: isChanged(cast),
      spelling,
      onlyText,
    }
    casts.set(described, cast)
    return described
  })
  const solid = (names: readonly string[]): boolean =>
    names.every((name) => source.columns.find((column) => column.name === name)?.nullable === false)
  const keys = source.uniques.map((key) => key.columns).filter(solid)
  const { primaryKey } = source
  return {
    name: source.name.name,
    target: match.name,
    columns,
    rowid: source.columns.find(({ identity }) => identity === 'rowid' || identity === 'autoincrement')?.name ?? null,
    keys: primaryKey && planned.definition?.primaryKey ? [primaryKey.columns, ...keys] : keys,
  }
}
