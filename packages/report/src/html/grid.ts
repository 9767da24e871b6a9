import { h } from 'preact'
import type { ComponentChildren, JSX } from 'preact'
import { scrolling } from './text.ts'

export interface GridColumn<Row> {
  readonly heading: string
  readonly cell: (row: Row) => ComponentChildren
  readonly foot?: ComponentChildren
  readonly align?: 'number' | 'wide' | 'short' | 'chart'
}

/** A table whose first column names its rows. */
export function grid<Row>(label: string, columns: readonly GridColumn<Row>[], rows: readonly Row[]): JSX.Element {
  const [first, ...others] = columns
  const hasFoot = columns.some((column) => column.foot !== undefined)
  return h(
    'div',
    { class: 'grid', ...scrolling(label) },
    h(
      'table',
      null,
      h(
        'thead',
        null,
        h('tr', null, ...columns.map(({ heading, align }) => h('th', { scope: 'col', class: align }, heading))),
      ),
      h(
        'tbody',
        null,
        ...rows.map((row) =>
          h(
            'tr',
            null,
            h('th', { scope: 'row', class: first?.align }, first?.cell(row)),
            ...others.map(({ cell, align }) => h('td', { class: align }, cell(row))),
          ),
        ),
      ),
      hasFoot
        ? h(
            'tfoot',
            null,
            h(
              'tr',
              null,
              h('th', { scope: 'row' }, first?.foot),
              ...others.map(({ foot, align }) => h('td', { class: align }, foot)),
            ),
          )
        : null,
    ),
  )
}
