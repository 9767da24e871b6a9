import { escapeText } from '../escape.ts'
import { formatCount } from '../format.ts'
import type { Report } from '../report.ts'
import type { Page } from './page.ts'
import { prose, toCopy } from './page.ts'

type Finding = Report['findings'][number]

/** Findings of one severity: what it is, which values and rows, and the words that settle it. */
export function findings(
  page: Page,
  all: readonly Finding[],
  severity: Finding['severity'],
  title: string,
  limit: number,
): string[] {
  const chosen = all.filter((finding) => finding.severity === severity)
  if (chosen.length === 0) return []
  const more = chosen.length - limit
  const lines = chosen
    .slice(0, limit)
    .flatMap((finding, i) => one(page, finding, severity === 'refuse' ? `  ${i + 1}. ` : '  · '))
  const rest = more > 0 ? prose(page, `… and ${formatCount(more)} more: --report report.json lists all`, '  ') : []
  return [...prose(page, page.paint('bold', title)), ...lines, ...rest]
}

function one(page: Page, finding: Finding, mark: string): string[] {
  const indent = ' '.repeat(mark.length)
  const lines = prose(page, `${escapeText(finding.message)} ${page.paint('dim', `[${finding.code}]`)}`, mark)
  // The message shows three
  if (finding.examples.length > 3)
    lines.push(...prose(page, `values: ${finding.examples.map(escapeText).join(', ')}`, indent))
  if (finding.keys.length > 0) {
    const all =
      finding.count !== null && finding.count > finding.keys.length ? `, … (${formatCount(finding.count)} in all)` : ''
    lines.push(...prose(page, `rows: ${finding.keys.map(escapeText).join(', ')}${all}`, indent))
  }
  if (finding.remedy !== null) lines.push(...remedy(page, finding.remedy, indent))
  return lines
}

/** Options are there to be copied, so they stay in one piece. */
export function remedy(page: Page, text: string, indent: string): string[] {
  const mark = `${indent}${page.paint('cyan', '→')} `
  const safe = escapeText(text)
  return safe.startsWith('--') ? [toCopy(page, safe, mark)] : prose(page, safe, mark)
}
