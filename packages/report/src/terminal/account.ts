import { escapeText } from '../escape.ts'
import { counted, formatCount, formatDuration } from '../format.ts'
import type { Report } from '../report.ts'
import type { Page } from './page.ts'
import { prose } from './page.ts'

const MISMATCHES = 10
const RULES = { map: '--map', epoch: '--epoch', timezone: '--timezone', lossy: '--allow-lossy' } as const

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
    const more = table.mismatches.length - items.length
    return section(
      page,
      `Differences in ${escapeText(table.source)}`,
      more > 0 ? [...items, `${formatCount(more)} more in the report`] : items,
    )
  })
}

export function changed(page: Page, { tables }: Report): string[] {
  const items = tables.flatMap((table) =>
    table.changed.map(
      ({ column, rule, from, count }) =>
        `${escapeText(`${table.source}.${column}`)}: ${counted(count, 'cell')} by ${RULES[rule]}${from === null ? '' : ` (${escapeText(JSON.stringify(from))})`}`,
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

export function notCarried(page: Page, report: Report): string[] {
  return section(
    page,
    'Not carried over',
    report.notCarried.map(
      ({ object, why, suggestion }) =>
        `${escapeText(object)}: ${escapeText(why)}${suggestion === null ? '' : `. Instead: ${escapeText(suggestion)}`}`,
    ),
  )
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
  return prose(
    page,
    page.paint('dim', report.phases.map(({ name, ms }) => `${escapeText(name)} ${formatDuration(ms)}`).join(' · ')),
  )
}
