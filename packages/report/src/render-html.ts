import { createHash } from 'node:crypto'
import { h } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { escapeText } from './escape.ts'
import { counted, formatCount } from './format.ts'
import * as account from './html/account.ts'
import { findings } from './html/findings.ts'
import { proof, sequences, views } from './html/proof.ts'
import { style } from './html/style.ts'
import { tables } from './html/tables.ts'
import type { Part } from './html/text.ts'
import { section } from './html/text.ts'
import { timings } from './html/timings.ts'
import { fault, KINDS, next, verdict } from './html/verdict.ts'
import { signature, versions } from './html/versions.ts'
import type { Report } from './report.ts'
import { isLoad } from './words/books.ts'
import { sentence } from './words/sentence.ts'

/** Nothing is fetched, nothing runs, and no style but this page's own holds, whatever a name or a value may say. */
const POLICY = `default-src 'none'; img-src data:; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`

/**
 * The report as one HTML page that needs nothing else: no script, no font, no request. For the person who signs off: the verdict first, then what
 * there is to do, what was moved, changed and left, how it is proven, and where the time went. Light or dark as the reader's system is, and fit to be printed.
 */
export function renderHtml(report: Report): string {
  const parts = partsOf(report)
  const page = h(
    'html',
    { lang: 'en' },
    h(
      'head',
      null,
      h('meta', { charset: 'utf-8' }),
      h('meta', { 'http-equiv': 'Content-Security-Policy', content: POLICY }),
      h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      h('meta', { name: 'color-scheme', content: 'light dark' }),
      h('meta', { name: 'robots', content: 'noindex' }),
      h(
        'title',
        null,
        escapeText(
          `${sentence(report)[0].replace(/[.:]$/, '')}: ${report.source.label}${report.target ? ` → ${report.target.label}` : ''}`,
        ),
      ),
      h('link', { rel: 'icon', href: 'data:,' }),
      h('style', { dangerouslySetInnerHTML: { __html: style } }),
    ),
    h(
      'body',
      null,
      h(
        'main',
        null,
        verdict(report),
        parts.length > 3
          ? h(
              'nav',
              { 'aria-label': 'On this page' },
              ...parts.map(({ id, title }) => h('a', { href: `#${id}` }, title)),
            )
          : null,
        ...parts.map(({ node }) => node),
        signature(),
      ),
      h('footer', null, escapeText(`${report.tool} · report of a ${KINDS[report.command]}, version ${report.version}`)),
    ),
  )
  return `<!doctype html>\n${renderToString(page)}\n`
}

function partsOf(report: Report): Part[] {
  const remark = (all: readonly unknown[], one: string): string | null =>
    all.length === 0 ? null : counted(all.length, one)
  const changedCells = report.tables.flatMap((table) => table.changed).reduce((sum, { count }) => sum + count, 0)
  return [
    section('fault', 'What happened', fault(report)),
    section(
      'to-settle',
      report.command === 'verify' ? 'What does not hold' : 'To settle first',
      findings(report, 'refuse'),
    ),
    section('differences', 'Differences', account.differences(report)),
    section('next', 'What to do next', next(report)),
    section('tables', isLoad(report) ? 'What was moved' : 'Tables', tables(report), remark(report.tables, 'table')),
    section(
      'changed',
      'Changed by rule',
      account.changed(report),
      changedCells === 0 ? null : `${formatCount(changedCells)} ${changedCells === 1 ? 'cell' : 'cells'}`,
    ),
    section('lossy', 'Loses something, as allowed', findings(report, 'lossy')),
    section('skipped', 'Tables left out', account.skipped(report), remark(report.skipped, 'table')),
    section('not-carried', 'Not carried over', account.notCarried(report), remark(report.notCarried, 'object')),
    section('warnings', 'Warnings', findings(report, 'warning')),
    section(
      'notes',
      report.totals.rejected > 0 && isLoad(report) ? 'Why rows were set aside, and other notes' : 'Worth knowing',
      findings(report, 'note'),
    ),
    section('proof', 'Proof', proof(report)),
    section('views', 'Views', views(report), remark(report.views, 'view')),
    section('sequences', 'New rows continue at', sequences(report), remark(report.sequences, 'sequence')),
    section('timings', 'Where the time went', timings(report)),
    section('versions', 'Versions and fingerprints', versions(report)),
  ].filter((part) => part !== null)
}
