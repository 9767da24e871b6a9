import { formatTableName } from '@rowferry/introspect'
import { asPlainData } from './definition/table.ts'
import type { Plan, TablePlan } from './plan.ts'

/** The plan with the generated columns of created tables as plain data, which is listed; `why` says the reason for a table, or null where its columns stay. */
export function withoutGenerated(plan: Plan, why: (table: TablePlan) => string | null): Plan {
  const notCarried = [...plan.notCarried]
  const tables = plan.tables.map((table) => {
    const reason = table.mode === 'create' && table.generated.length > 0 ? why(table) : null
    if (reason === null || table.definition === null) return table
    const { expressions = {}, ...rest } = table
    const columns = table.definition.columns.map((column) => ({ ...column, generated: null }))
    const order = new Map(columns.map(({ name }, index) => [name, index]))
    for (const { column, target } of table.generated) {
      const said = table.definition.columns[order.get(target)!]?.generated?.expression ?? null
      notCarried.push(
        asPlainData(`${formatTableName(table.source)}.${column}`, expressions[column] ?? '', reason, said),
      )
    }
    return {
      ...rest,
      casts: [...table.casts, ...table.generated].toSorted((a, b) => order.get(a.target)! - order.get(b.target)!),
      generated: [],
      definition: { ...table.definition, columns },
    }
  })
  return { ...plan, tables, notCarried }
}
