import type { InspectedTable, Inspection } from '@rowferry/migrate'
import { counted, escapeText, openPage, prose, renderTable } from '@rowferry/report'
import type { Page } from '@rowferry/report'

/** What is in a database, for a person: the trouble first, since the rest is long. */
export function renderInspection(
  inspection: Inspection,
  options: { readonly color: boolean; readonly width: number },
): string {
  const page = openPage(options)
  const kind = inspection.kind === 'postgres' ? 'PostgreSQL' : inspection.kind === 'sqlite' ? 'SQLite' : inspection.kind
  const rows = inspection.tables.reduce((sum, table) => sum + (table.rows ?? 0), 0)
  const about = inspection.kind === 'postgres' ? 'about ' : ''
  const head = `${page.paint('bold', escapeText(inspection.label))}: ${escapeText(`${kind} ${inspection.version.replace(/^(PostgreSQL|SQLite) /i, '')}`)}, ${counted(inspection.tables.length, 'table')}, ${about}${counted(rows, 'row')}`
  const sections = [
    prose(page, head),
    trouble(page, inspection),
    ...inspection.tables.map((table) => describeTable(page, table, about)),
    list(page, 'Views', inspection.views),
    list(page, 'Triggers', inspection.triggers),
  ]
  return sections
    .filter((section) => section.length > 0)
    .map((section) => section.join('\n'))
    .join('\n\n')
}

function trouble(page: Page, inspection: Inspection): string[] {
  if (inspection.trouble.length === 0) return []
  const lines = inspection.trouble.flatMap(({ code, object, message }) =>
    prose(page, `${escapeText(object)}: ${escapeText(message)} ${page.paint('dim', `[${code}]`)}`, '  · '),
  )
  return [page.paint(['bold', 'yellow'], 'Trouble ahead'), ...lines]
}

function describeTable(page: Page, table: InspectedTable, about: string): string[] {
  const size = table.rows === null ? '' : ` · ${about}${counted(table.rows, 'row')}`
  const indexes = table.indexes === 0 ? '' : ` · ${counted(table.indexes, 'index', 'indexes')}`
  const kind = table.kind === 'table' ? '' : ` (${table.kind})`
  const key = new Set(table.primaryKey)
  const rows = table.columns.map((column) => [
    `  ${escapeText(column.name)}`,
    escapeText(column.type === '' ? '(no type)' : column.type),
    [
      key.has(column.name) ? 'key' : null,
      column.nullable ? null : 'not null',
      column.default === null ? null : `default ${escapeText(column.default)}`,
      column.note === null ? null : escapeText(column.note),
    ]
      .filter((part) => part !== null)
      .join(', '),
  ])
  const headings = [{ name: 'column' }, { name: 'type' }, { name: '', wrap: true }]
  return [
    ...prose(page, `${page.paint('bold', escapeText(table.name))}${kind}${size}${indexes}`),
    ...renderTable(page, headings, rows, { bare: true }),
    ...table.foreignKeys.flatMap((foreignKey) => prose(page, escapeText(foreignKey), '  ⇢ ')),
  ]
}

function list(page: Page, title: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : prose(page, names.map(escapeText).join(', '), `${page.paint('bold', title)}: `)
}
