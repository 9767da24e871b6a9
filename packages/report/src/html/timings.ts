import { h } from 'preact'
import type { JSX } from 'preact'
import { counted, formatCount, formatDuration } from '../format.ts'
import type { Report, TableReport } from '../report.ts'
import { isLoad } from '../words/books.ts'
import { phaseWords } from '../words/phases.ts'
import { bar } from './bars.ts'
import type { GridColumn } from './grid.ts'
import { grid } from './grid.ts'
import { folded, given } from './text.ts'
import { tableName } from './tables.ts'

const SHOWN = 15

/** Where the time went: the phases one after the other, then the tables by the time they took. */
export function timings(report: Report): JSX.Element[] {
  return [...phases(report), ...tables(report)]
}

function phases({ phases: all }: Report): JSX.Element[] {
  const whole = all.reduce((sum, { ms }) => sum + ms, 0)
  if (whole === 0) return []
  let from = 0
  const rows = all.map((phase) => ({ ...phase, from: (from += phase.ms) - phase.ms }))
  return [
    h('h3', null, 'By phase'),
    grid(
      'Time by phase',
      [
        { heading: 'phase', cell: ({ name }) => given(phaseWords(name)), align: 'wide' },
        {
          heading: 'one after the other',
          cell: (phase) => bar([{ from: phase.from, to: phase.from + phase.ms, kind: 'first' }], whole),
          align: 'chart',
        },
        { heading: 'time', cell: ({ ms }) => formatDuration(ms), align: 'number' },
        { heading: 'rows/s', cell: ({ rowsPerSecond }) => rate(rowsPerSecond), align: 'number' },
        { heading: 'share', cell: ({ ms }) => `${Math.round((100 * ms) / whole)} %`, align: 'number' },
      ],
      rows,
    ),
  ]
}

const rate = (rowsPerSecond: number | null): string => (rowsPerSecond === null ? '' : formatCount(rowsPerSecond))

const msOf = ({ loadMs, verifyMs }: TableReport): number => loadMs + verifyMs

function tables(report: Report): JSX.Element[] {
  const timed = report.tables.filter((table) => msOf(table) > 0).toSorted((a, b) => msOf(b) - msOf(a))
  const longest = timed[0]
  if (longest === undefined) return []
  const list = (label: string, some: readonly TableReport[]): JSX.Element =>
    grid(
      label,
      [
        { heading: 'table', cell: tableName, align: 'wide' },
        {
          heading: isLoad(report) ? 'loading and comparing' : report.command === 'verify' ? 'comparing' : 'checking',
          cell: (table) =>
            bar(
              [
                { from: 0, to: table.loadMs, kind: 'first' },
                { from: table.loadMs, to: msOf(table), kind: 'second' },
              ],
              msOf(longest),
            ),
          align: 'chart',
        },
        { heading: 'time', cell: (table) => formatDuration(msOf(table)), align: 'number' },
        ...rates(timed),
      ],
      some,
    )
  const both = timed.some(({ loadMs }) => loadMs > 0) && timed.some(({ verifyMs }) => verifyMs > 0)
  return [
    h(
      'h3',
      null,
      'By table',
      timed.length > SHOWN
        ? h('span', { class: 'remark' }, `the longest ${SHOWN} of ${formatCount(timed.length)}`)
        : null,
    ),
    ...(both
      ? [
          h(
            'p',
            { class: 'legend' },
            h('span', { class: 'swatch first' }),
            'loading',
            h('span', { class: 'swatch second' }),
            'reading back and comparing',
          ),
        ]
      : []),
    list('Time by table', timed.slice(0, SHOWN)),
    ...(timed.length > SHOWN
      ? [folded(counted(timed.length - SHOWN, 'more table'), list('Time by other tables', timed.slice(SHOWN)))]
      : []),
  ]
}

/** Rows per second, for as many of both readings as there were. */
function rates(timed: readonly TableReport[]): GridColumn<TableReport>[] {
  const columns: GridColumn<TableReport>[] = []
  if (timed.some(({ loadRowsPerSecond }) => loadRowsPerSecond !== null))
    columns.push({ heading: 'rows/s', cell: ({ loadRowsPerSecond }) => rate(loadRowsPerSecond), align: 'number' })
  if (timed.some(({ verifyRowsPerSecond }) => verifyRowsPerSecond !== null))
    columns.push({
      heading: 'rows/s compared',
      cell: ({ verifyRowsPerSecond }) => rate(verifyRowsPerSecond),
      align: 'number',
    })
  return columns
}
