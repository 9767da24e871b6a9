import type { Catalog, Table } from '@rowferry/introspect'
import { formatTableName, sameTable } from '@rowferry/introspect'
import type { Finding, Plan, TablePlan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'

/**
 * Without the plan nobody knows how the target was meant to be, which is told: what the source asks of its rows and the target does not is told as
 * a warning, and so is what the target asks but does not enforce.
 */
export function sourceSchema(plan: Plan, source: Catalog, target: Catalog): Finding[] {
  return [
    finding({
      code: 'PLAN_NOT_GIVEN',
      severity: 'note',
      message:
        'how the schema was meant to be is not known here: indexes, checks, defaults, triggers and views that went or changed since the crossing are not told, only what the source asks and the target does not',
      remedy: 'keep the plan before a crossing, and give it to verify: --plan plan.json',
    }),
    ...lackingTables(plan, source, target),
  ]
}

function lackingTables(plan: Plan, source: Catalog, target: Catalog): Finding[] {
  return plan.tables.flatMap((table) => {
    const from = source.tables.find((each) => sameTable(each.name, table.source))
    const to = target.tables.find((each) => sameTable(each.name, table.target))
    if (!from || !to) return []
    return [
      ...lacking(plan, table, from, to).map((message) => warn('SCHEMA_LACKS', table, message)),
      ...notEnforced(to, target).map((message) => warn('NOT_ENFORCED', table, message)),
    ]
  })
}

function warn(code: string, { target }: TablePlan, message: string): Finding {
  return finding({ code, severity: 'warning', table: formatTableName(target), message })
}

function lacking(plan: Plan, table: TablePlan, from: Table, to: Table): string[] {
  const renamed = (columns: readonly string[], { casts }: Pick<TablePlan, 'casts'>): string[] | null => {
    const names = columns.flatMap((name) => casts.find((cast) => cast.column === name)?.target ?? [])
    return names.length === columns.length ? names : null
  }
  const keys = [...(from.primaryKey ? [from.primaryKey] : []), ...from.uniques]
  const name = formatTableName(table.target)
  const said: string[] = []
  for (const key of keys) {
    const columns = renamed(key.columns, table)
    if (columns && !isUnique(to, columns))
      said.push(`${name} has nothing that keeps (${columns.join(', ')}) unique, and the source has`)
  }
  for (const key of from.foreignKeys) {
    const parent = plan.tables.find((each) => sameTable(each.source, key.references))
    const columns = renamed(key.columns, table)
    if (!parent || !columns || key.referencedColumns === null) continue
    const there = to.foreignKeys.some(
      (each) => sameSet(each.columns, columns) && sameTable(each.references, parent.target),
    )
    if (!there)
      said.push(
        `${name} has no foreign key (${columns.join(', ')}) → ${formatTableName(parent.target)}, and the source has one`,
      )
  }
  for (const column of from.columns.filter((each) => !each.nullable)) {
    const [own] = renamed([column.name], table) ?? []
    if (to.columns.find((each) => each.name === own)?.nullable)
      said.push(`${name}.${own} takes NULL, and the source's column does not`)
  }
  for (const column of from.columns.filter((each) => each.generated !== null)) {
    const [own] = renamed([column.name], { casts: [...table.casts, ...table.generated] }) ?? []
    const there = to.columns.find((each) => each.name === own)
    if (there && there.generated === null) said.push(`${name}.${own} holds plain data, and the source generates it`)
  }
  return said
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((column) => b.includes(column))

function isUnique(table: Table, columns: readonly string[]): boolean {
  const keys = [
    ...(table.primaryKey ? [table.primaryKey.columns] : []),
    ...table.uniques.map((key) => key.columns),
    ...table.indexes.flatMap((index) =>
      index.unique && index.where === null && index.columns.every(({ column }) => column !== null)
        ? [index.columns.map(({ column }) => column!)]
        : [],
    ),
  ]
  return keys.some((key) => sameSet(key, columns))
}

function notEnforced(table: Table, { triggers }: Catalog): string[] {
  const name = formatTableName(table.name)
  return [
    ...table.foreignKeys
      .filter((key) => !key.validated)
      .map((key) => `foreign key ${key.name} of ${name} is not valid`),
    ...table.checks.filter((check) => !check.validated).map((check) => `check ${check.name} of ${name} is not valid`),
    ...table.indexes.filter((index) => !index.valid).map((index) => `index ${index.name} of ${name} is not valid`),
    ...triggers
      .filter((trigger) => sameTable(trigger.table, table.name) && trigger.enabled === 'D')
      .map((trigger) => `trigger ${trigger.name} of ${name} is switched off`),
  ]
}
