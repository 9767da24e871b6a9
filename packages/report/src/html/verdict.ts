import { h } from 'preact'
import type { JSX } from 'preact'
import { formatCount, formatDuration } from '../format.ts'
import type { Report } from '../report.ts'
import { isLoad } from '../words/books.ts'
import { nextSteps } from '../words/next-steps.ts'
import { sentence, serverVersion, toneOf } from '../words/sentence.ts'
import { given, scrolling, toCopy } from './text.ts'

export const KINDS: Readonly<Record<Report['command'], string>> = {
  migrate: 'crossing',
  plan: 'plan',
  verify: 'verification',
}

const MARKS = { good: '✔', partly: '!', bad: '✖' } as const

/** The outcome, between which databases, and the figures that matter most. */
export function verdict(report: Report): JSX.Element {
  const [word, rest] = sentence(report)
  return h(
    'header',
    { class: `verdict ${toneOf(report)}` },
    h('p', { class: 'eyebrow' }, `Report of a ${KINDS[report.command]}`, ' · ', moment(report.startedAt)),
    h(
      'h1',
      null,
      h('span', { class: 'mark', 'aria-hidden': 'true' }, MARKS[toneOf(report)]),
      word.replace(/[.:]$/, ''),
    ),
    rest.trim() === '' ? null : h('p', { class: 'lead' }, rest.trim()),
    ends(report),
    report.tables.length === 0 ? null : figures(report),
  )
}

function ends({ source, target }: Report): JSX.Element {
  return h(
    'p',
    { class: 'ends' },
    h(
      'span',
      null,
      h('b', null, given(source.label)),
      h('small', null, given(source.kind === 'sqlite' ? 'SQLite' : source.kind)),
    ),
    target && h('span', { class: 'arrow', role: 'img', 'aria-label': 'to' }, '→'),
    target &&
      h(
        'span',
        null,
        h('b', null, given(target.label)),
        target.version === null ? null : h('small', null, given(serverVersion(target.version))),
      ),
  )
}

function figures(report: Report): JSX.Element {
  const { command, tables, totals, ms } = report
  const wrote = isLoad(report)
  const all: [label: string, value: string][] = [
    ['tables', formatCount(tables.length)],
    [command === 'verify' ? 'rows in the source' : 'rows read', formatCount(totals.read)],
  ]
  if (wrote) all.push(['rows written', formatCount(totals.written)])
  if (command === 'verify') all.push(['rows in the target', formatCount(totals.written)])
  if (command !== 'verify') all.push([wrote ? 'rows set aside' : 'rows that do not fit', formatCount(totals.rejected)])
  if (totals.kept > 0) all.push(['rows kept as they were', formatCount(totals.kept)])
  if (totals.cells > 0) all.push(['cells compared', formatCount(totals.cells)])
  all.push(['in all', formatDuration(ms)])
  return h(
    'dl',
    { class: 'figures' },
    ...all.map(([label, value]) => h('div', null, h('dt', null, label), h('dd', null, value))),
  )
}

/** Why it ended so, when a fault was the reason. */
export function fault({ error }: Report): JSX.Element[] {
  if (error === null) return []
  const lines = error.message.split('\n').map((line) => h('p', null, given(line)))
  return [
    h('div', { class: 'card refuse' }, h('p', { class: 'code' }, given(error.code)), ...lines, remedy(error.remedy)),
  ]
}

/** Options are there to be copied; everything else is prose. */
export function remedy(text: string | null): JSX.Element | null {
  if (text === null) return null
  const shown = given(text)
  return text.startsWith('--')
    ? h('div', { class: 'remedy' }, h('pre', { class: 'copy', ...scrolling('To copy') }, shown))
    : h('p', { class: 'remedy' }, shown)
}

export function next(report: Report): JSX.Element[] {
  const steps = nextSteps(report)
  if (steps === null) return []
  const { text, line, after } = steps
  return [
    h('p', null, `${text.charAt(0).toUpperCase()}${text.slice(1)}`),
    ...(line === null ? [] : [toCopy(line)]),
    ...(after === null ? [] : [h('p', null, after)]),
  ]
}

/** `2026-01-02 03:04 UTC`. */
export function moment(iso: string): JSX.Element {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)/.exec(iso) ?? []
  return day === undefined ? given(iso) : h('time', { dateTime: iso }, `${day} ${time} UTC`)
}
