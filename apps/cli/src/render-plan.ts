import { formatType } from '@rowferry/coerce'
import { formatTableName } from '@rowferry/introspect'
import type { Plan, TablePlan } from '@rowferry/plan'
import { counted, escapeText, openPage, prose, renderTable } from '@rowferry/report'
import type { Page } from '@rowferry/report'

const modes = {
  empty: 'existing table, must be empty',
  truncate: 'existing table, truncated first',
  append: 'existing table, rows added',
  skip: 'existing table, keys that are there stay',
  merge: 'existing table, merged by key',
} as const

/** What a plan decided, for a person: every table in load order, every column's type and why. */
export function renderPlan(plan: Plan, options: { readonly color: boolean; readonly width: number }): string {
  const page = openPage(options)
  return [...plan.tables.map((table) => describe(page, table)), foreignKeys(page, plan)]
    .filter((section) => section.length > 0)
    .map((section) => section.join('\n'))
    .join('\n\n')
}

function describe(page: Page, table: TablePlan): string[] {
  const source = formatTableName(table.source)
  const target = formatTableName(table.target)
  const size = table.rows === null ? '' : ` · ${counted(table.rows, 'row')}`
  const mode = table.mode === 'create' ? 'new table' : modes[table.onExisting]
  const rows = [...table.casts, ...table.generated].map((cast) => [
    `  ${escapeText(cast.column === cast.target ? cast.column : `${cast.column} → ${cast.target}`)}`,
    escapeText(formatType(cast.type)) + (cast.notNull ? ' not null' : ''),
    escapeText(cast.because),
  ])
  const headings = [{ name: 'column' }, { name: 'becomes' }, { name: 'because', wrap: true }]
  return [
    ...prose(
      page,
      `${page.paint('bold', escapeText(source === target ? source : `${source} → ${target}`))} · ${mode}${size}`,
    ),
    ...renderTable(page, headings, rows, { bare: true }),
  ]
}

function foreignKeys(page: Page, plan: Plan): string[] {
  if (plan.foreignKeys.length === 0) return []
  const lines = plan.foreignKeys.flatMap((key) =>
    prose(
      page,
      escapeText(
        `${formatTableName(key.table)} (${key.columns.join(', ')}) → ${formatTableName(key.references)}: ${key.strategy}, ${key.why}`,
      ),
      '  · ',
    ),
  )
  return [page.paint('bold', 'Foreign keys'), ...lines]
}
