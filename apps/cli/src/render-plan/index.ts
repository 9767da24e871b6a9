import type { Plan } from '@rowferry/plan'
import type { Report } from '@rowferry/report'
import { openPage } from '@rowferry/report'
import { changedColumns } from './columns.ts'
import { foreignKeys, indexes, notCarried, sequences } from './objects.ts'
import { existingTables, newTables } from './tables.ts'

/**
 * What a plan decided, for a person: what goes where, each column that is not simply carried, keys, sequences, and what the target will not
 * have. Bounded, however many tables there are: the plan file lists all. `report` says how many rows do not fit and which rules fired.
 */
export function renderPlan(
  plan: Plan,
  report: Pick<Report, 'tables' | 'notCarried'>,
  options: { readonly color: boolean; readonly width: number },
): string {
  const page = openPage(options)
  return [
    existingTables(page, plan, report),
    newTables(page, plan, report),
    changedColumns(page, plan, report),
    foreignKeys(page, plan),
    indexes(page, plan),
    sequences(page, plan),
    notCarried(page, report),
  ]
    .filter((section) => section.length > 0)
    .map((section) => section.join('\n'))
    .join('\n\n')
}
