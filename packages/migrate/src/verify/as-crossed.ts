import { formatTableName } from '@rowferry/introspect'
import type { Plan, TablePlan } from '@rowferry/plan'
import type { Report } from '@rowferry/report'
import { CrossingError } from '../failure.ts'

/** The plan as its crossing carried it out: without what the report of the crossing says was left off. Throws `REPORT_OF_NO_CROSSING`. */
export function asCrossed(plan: Plan, report: Report): Plan {
  if (report.command !== 'migrate' || (report.outcome !== 'done' && report.outcome !== 'partial'))
    throw new CrossingError(
      'REPORT_OF_NO_CROSSING',
      `the report is of a ${report.command} that ended as ${report.outcome}, not of a crossing that was committed`,
      { remedy: 'give the report that the crossing itself kept: rowferry migrate … --report crossing.json' },
    )
  const left = (object: string, sql?: string): boolean =>
    report.notCarried.some((each) => each.object === object && (sql === undefined || each.suggestion === sql))
  const tables = plan.tables.map((table): TablePlan => {
    const { definition, conditions } = table
    if (definition === null) return table
    const lost = conditions.filter(({ object, sql }) => left(object, sql))
    const plain = table.generated.filter(({ column }) =>
      left(`generated column ${formatTableName(table.source)}.${column}`),
    )
    return {
      ...table,
      definition: {
        ...definition,
        checks: definition.checks.filter(
          ({ expression }) => !lost.some(({ index, sql }) => index === null && sql === expression),
        ),
        indexes: definition.indexes.filter(
          ({ name }) => !left(`index ${name}`) && !lost.some(({ index }) => index === name),
        ),
        columns: definition.columns.map((column) =>
          plain.some(({ target }) => target === column.name) ? { ...column, generated: null } : column,
        ),
      },
    }
  })
  return {
    ...plan,
    tables,
    views: plan.views.filter((view) => !left(`view ${formatTableName(view.source)}`)),
    triggers: plan.triggers.filter(({ name }) => !left(`trigger ${name}`)),
  }
}
