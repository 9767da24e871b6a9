import type { TableName } from '@rowferry/introspect'
import { formatTableName } from '@rowferry/introspect'
import type { ForeignKeyPlan, Plan } from '@rowferry/plan'
import type { Page, Report } from '@rowferry/report'
import { counted, escapeText, prose, renderNotCarried } from '@rowferry/report'
import { title } from './tables.ts'

const LISTED = 40

/** Foreign keys by what becomes of them: the reason once, then the keys. */
export function foreignKeys(page: Page, plan: Plan): string[] {
  if (plan.foreignKeys.length === 0) return []
  const groups = new Map<string, ForeignKeyPlan[]>()
  for (const key of plan.foreignKeys) {
    const how = `${key.strategy}: ${key.why}`
    groups.set(how, [...(groups.get(how) ?? []), key])
  }
  return [
    ...title(page, counted(plan.foreignKeys.length, 'foreign key')),
    ...[...groups].flatMap(([how, keys]) => [
      ...prose(page, escapeText(`${keys.length === plan.foreignKeys.length ? '' : `${keys.length} `}${how}`), '  · '),
      ...prose(page, page.paint('dim', listed(keys.map(keyWords), '; ')), '    '),
    ]),
  ]
}

function keyWords({ table, columns, references, referencedColumns }: ForeignKeyPlan): string {
  const same = columns.join() === referencedColumns.join()
  const to = formatTableName(references)
  return `${formatTableName(table)} (${columns.join(', ')}) → ${to}${same ? '' : ` (${referencedColumns.join(', ')})`}`
}

/** Indexes and constraints that the load takes away and builds again, and those of the same tables that stay: the reason once, then their names. */
export function indexes(page: Page, plan: Plan): string[] {
  const rebuilt = plan.rebuilds ?? []
  const staying = plan.staying ?? []
  if (rebuilt.length + staying.length === 0) return []
  const groups = new Map<string, string[]>()
  for (const each of staying) groups.set(each.why, [...(groups.get(each.why) ?? []), objectWords(each)])
  const shown = [...groups].slice(0, LISTED)
  const rest = staying.length - shown.reduce((sum, [, names]) => sum + names.length, 0)
  return [
    ...(rebuilt.length === 0
      ? title(page, `${counted(staying.length, 'index or key', 'indexes and keys')} kept while many rows load`)
      : title(
          page,
          `${counted(rebuilt.length, 'index or key', 'indexes and keys')} dropped and rebuilt`,
          'faster than keeping them while many rows load',
        )),
    ...(rebuilt.length === 0 ? [] : prose(page, page.paint('dim', listed(rebuilt.map(objectWords), ', ')), '    ')),
    ...shown.flatMap(([why, names]) => [
      ...prose(page, escapeText(`${names.length} kept: ${why}`), '  · '),
      ...prose(page, page.paint('dim', listed(names, ', ')), '    '),
    ]),
    ...(rest === 0 ? [] : [`  · … and ${rest} more kept`]),
  ]
}

function objectWords({ table, object }: { readonly table: TableName; readonly object: string }): string {
  return `${object} of ${formatTableName(table)}`
}

/** Where numbering goes on past the last used value. */
export function sequences(page: Page, plan: Plan): string[] {
  const names = plan.tables.flatMap((table) =>
    table.sequences.map(
      ({ column, highWaterMark }) =>
        `${formatTableName(table.target)}.${column}${highWaterMark === null ? '' : ` (past ${highWaterMark})`}`,
    ),
  )
  if (names.length === 0) return []
  return [
    ...title(page, `${counted(names.length, 'sequence')} moved past the last used value`),
    ...prose(page, page.paint('dim', listed(names, ', ')), '    '),
  ]
}

export function notCarried(page: Page, report: Pick<Report, 'notCarried'>): string[] {
  return renderNotCarried(page, report)
}

function listed(names: readonly string[], between: string): string {
  const shown = names.slice(0, LISTED).map(escapeText).join(between)
  return names.length > LISTED ? `${shown}${between}… and ${names.length - LISTED} more` : shown
}
