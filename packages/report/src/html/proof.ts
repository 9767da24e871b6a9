import { h } from 'preact'
import type { JSX } from 'preact'
import { counted, formatCount } from '../format.ts'
import type { Report, TableReport } from '../report.ts'
import { booksOf } from '../words/books.ts'
import { keptFiles } from '../words/kept-files.ts'
import { grid } from './grid.ts'
import { given, name } from './text.ts'

/** How a comparison was made, in words for a person. */
const METHODS: Readonly<Record<string, string>> = {
  'lock-step': 'both sides read again, in the order of the load, and compared cell by cell',
  buckets:
    'both sides read again and every row summed into buckets; where two buckets differ, their rows compared cell by cell',
  counts: 'rows counted on both sides; no value was looked at',
}

/** What was compared, how, and how much of it. */
export function proof(report: Report): JSX.Element[] {
  const compared = report.tables.filter((table) => table.method !== null)
  const untouched = report.tables.filter((table) => table.method === null)
  const facts = [...structure(report), ...books(report), ...files(report)]
  if (report.tables.length === 0 || (compared.length === 0 && facts.length === 0)) return []
  return [
    ...(compared.length > 0 ? [methods(compared)] : []),
    ...(untouched.length > 0 && report.command === 'migrate' && booksOf(report) !== null
      ? [h('p', { class: 'trouble' }, `${counted(untouched.length, 'table was', 'tables were')} not compared.`)]
      : []),
    ...(facts.length > 0 ? [h('ul', null, ...facts.map((fact) => h('li', null, fact)))] : []),
  ]
}

function methods(compared: readonly TableReport[]): JSX.Element {
  const byMethod = new Map<string, TableReport[]>()
  for (const table of compared) {
    const method = table.method ?? ''
    byMethod.set(method, [...(byMethod.get(method) ?? []), table])
  }
  const sum = (tables: readonly TableReport[], pick: (table: TableReport) => number): string =>
    formatCount(tables.reduce((total, table) => total + pick(table), 0))
  return grid(
    'How it was compared',
    [
      {
        heading: 'method',
        cell: ([method]) => [
          h('b', null, given(method)),
          METHODS[method] === undefined ? null : `: ${METHODS[method]}`,
        ],
        align: 'wide',
      },
      { heading: 'tables', cell: ([, tables]) => formatCount(tables.length), align: 'number' },
      { heading: 'rows', cell: ([, tables]) => sum(tables, ({ read }) => read), align: 'number' },
      { heading: 'cells', cell: ([, tables]) => sum(tables, ({ cells }) => cells), align: 'number' },
      {
        heading: 'equal',
        cell: ([, tables]) =>
          `${formatCount(tables.filter(({ verdict }) => verdict !== 'different').length)} of ${formatCount(tables.length)}`,
        align: 'number',
      },
    ],
    [...byMethod],
  )
}

function structure({ command, outcome, foreignKeys, tables, views: made }: Report): string[] {
  const facts: string[] = []
  if (foreignKeys !== null && foreignKeys > 0)
    facts.push(
      `${counted(foreignKeys, 'foreign key')}: every row meets its parent, looked up row by row, whatever the catalog says.`,
    )
  if (command === 'verify' && (outcome === 'done' || outcome === 'different'))
    facts.push(
      `NOT NULL, CHECK and UNIQUE were asked of every row of the target, and its sequences whether the next id is free.${outcome === 'done' ? ' All hold.' : ''}`,
    )
  const kept = tables.filter(({ mode }) => mode === 'existing').length
  if (command === 'migrate' && kept > 0 && (outcome === 'done' || outcome === 'rehearsed' || outcome === 'partial'))
    facts.push(`The schema of ${counted(kept, 'existing table')} was compared before and after: it is as it was.`)
  const compared = made.filter(({ rows }) => rows !== null).length
  if (compared > 0) facts.push(`${counted(compared, 'view')}: the rows are the same on both sides.`)
  return facts
}

function books(report: Report): string[] {
  const found = booksOf(report)
  return found === null || found.wrong.length > 0 ? [] : [`The books balance, table by table: ${found.sum}.`]
}

function files(report: Report): JSX.Element[] {
  return keptFiles(report).map(({ what, file, more }) => h('span', null, `${what} `, name(file), ', ', given(more)))
}

export function views(report: Report): JSX.Element[] {
  if (report.views.length === 0) return []
  return [
    grid(
      'Views',
      [
        {
          heading: 'view',
          cell: ({ source, target }) => (source === target ? name(source) : [name(source), ' → ', name(target)]),
          align: 'wide',
        },
        { heading: 'rows', cell: ({ rows }) => (rows === null ? '' : formatCount(rows)), align: 'number' },
        {
          heading: 'compared',
          cell: ({ rows, why }) => (rows === null ? given(why ?? 'not compared') : 'the same on both sides'),
          align: 'wide',
        },
      ],
      report.views,
    ),
  ]
}

export function sequences(report: Report): JSX.Element[] {
  if (report.sequences.length === 0) return []
  return [
    grid(
      'Sequences',
      [
        { heading: 'column', cell: ({ table, column }) => name(`${table}.${column}`), align: 'wide' },
        { heading: 'sequence', cell: ({ sequence }) => name(sequence), align: 'wide' },
        {
          heading: 'next value',
          cell: ({ nextValue }) => (nextValue === null ? 'none is left' : given(nextValue)),
          align: 'number',
        },
      ],
      report.sequences,
    ),
  ]
}
