import { formatType } from '@rowferry/coerce'
import { formatTableName } from '@rowferry/introspect'
import type { Plan, TablePlan } from '@rowferry/plan'
import type { Page, Report } from '@rowferry/report'
import { counted, escapeText, formatCount, prose, renderTable } from '@rowferry/report'

/** Tables told one by one; the rest is counted. */
const LISTED = 40
const COLUMNS = 40

const modes = {
  empty: 'must be empty',
  truncate: 'emptied first',
  append: 'rows added',
  skip: 'keys that are there stay',
  merge: 'merged by key',
} as const

function nameOf({ source, target }: Pick<TablePlan, 'source' | 'target'>): string {
  const [from, to] = [formatTableName(source), formatTableName(target)]
  return escapeText(from === to ? from : `${from} → ${to}`)
}

/** Tables that are there: where their rows go. What all of them share is said in the title. */
export function existingTables(page: Page, plan: Plan, report: Pick<Report, 'tables'>): string[] {
  const tables = plan.tables.filter((table) => table.mode === 'existing')
  if (tables.length === 0) return []
  const misfits = new Map(report.tables.map((table) => [table.source, table.rejected]))
  const anyMisfit = tables.some((table) => (misfits.get(formatTableName(table.source)) ?? 0) > 0)
  const [mode] = tables.map((table) => table.onExisting)
  const mixed = tables.some((table) => table.onExisting !== mode)
  const headings = [
    { name: '  table' },
    { name: 'into' },
    { name: 'rows', align: 'right' as const },
    { name: 'columns', align: 'right' as const },
    ...(anyMisfit ? [{ name: 'do not fit', align: 'right' as const }] : []),
    ...(mixed ? [{ name: 'there' }] : []),
  ]
  const rows = tables.slice(0, LISTED).map((table) => {
    const [from, to] = [formatTableName(table.source), formatTableName(table.target)]
    return [
      `  ${escapeText(from)}`,
      from === to ? '=' : escapeText(to),
      table.rows === null ? '' : formatCount(table.rows),
      formatCount(table.casts.length),
      ...(anyMisfit ? [formatCount(misfits.get(from) ?? 0)] : []),
      ...(mixed ? [modes[table.onExisting]] : []),
    ]
  })
  const shared = mixed || mode === undefined ? '' : `, ${modes[mode]}`
  return [
    ...title(
      page,
      `Into ${counted(tables.length, 'table')} that ${tables.length === 1 ? 'is' : 'are'} there`,
      `${total(tables)}; in load order${shared}`,
    ),
    ...renderTable(page, headings, rows, { bare: false }).filter((line) => !/^─+$/.test(line)),
    ...more(page, tables),
  ]
}

/** Tables that are made: their columns in one paragraph each, with what the database will say of them. */
export function newTables(page: Page, plan: Plan, report: Pick<Report, 'tables'>): string[] {
  const tables = plan.tables.filter((table) => table.mode === 'create')
  if (tables.length === 0) return []
  const misfits = new Map(report.tables.map((table) => [table.source, table.rejected]))
  return [
    ...title(
      page,
      counted(tables.length, 'new table'),
      `${total(tables)}; in load order; --format sql prints the statements`,
    ),
    ...tables.slice(0, LISTED).flatMap((table) => {
      const bad = misfits.get(formatTableName(table.source)) ?? 0
      const facts = [
        table.rows === null ? null : counted(table.rows, 'row'),
        bad > 0 ? `${formatCount(bad)} do not fit` : null,
        ...structureOf(table),
      ].filter((fact) => fact !== null)
      return [
        ...prose(page, `${page.paint('bold', nameOf(table))} ${page.paint('dim', facts.join(' · '))}`, '  '),
        ...prose(page, columnsOf(table), '    '),
      ]
    }),
    ...more(page, tables),
  ]
}

function structureOf({ definition }: TablePlan): string[] {
  if (!definition) return []
  const indexes = definition.indexes.filter((index) => index.constraint === null).length
  return [
    ...(definition.primaryKey ? [escapeText(`key ${definition.primaryKey.columns.join(', ')}`)] : []),
    ...(definition.uniques.length > 0 ? [counted(definition.uniques.length, 'unique constraint')] : []),
    ...(indexes > 0 ? [counted(indexes, 'index', 'indexes')] : []),
    ...(definition.checks.length > 0 ? [counted(definition.checks.length, 'check')] : []),
  ]
}

function columnsOf(table: TablePlan): string {
  const key = new Set(table.definition?.primaryKey?.columns)
  const columns = [...table.casts, ...table.generated].map(
    (cast) =>
      `${escapeText(cast.target)} ${escapeText(formatType(cast.type))}${cast.notNull && !key.has(cast.target) ? ' not null' : ''}`,
  )
  const rest = columns.length - COLUMNS
  return rest > 0 ? `${columns.slice(0, COLUMNS).join(', ')}, … and ${formatCount(rest)} more` : columns.join(', ')
}

function total(tables: readonly TablePlan[]): string {
  return counted(
    tables.reduce((sum, table) => sum + (table.rows ?? 0), 0),
    'row',
  )
}

function more(page: Page, tables: readonly TablePlan[]): string[] {
  const rest = tables.slice(LISTED)
  return rest.length === 0
    ? []
    : prose(
        page,
        page.paint('dim', `… and ${counted(rest.length, 'more table')} with ${total(rest)}: --out plan.json lists all`),
        '  ',
      )
}

export function title(page: Page, name: string, about = ''): string[] {
  return prose(page, `${page.paint('bold', name)}${about === '' ? '' : page.paint('dim', `  ${about}`)}`)
}
