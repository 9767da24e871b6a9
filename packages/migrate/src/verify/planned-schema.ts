import type { Catalog, TableName } from '@rowferry/introspect'
import { compareStructures, describeStructure, formatTableName, sameTable } from '@rowferry/introspect'
import type { Finding, Plan, TablePlan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import { departures } from './planned-tables.ts'

/**
 * Where the target's schema is not what the plan left: existing tables as they were, created ones as they were made.
 * `asCrossed`: the plan is without what the crossing left off, so that whatever is gone went since.
 */
export function plannedSchema(plan: Plan, now: Catalog, asCrossed: boolean): Finding[] {
  const gone = asCrossed ? {} : MAY_BE_LEFT
  return [...createdTables(plan, now, gone), ...existingTables(plan, now), ...missingViews(plan, now, gone)]
}

/** What the crossing may have left off, and said so. */
type Left = Partial<Finding>
const MAY_BE_LEFT: Left = {
  severity: 'warning',
  remedy:
    'if the crossing left it off, its report says so, and tells it from what went since: --crossing crossing.json',
}

const differs = (table: string, message: string, more: Partial<Finding> = {}): Finding =>
  finding({ code: 'SCHEMA_DIFFERS', severity: 'refuse', table, message, ...more })

function createdTables(plan: Plan, now: Catalog, gone: Left): Finding[] {
  return plan.tables.flatMap((table) => {
    const { mode, target, definition } = table
    const there = now.tables.find((each) => sameTable(each.name, target))
    if (mode !== 'create' || definition === null || !there) return []
    const name = formatTableName(target)
    const triggers = now.triggers.filter((trigger) => sameTable(trigger.table, target))
    return [
      ...departures(definition, there).map(({ object, column, now: is, harmless, mayBeLeft }) =>
        differs(name, `${object} of ${name} ${is}`, {
          column,
          ...(mayBeLeft && gone),
          ...(harmless && { severity: 'warning' }),
        }),
      ),
      ...triggersOf(plan, table, triggers, gone),
    ]
  })
}

/** One may go by another name than in the source, which its statement holds. */
function triggersOf(plan: Plan, { source, target }: TablePlan, there: Catalog['triggers'], gone: Left): Finding[] {
  const table = formatTableName(target)
  const planned = plan.triggers.filter((each) => sameTable(each.table, source))
  const makes = ({ sql }: Plan['triggers'][number], name: string): boolean => sql.includes(name)
  return there
    .flatMap((trigger) => {
      const object = `trigger ${trigger.name} of ${table}`
      if (!planned.some((each) => makes(each, trigger.name))) return [came(table, object)]
      return trigger.enabled === 'D' ? [differs(table, `${object} is switched off`)] : []
    })
    .concat(
      planned
        .filter((each) => !there.some((trigger) => makes(each, trigger.name)))
        .map(({ name }) => differs(table, `trigger ${name} of ${table} is gone`, gone)),
    )
}

const came = (table: string, object: string): Finding =>
  differs(table, `${object} came since the plan was made`, { severity: 'warning' })

/** Compared object by object; a foreign key by which a created table refers to them says nothing of themselves. */
function existingTables(plan: Plan, now: Catalog): Finding[] {
  if (plan.target === null) return []
  const tables = plan.tables.filter((table) => table.mode === 'existing')
  const names = tables.map((table) => formatTableName(table.target))
  const isOurs = (name: TableName): boolean => tables.some((table) => sameTable(table.target, name))
  const sequences = tables.flatMap((table) =>
    table.sequences.flatMap(({ sequence }) => (sequence === null ? [] : [formatTableName(sequence)])),
  )
  const tableOf = (object: string): string | undefined =>
    names.find(
      (name) => object === `table ${name}` || object.startsWith(`column ${name}.`) || object.endsWith(` of ${name}`),
    )
  const ours = { ...now, views: [], tables: now.tables.filter((table) => isOurs(table.name)) }
  const is = describeStructure(ours)
  const was = Object.fromEntries(
    Object.entries(plan.target.structure).filter(
      ([object]) =>
        tableOf(object) !== undefined ||
        (object.startsWith('type ') && Object.hasOwn(is, object)) ||
        sequences.some((sequence) => object === `sequence ${sequence}`),
    ),
  )
  return compareStructures(was, is).flatMap(({ object, before, now: after }) => {
    const table = tableOf(object)
    const column = table !== undefined && object.startsWith('column ') ? object.slice(8 + table.length) : null
    if (before !== null) {
      const change = after === null ? `is gone: it was ${before}` : `was ${before}, is ${after}`
      return [differs(table ?? object, `${object} ${change}`, { table: table ?? null, column })]
    }
    return table === undefined ? [] : [came(table, object)]
  })
}

function missingViews(plan: Plan, now: Catalog, gone: Left): Finding[] {
  return plan.views
    .filter((view) => !now.views.some((each) => sameTable(each.name, view.target)))
    .map((view) => {
      const name = formatTableName(view.target)
      return differs(name, `view ${name} of the plan is not there`, gone)
    })
}
