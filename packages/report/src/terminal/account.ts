import { escapeText } from '../escape.ts'
import { counted, formatCount, formatDuration } from '../format.ts'
import type { Report } from '../report.ts'
import { optionOf } from '../words/option-of.ts'
import type { Page } from './page.ts'
import { prose } from './page.ts'
import { cut } from './shorten.ts'

const MISMATCHES = 10

function section(page: Page, title: string, items: readonly string[]): string[] {
  return items.length === 0
    ? []
    : [...prose(page, page.paint('bold', title)), ...items.flatMap((item) => prose(page, item, '  · '))]
}

export function differences(page: Page, report: Report): string[] {
  return report.tables.flatMap((table) => {
    const items = table.mismatches.slice(0, MISMATCHES).map(({ kind, key, column, source, target }) => {
      const where = escapeText(column === null ? key : `${key}, ${column}`)
      if (kind === 'missing') return `${where}: not in the target`
      if (kind === 'extra') return `${where}: only in the target`
      return `${where}: ${escapeText(source ?? 'NULL')} in the source, ${escapeText(target ?? 'NULL')} in the target`
    })
    const more = Math.max(table.missing + table.extra + table.different, table.mismatches.length) - items.length
    return section(
      page,
      `Differences in ${escapeText(table.source)}`,
      more > 0
        ? [
            ...items,
            table.mismatches.length > items.length
              ? `${formatCount(more)} more: --report report.json lists ${formatCount(table.mismatches.length)}`
              : `${formatCount(more)} more`,
          ]
        : items,
    )
  })
}

const RENAMED_TABLES = 10
const RENAMED_COLUMNS = 8

/** A bounded number of lines, however much `--case` renames. */
export function renamed(page: Page, { tables }: Report): string[] {
  const named = tables.filter((table) => table.renamed.length > 0)
  const items = named.slice(0, RENAMED_TABLES).map((table) => {
    const shown = table.renamed
      .slice(0, RENAMED_COLUMNS)
      .map(({ column, target }) => `${escapeText(column)} → ${escapeText(target)}`)
    const more = table.renamed.length - shown.length
    return `${escapeText(table.source)}: ${shown.join(', ')}${more > 0 ? ` and ${formatCount(more)} more` : ''}`
  })
  const rest = named.length - items.length
  return section(page, 'Columns under another name', rest > 0 ? [...items, counted(rest, 'more table')] : items)
}

export function changed(page: Page, { tables }: Report): string[] {
  const items = tables.flatMap((table) =>
    table.changed.map(
      ({ column, rule, from, count }) =>
        `${escapeText(`${table.source}.${column}`)}: ${counted(count, 'cell')} by ${optionOf(rule)}${from === null ? '' : ` (${escapeText(JSON.stringify(from))})`}`,
    ),
  )
  return section(page, 'Changed because a rule said so', items)
}

export function skipped(page: Page, report: Report): string[] {
  return section(
    page,
    'Tables left out',
    report.skipped.map(
      ({ table, rows, why }) =>
        `${escapeText(table)}${rows === null ? '' : ` (${counted(rows, 'row')})`}: ${escapeText(why)}`,
    ),
  )
}

export function views(page: Page, report: Pick<Report, 'views'>): string[] {
  return section(
    page,
    'Views',
    report.views.map(
      ({ source, rows, why }) =>
        `${escapeText(source)}: ${rows === null ? `not compared, ${escapeText(why ?? '')}` : `${counted(rows, 'row')}, the same on both sides`}`,
    ),
  )
}

/** Objects that are told with their text; the rest is named. */
const TOLD = 20

/** What the target does not have: why, what instead, and the source's own words for it. A reason that many share is said once. */
export function notCarried(page: Page, { notCarried: all }: Pick<Report, 'notCarried'>): string[] {
  if (all.length === 0) return []
  const reasons = new Map<string, Report['notCarried']>()
  for (const each of all.slice(0, TOLD)) reasons.set(each.why, [...(reasons.get(each.why) ?? []), each])
  const lines = [...reasons].flatMap(([why, objects]) =>
    objects.length > 2
      ? [
          ...prose(page, escapeText(why), '  · '),
          ...objects.flatMap((each) => lost(page, each, escapeText(each.object), '    · ')),
        ]
      : objects.flatMap((each) => lost(page, each, `${escapeText(each.object)}: ${escapeText(why)}`, '  · ')),
  )
  const rest = all.slice(TOLD).map(({ object }) => escapeText(object))
  if (rest.length > 0)
    lines.push(
      ...prose(
        page,
        `${counted(rest.length, 'more object')}: ${rest.slice(0, TOLD).join(', ')}${rest.length > TOLD ? ', …' : ''}`,
        '  · ',
      ),
    )
  return [...prose(page, page.paint('bold', 'Not carried over')), ...lines]
}

function lost(
  page: Page,
  { definition, suggestion }: Report['notCarried'][number],
  said: string,
  mark: string,
): string[] {
  const indent = ' '.repeat(mark.length)
  const words = escapeText(definition.replaceAll(/\s+/g, ' ').trim())
  return [
    ...prose(page, `${said}${suggestion === null ? '' : `. Instead: ${escapeText(suggestion)}`}`, mark),
    ...(words === '' || said.startsWith(words)
      ? []
      : [indent + page.paint('dim', cut(words, page.width - indent.length))]),
  ]
}

export function sequences(page: Page, report: Report): string[] {
  return section(
    page,
    'New rows continue at',
    report.sequences.map(
      ({ table, column, nextValue }) =>
        `${escapeText(`${table}.${column}`)}: ${nextValue === null ? 'no value is left' : escapeText(nextValue)}`,
    ),
  )
}

export function phases(page: Page, report: Report): string[] {
  if (report.phases.length === 0) return []
  return prose(page, page.paint('dim', report.phases.map(phase).join(' · ')))
}

function phase({ name, ms, rowsPerSecond }: Report['phases'][number]): string {
  const rate = rowsPerSecond === null ? '' : ` (${formatCount(rowsPerSecond)} rows/s)`
  return `${escapeText(name)} ${formatDuration(ms)}${rate}`
}
