import { formatTableName, sameTable } from '@rowferry/introspect'
import { readPostgresCatalog } from '@rowferry/introspect/postgres'
import type { Finding, ViewPlan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import type { CrossingContext, TableOutcome } from '../crossing/context.ts'
import { compareRows } from '../crossing/views.ts'

/** Those of the planned views that are there, by the rows that both sides give. Which are gone, the schema says. */
export async function verifyViews(
  context: CrossingContext,
  planned: readonly ViewPlan[],
  tables: readonly TableOutcome[],
): Promise<Finding[]> {
  // Rows that differ are told where they lie
  if (planned.length === 0 || tables.some((table) => !table.verdict?.equal)) return []
  const { views } = await readPostgresCatalog(context.session.kysely, { schemas: [context.plan.options.schema] })
  const findings: Finding[] = []
  for (const view of planned.filter((each) => views.some((there) => sameTable(there.name, each.target)))) {
    const { different } = await compareRows(context, view, tables)
    if (different === null) continue
    const name = formatTableName(view.target)
    findings.push(
      finding({ code: 'VIEW_DIFFERS', severity: 'refuse', table: name, message: `view ${name}: ${different}` }),
    )
  }
  return findings
}

/** The source's views show its new rows, too. */
export function viewsOfGrown(planned: readonly ViewPlan[]): Finding[] {
  if (planned.length === 0) return []
  const names = planned.map((view) => formatTableName(view.target)).join(', ')
  const message = `the rows of ${names} were not compared: the source's views show the rows that came since, too`
  return [finding({ code: 'VIEW_NOT_COMPARED', severity: 'note', message })]
}
