import { escapeText } from '../escape.ts'
import { formatCount, formatDuration } from '../format.ts'
import type { Report, TableReport } from '../report.ts'
import type { Page } from './page.ts'
import { prose } from './page.ts'
import type { Heading } from './table.ts'
import { renderTable } from './table.ts'

interface TableColumn {
  readonly heading: string
  readonly cell: (table: TableReport) => string
  readonly total: (report: Report) => string
  readonly align?: 'left'
}

const numbers = (heading: string, pick: 'read' | 'written' | 'rejected' | 'kept'): TableColumn => ({
  heading,
  cell: (table) => formatCount(table[pick]),
  total: (report) => formatCount(report.totals[pick]),
})

const time: TableColumn = {
  heading: 'time',
  cell: (table) => formatDuration(table.loadMs + table.verifyMs),
  total: (report) => formatDuration(report.tables.reduce((sum, table) => sum + table.loadMs + table.verifyMs, 0)),
}

const verified: TableColumn = {
  heading: 'verified',
  cell: ({ verdict }) => verdict,
  total: ({ totals }) => (totals.cells > 0 ? `${formatCount(totals.cells)} cells` : ''),
  align: 'left',
}

/** Rows by table with their total, and whether the books balance. */
export function tables(page: Page, report: Report): string[] {
  if (report.tables.length === 0) return []
  const columns = columnsFor(report)
  const headings: Heading[] = [
    { name: 'table' },
    ...columns.map(({ heading, align }) => ({ name: heading, align: align ?? ('right' as const) })),
  ]
  const rows = report.tables.map((table) => [nameOf(table), ...columns.map(({ cell }) => cell(table))])
  const total = [
    `${formatCount(report.tables.length)} ${report.tables.length === 1 ? 'table' : 'tables'}`,
    ...columns.map((column) => column.total(report)),
  ]
  return [
    ...renderTable(page, headings, [...rows, total], { total: true }),
    ...(isLoad(report) ? prose(page, books(page, report)) : []),
  ]
}

function nameOf({ source, target, mode }: TableReport): string {
  const name = source === target ? source : `${source} → ${target}`
  return escapeText(mode === 'create' ? `${name} (new)` : name)
}

function columnsFor(report: Report): TableColumn[] {
  if (report.command === 'verify') return [numbers('source', 'read'), numbers('target', 'written'), verified, time]
  if (!isLoad(report)) return [numbers('rows', 'read'), numbers('do not fit', 'rejected'), time]
  const kept = report.totals.kept > 0 ? [numbers('kept', 'kept')] : []
  return [
    numbers('read', 'read'),
    numbers('written', 'written'),
    numbers('rejected', 'rejected'),
    ...kept,
    verified,
    time,
  ]
}

function isLoad({ command, outcome }: Report): boolean {
  return command === 'migrate' && outcome !== 'planned' && outcome !== 'refused'
}

/** The invariant that a run which cannot keep it does not end in green. */
function books(page: Page, { totals, tables: all }: Report): string {
  const { read, written, rejected, kept } = totals
  const sum = `${formatCount(read)} read = ${formatCount(written)} written + ${formatCount(rejected)} rejected${kept > 0 ? ` + ${formatCount(kept)} kept` : ''}`
  const wrong = all.filter((table) => table.read !== table.written + table.rejected + table.kept)
  return wrong.length === 0
    ? page.paint('dim', sum)
    : page.paint('red', `The books do not balance (${wrong.map(nameOf).join(', ')}): ${sum.replace('=', '≠')}`)
}
