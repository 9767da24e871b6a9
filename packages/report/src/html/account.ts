import { h } from 'preact'
import type { JSX } from 'preact'
import { counted, formatCount } from '../format.ts'
import type { Report, TableReport } from '../report.ts'
import { optionOf } from '../words/option-of.ts'
import { grid } from './grid.ts'
import { block, folded, given, name } from './text.ts'

/** Lines of a list that are shown before the rest is folded away. */
const SHOWN = 25

/** What is not the same on both sides, by key and column. */
export function differences(report: Report): JSX.Element[] {
  return report.tables
    .filter((table) => table.mismatches.length > 0 || table.verdict === 'different')
    .flatMap(differencesOf)
}

function differencesOf(table: TableReport): JSX.Element[] {
  const { missing, extra, different, mismatches } = table
  const parts = [
    missing > 0 ? `${formatCount(missing)} not in the target` : null,
    extra > 0 ? `${formatCount(extra)} only in the target` : null,
    different > 0 ? `${formatCount(different)} with other values` : null,
  ].filter((part) => part !== null)
  const cut = missing + extra + different > mismatches.length && mismatches.length > 0
  const value = (text: string | null): JSX.Element => (text === null ? h('i', null, 'NULL') : name(text))
  return [
    h(
      'h3',
      null,
      name(table.source),
      parts.length === 0
        ? null
        : h('span', { class: 'remark' }, `${parts.join(', ')}${cut ? `; listed: the first ${mismatches.length}` : ''}`),
    ),
    ...(mismatches.length === 0
      ? []
      : [
          grid(
            'Differences',
            [
              { heading: 'row', cell: ({ key }) => name(key), align: 'wide' },
              { heading: 'column', cell: ({ column }) => (column === null ? 'the whole row' : name(column)) },
              {
                heading: 'in the source',
                cell: ({ kind, source }) =>
                  kind === 'extra' ? absent() : kind === 'missing' ? 'there' : value(source),
                align: 'wide',
              },
              {
                heading: 'in the target',
                cell: ({ kind, target }) =>
                  kind === 'missing' ? absent() : kind === 'extra' ? 'there' : value(target),
                align: 'wide',
              },
            ],
            mismatches,
          ),
        ]),
  ]
}

function absent(): JSX.Element {
  return h('strong', { class: 'trouble' }, 'not there')
}

/** Every rule that changed a value, and how often. */
export function changed(report: Report): JSX.Element[] {
  const rules = report.tables.flatMap((table) => table.changed.map((change) => ({ table: table.source, ...change })))
  if (rules.length === 0) return []
  const list = (label: string, some: typeof rules): JSX.Element =>
    grid(
      label,
      [
        { heading: 'column', cell: ({ table, column }) => name(`${table}.${column}`), align: 'wide' },
        { heading: 'rule', cell: ({ rule }) => name(optionOf(rule)), align: 'short' },
        {
          heading: 'stored value',
          cell: ({ from }) =>
            from === null ? h('span', { class: 'remark' }, 'all it applies to') : name(JSON.stringify(from)),
        },
        { heading: 'cells', cell: ({ count }) => formatCount(count), align: 'number' },
      ],
      some,
    )
  const sum = rules.reduce((total, { count }) => total + count, 0)
  return [
    h(
      'p',
      null,
      `${counted(sum, 'cell')} changed, each because a rule that was given says so. Every other value is as it was.`,
    ),
    list('Changed by rule', rules.slice(0, SHOWN)),
    ...(rules.length > SHOWN
      ? [folded(`${formatCount(rules.length - SHOWN)} more`, list('More changed by rule', rules.slice(SHOWN)))]
      : []),
  ]
}

export function skipped(report: Report): JSX.Element[] {
  if (report.skipped.length === 0) return []
  return [
    grid(
      'Tables left out',
      [
        { heading: 'table', cell: ({ table }) => name(table), align: 'wide' },
        { heading: 'rows', cell: ({ rows }) => (rows === null ? 'not counted' : formatCount(rows)), align: 'number' },
        { heading: 'why', cell: ({ why }) => given(why), align: 'wide' },
      ],
      report.skipped,
    ),
  ]
}

/** From this many on, the original text is folded away. */
const MANY = 6

/** What the target does not have: why, what instead, and the source's own words for it. */
export function notCarried({ notCarried: all }: Report): JSX.Element[] {
  return all.map(({ object, definition, why, suggestion }) =>
    h(
      'div',
      { class: 'card' },
      h('h3', null, given(object)),
      h('p', null, given(why)),
      definition.trim() === '' || definition === object
        ? null
        : all.length >= MANY
          ? folded('Original text', block(definition))
          : block(definition),
      suggestion === null
        ? null
        : h('div', { class: 'remedy' }, h('p', null, h('b', null, 'Instead: ')), block(suggestion)),
    ),
  )
}
