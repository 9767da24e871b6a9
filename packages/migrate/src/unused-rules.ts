import { formatTableName } from '@rowferry/introspect'
import type { Finding, PlanOptions, TablePlan } from '@rowferry/plan'
import { finding, namedMends } from '@rowferry/plan'
import type { Changed } from '@rowferry/write'

/** A table whose rows all fit, and what the rules did to them. */
export interface RuledTable {
  readonly plan: TablePlan
  readonly changed: readonly Changed[]
}

interface Rule {
  readonly option: string
  /** `table.column`, or `table.*`. */
  readonly column: string
  readonly fired: (changed: Changed) => boolean
}

/** Rules that named a column and found nothing to do there: perhaps a slip of the pen. Tables with rows that did not arrive are passed over, for a rule may have met those. */
export function unusedRules(options: PlanOptions, tables: readonly RuledTable[]): Finding[] {
  const rules: readonly Rule[] = [
    ...namedMends(options).map(([option, column]): Rule => ({
      option,
      column,
      fired: ({ rule }) => `--${rule}` === option,
    })),
    ...options.map.map(({ column, from }): Rule => ({
      option: `--map of ${JSON.stringify(from)}`,
      column,
      fired: (changed) => changed.rule === 'map' && changed.from === from,
    })),
    ...options.epoch.map(({ column }): Rule => ({ option: '--epoch', column, fired: ({ rule }) => rule === 'epoch' })),
    ...options.allowLossy.map((column): Rule => ({
      option: '--allow-lossy',
      column,
      fired: ({ rule }) => rule === 'lossy',
    })),
  ]
  return rules.flatMap(({ option, column, fired }) => {
    const table = tables.find(({ plan }) => named(plan, column).length > 0)
    if (!table) return []
    const columns = named(table.plan, column)
    if (table.changed.some((changed) => columns.includes(changed.column) && fired(changed))) return []
    return [
      finding({
        code: 'RULE_UNUSED',
        severity: 'note',
        table: formatTableName(table.plan.source),
        column: columns.length === 1 ? columns[0]! : null,
        message: `${column}: ${option} found no value to act on`,
        remedy: 'leave it out, or look for a slip in how it is written',
      }),
    ]
  })
}

/** The columns written that a rule names. */
function named({ source, casts }: TablePlan, column: string): string[] {
  return casts
    .map((cast) => cast.column)
    .filter((name) => column === `${source.name}.${name}` || column === `${source.name}.*`)
}
