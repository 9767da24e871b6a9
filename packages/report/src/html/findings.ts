import { h } from 'preact'
import type { JSX } from 'preact'
import { counted, formatCount } from '../format.ts'
import type { Report } from '../report.ts'
import type { FindingGroup } from '../words/group-findings.ts'
import { groupFindings } from '../words/group-findings.ts'
import { folded, given } from './text.ts'
import { remedy } from './verdict.ts'

type Finding = Report['findings'][number]
type Numbered = FindingGroup['findings'][number]

/** Of many of one kind, so many are shown at once. */
const SHOWN = 5

/** Findings of one severity: what it is, which values and rows, and the words that settle it. */
export function findings(report: Report, severity: Finding['severity']): JSX.Element[] {
  return groupFindings(report.findings.filter((finding) => finding.severity === severity)).flatMap((group) =>
    group.findings.length > SHOWN + 1 ? [together(group)] : group.findings.map((each) => card(each)),
  )
}

function card({ number, finding }: Numbered): JSX.Element {
  return h(
    'div',
    { class: `card ${finding.severity}` },
    heading(finding, finding.severity === 'refuse' ? `${number}` : null),
    ...body(finding),
  )
}

function together({ findings: all }: FindingGroup): JSX.Element {
  const [first, last] = [all[0]!, all.at(-1)!]
  const tables = new Set(all.map(({ finding }) => finding.table)).size
  const cells = all.reduce((sum, { finding }) => sum + (finding.count ?? 0), 0)
  const head = [`${formatCount(all.length)} of one kind`]
  if (tables > 1) head.push(`in ${counted(tables, 'table')}`)
  if (cells > 0) head.push(`${formatCount(cells)} in all`)
  const items = (some: readonly Numbered[]): JSX.Element =>
    h('ul', { class: 'items' }, ...some.map(({ finding }) => h('li', null, ...body(finding))))
  return h(
    'div',
    { class: `card ${first.finding.severity}` },
    heading(first.finding, first.finding.severity === 'refuse' ? `${first.number}–${last.number}` : null),
    h('p', null, h('b', null, head.join(', '))),
    items(all.slice(0, SHOWN)),
    folded(`${formatCount(all.length - SHOWN)} more`, items(all.slice(SHOWN))),
  )
}

function heading({ code, verdict }: Finding, number: string | null): JSX.Element {
  return h(
    'p',
    { class: 'code' },
    number === null ? null : h('span', { class: 'number' }, number),
    given(code),
    verdict === null ? null : h('span', { class: 'chip' }, verdict),
  )
}

function body({ message, examples, storageClasses, keys, count, remedy: words }: Finding): JSX.Element[] {
  const facts: [label: string, values: readonly string[]][] = []
  if (examples.length > 0) facts.push(['values', examples])
  if (storageClasses.length > 1) facts.push(['stored as', storageClasses])
  if (keys.length > 0)
    facts.push([
      count !== null && count > keys.length ? `rows (first ${keys.length} of ${formatCount(count)})` : 'rows',
      keys,
    ])
  return [
    h('p', null, given(message)),
    facts.length === 0
      ? null
      : h(
          'dl',
          { class: 'facts' },
          ...facts.map(([label, values]) =>
            h(
              'div',
              null,
              h('dt', null, label),
              h('dd', null, ...values.map((value) => h('code', null, given(value)))),
            ),
          ),
        ),
    remedy(words),
  ].filter((node) => node !== null)
}
