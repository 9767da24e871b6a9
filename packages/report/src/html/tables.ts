import { h } from 'preact'
import type { JSX } from 'preact'
import { counted, formatCount, formatDuration } from '../format.ts'
import type { Report, TableReport } from '../report.ts'
import { booksOf, isLoad } from '../words/books.ts'
import type { GridColumn } from './grid.ts'
import { grid } from './grid.ts'
import { folded, name } from './text.ts'

/** More tables than this are folded away, but for those that a person would look for. */
const MANY = 40
const SHOWN = 15

/** Rows by table with their total, and whether the books balance. */
export function tables(report: Report): JSX.Element[] {
  const all = report.tables
  if (all.length === 0) return []
  const columns = columnsFor(report)
  const rest = [books(report), renamed(all)].filter((node) => node !== null)
  if (all.length <= MANY) return [grid('Tables', columns, all), ...rest]
  const shown = notable(all)
  return [
    h(
      'p',
      { class: 'remark' },
      `${counted(all.length, 'table')}, of which here ${formatCount(shown.length)}: those that need a look, and the largest.`,
    ),
    grid('Notable tables', columns, shown),
    folded(`All ${counted(all.length, 'table')}`, grid('All tables', columns, all)),
    ...rest,
  ]
}

/** Those where something was set aside or differs, and the largest, in their own order. */
function notable(all: readonly TableReport[]): TableReport[] {
  const troubled = all.filter((table) => table.rejected > 0 || table.verdict === 'different' || !balances(table))
  const largest = all.toSorted((a, b) => b.read - a.read).slice(0, SHOWN)
  const chosen = new Set([...troubled.slice(0, MANY), ...largest])
  return all.filter((table) => chosen.has(table))
}

const balances = (table: TableReport): boolean => table.read === table.written + table.rejected + table.kept

/** What a table is called on both sides, and whether it was made. */
export function tableName({ source, target, mode }: TableReport): JSX.Element {
  return h(
    'span',
    { class: 'name' },
    name(source),
    source === target ? null : [' → ', name(target)],
    mode === 'create' ? [' ', h('span', { class: 'chip' }, 'new')] : null,
  )
}

function columnsFor(report: Report): GridColumn<TableReport>[] {
  const { command, totals } = report
  const count = (
    heading: string,
    pick: 'read' | 'written' | 'rejected' | 'kept' | 'cells',
  ): GridColumn<TableReport> => ({
    heading,
    align: 'number',
    cell: (table) => figure(table[pick], pick === 'rejected'),
    foot: formatCount(totals[pick]),
  })
  const columns: GridColumn<TableReport>[] = [
    { heading: 'table', cell: tableName, foot: counted(report.tables.length, 'table'), align: 'wide' },
  ]
  if (command === 'verify') columns.push(count('source', 'read'), count('target', 'written'))
  else if (isLoad(report))
    columns.push(count('read', 'read'), count('written', 'written'), count('rejected', 'rejected'))
  else columns.push(count('rows', 'read'), count('do not fit', 'rejected'))
  if (totals.kept > 0) columns.push(count('kept', 'kept'))
  if (report.tables.some((table) => table.verdict !== 'not verified'))
    columns.push(count('cells', 'cells'), { heading: 'verified', cell: ({ verdict }) => chip(verdict) })
  columns.push({
    heading: 'time',
    align: 'number',
    cell: (table) => formatDuration(table.loadMs + table.verifyMs),
    foot: formatDuration(report.tables.reduce((sum, table) => sum + table.loadMs + table.verifyMs, 0)),
  })
  return columns
}

function figure(count: number, isTrouble: boolean): JSX.Element | string {
  return isTrouble && count > 0 ? h('strong', { class: 'trouble' }, formatCount(count)) : formatCount(count)
}

function chip(verdict: TableReport['verdict']): JSX.Element {
  return h(
    'span',
    { class: `chip ${verdict === 'equal' ? 'good' : verdict === 'different' ? 'bad' : ''}`.trim() },
    verdict,
  )
}

function renamed(all: readonly TableReport[]): JSX.Element | null {
  const columns = all.flatMap((table) => table.renamed.map((each) => ({ ...each, table })))
  if (columns.length === 0) return null
  return folded(
    `${counted(columns.length, 'column')} under another name`,
    grid(
      'Columns under another name',
      [
        { heading: 'in the source', cell: ({ table, column }) => name(`${table.source}.${column}`), align: 'wide' },
        { heading: 'in the target', cell: ({ table, target }) => name(`${table.target}.${target}`), align: 'wide' },
      ],
      columns,
    ),
  )
}

function books(report: Report): JSX.Element | null {
  const found = booksOf(report)
  if (found === null) return null
  return found.wrong.length === 0
    ? h('p', { class: 'remark' }, found.sum)
    : h(
        'p',
        { class: 'trouble' },
        'The books do not balance: ',
        found.sum.replace('=', '≠'),
        ' (',
        ...found.wrong.flatMap((table, i) => [i > 0 ? ', ' : '', name(table.source)]),
        ')',
      )
}
