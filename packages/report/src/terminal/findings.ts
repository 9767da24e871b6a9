import { escapeText } from '../escape.ts'
import { counted, formatCount } from '../format.ts'
import type { Report } from '../report.ts'
import type { Page } from './page.ts'
import type { FindingGroup } from '../words/group-findings.ts'
import { groupFindings } from '../words/group-findings.ts'
import { summed } from '../words/settle.ts'
import { prose, toCopy } from './page.ts'

type Finding = Report['findings'][number]

/** From this many on, findings of one code are told together. */
const MANY = 4
/** Of those, so many one by one. */
const SHOWN = 8

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
  const numbered = severity === 'refuse'
  const lines: string[] = []
  const inOne = summed(chosen)
  let told = 0
  let left = 0
  for (const group of groupFindings(chosen)) {
    if (told >= limit) {
      left += group.findings.length
      continue
    }
    const some = { ...group, findings: group.findings.slice(0, limit - told) }
    const isMany = group.findings.length >= MANY
    if (!isMany) left += group.findings.length - some.findings.length
    lines.push(...(isMany ? together(page, group, numbered, inOne.has(group.code)) : apart(page, some, numbered)))
    told += isMany ? Math.min(group.findings.length, SHOWN) : some.findings.length
  }
  const rest = left > 0 ? prose(page, `… and ${formatCount(left)} more: --report report.json lists all`, '  ') : []
  return [...prose(page, page.paint('bold', title)), ...lines, ...rest]
}

function apart(page: Page, { findings: all }: FindingGroup, numbered: boolean): string[] {
  return all.flatMap(({ number, finding }) =>
    one(page, finding, numbered ? `  ${number}. ` : '  · ', label(page, finding)),
  )
}

/** Many of one kind: what they share is said once. */
function together(page: Page, { findings: all }: FindingGroup, numbered: boolean, isSummed: boolean): string[] {
  const [first, last] = [all[0]!, all.at(-1)!]
  const mark = numbered ? `  ${first.number}–${last.number}. ` : '  · '
  const indent = ' '.repeat(mark.length)
  const cells = all.reduce((sum, { finding }) => sum + (finding.count ?? 0), 0)
  const tables = new Set(all.map(({ finding }) => finding.table)).size
  const head = [`${formatCount(all.length)} of one kind`, tables > 1 ? `in ${counted(tables, 'table')}` : null]
  if (cells > 0) head.push(`${formatCount(cells)} in all`)
  const shared = alternatives(first.finding).find((each) =>
    all.every(({ finding }) => alternatives(finding).includes(each)),
  )
  const lines = prose(page, `${head.filter((part) => part !== null).join(', ')} ${label(page, first.finding)}`, mark)
  for (const { finding } of all.slice(0, SHOWN))
    lines.push(
      ...one(page, shared === undefined && !isSummed ? finding : { ...finding, remedy: null }, `${indent}· `, ''),
    )
  const more = all.length - SHOWN
  if (more > 0)
    lines.push(...prose(page, page.paint('dim', `… and ${formatCount(more)} more: ${names(all.slice(SHOWN))}`), indent))
  if (shared !== undefined && !isSummed) lines.push(...remedy(page, shared, indent))
  return lines
}

/** Names fill three lines at most. */
function names(rest: FindingGroup['findings']): string {
  const where = rest.map(({ finding }) =>
    escapeText(
      finding.column !== null && finding.table !== null ? `${finding.table}.${finding.column}` : (finding.table ?? ''),
    ),
  )
  const known = [...new Set(where.filter((name) => name !== ''))]
  if (known.length === 0) return '--report report.json lists all'
  return known.length > 12 ? `${known.slice(0, 12).join(', ')}, …` : known.join(', ')
}

function alternatives({ remedy: text }: Finding): string[] {
  return text?.split(/, or /) ?? []
}

/** The code, and whether anything would be lost. */
function label(page: Page, { code, verdict }: Finding): string {
  return page.paint('dim', verdict === null ? `[${code}]` : `[${code}, ${verdict}]`)
}

function one(page: Page, finding: Finding, mark: string, after: string): string[] {
  const indent = ' '.repeat(mark.length)
  const lines = prose(page, `${escapeText(finding.message)} ${after}`.trimEnd(), mark)
  // The message shows three
  if (finding.examples.length > 3)
    lines.push(...prose(page, `values: ${finding.examples.map(escapeText).join(', ')}`, indent))
  if (finding.storageClasses.length > 1)
    lines.push(...prose(page, `stored as ${finding.storageClasses.map(escapeText).join(', ')}`, indent))
  if (finding.keys.length > 0) {
    // A key of several columns has commas of its own
    const between = finding.keys.some((key) => key.includes(', ')) ? '; ' : ', '
    const all =
      finding.count !== null && finding.count > finding.keys.length
        ? `${between}… (${formatCount(finding.count)} in all)`
        : ''
    lines.push(...prose(page, `rows: ${finding.keys.map(escapeText).join(between)}${all}`, indent))
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
