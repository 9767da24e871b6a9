import { escapeText } from '../escape.ts'
import { formatCount, formatDuration } from '../format.ts'
import type { Report, TableReport } from '../report.ts'
import { booksOf, isLoad } from '../words/books.ts'
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
  return [...renderTable(page, headings, [...rows, total], { total: true }), ...books(page, report)]
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

function books(page: Page, report: Report): string[] {
  const found = booksOf(report)
  if (found === null) return []
  return prose(
    page,
    found.wrong.length === 0
      ? page.paint('dim', found.sum)
      : page.paint(
          'red',
          `The books do not balance (${found.wrong.map(nameOf).join(', ')}): ${found.sum.replace('=', '≠')}`,
        ),
  )
}
