import { escapeText } from '../escape.ts'
import { counted, formatDuration } from '../format.ts'
import type { Report } from '../report.ts'
import type { Page } from './page.ts'
import { prose } from './page.ts'

const GOOD = new Set<Report['outcome']>(['done', 'rehearsed', 'planned'])

/** The outcome in words, and between which databases. */
export function headline(page: Page, report: Report): string[] {
  const good = GOOD.has(report.outcome)
  const color = good ? 'green' : report.outcome === 'partial' ? 'yellow' : 'red'
  const [word, ...rest] = sentence(report).split(/(?<=^[^.:]*[.:])/)
  const mark = page.paint(color, good ? '✔ ' : report.outcome === 'partial' ? '! ' : '✖ ')
  return [
    ...prose(page, `${page.paint(['bold', color], word ?? '')}${rest.join('')}`, mark),
    ...prose(page, page.paint('dim', ends(report)), '  '),
  ]
}

function ends({ source, target, ms }: Report): string {
  const version = target?.version
    ? ` (PostgreSQL ${target.version.replace(/^PostgreSQL /, '').replace(/ .*$/s, '')})`
    : ''
  const to = target ? ` → ${target.label}${version}` : ''
  return escapeText(`${source.label}${to} · ${formatDuration(ms)}`)
}

function sentence(report: Report): string {
  const { totals, tables, findings } = report
  const verifying = report.command === 'verify'
  const carried = `${counted(tables.length, 'table')}, ${counted(totals.read, 'row')}`
  const open = findings.filter((finding) => finding.severity === 'refuse').length
  const settle = `${counted(open, 'point has', 'points have')} to be settled first.`
  const untouched = 'Nothing was written; the target is as it was.'
  const words: Readonly<Record<Report['outcome'], string>> = {
    done: verifying
      ? `Equal. ${carried}: ${proof(report)}.`
      : `Done. ${carried}: everything arrived, ${proof(report)}, committed.`,
    rehearsed: `Rehearsed. ${carried}: everything arrived, ${proof(report)}, and was rolled back. The target is as it was.`,
    planned: `Planned. ${carried}: every value fits. Nothing was written.`,
    refused: verifying ? `Not compared. ${settle}` : `Refused. ${settle} ${untouched}`,
    partial: `Done, in part. ${partly(report)}. What was carried is ${proof(report)} and committed.`,
    different: verifying
      ? 'Different. Source and target do not hold the same.'
      : 'Different. What arrived is not what left, so everything was rolled back. The target is as it was.',
    unknown: 'Unknown. The connection was lost while committing: either everything is there, or nothing is.',
    interrupted: `Interrupted. ${untouched}`,
    failed: `Failed. ${untouched}`,
  }
  return words[report.outcome]
}

function proof({ tables, totals }: Report): string {
  if (tables.some((table) => table.verdict === 'not verified')) return 'not verified, as asked'
  if (tables.some((table) => table.verdict === 'counted')) return 'rows counted on both sides'
  return totals.cells > 0 ? `all ${counted(totals.cells, 'cell')} read back and equal` : 'read back and equal'
}

function partly({ totals, skipped }: Report): string {
  const parts: string[] = []
  if (totals.rejected > 0) parts.push(`${counted(totals.rejected, 'row was', 'rows were')} set aside`)
  const left = skipped.filter((each) => each.rows !== 0).length
  if (left > 0) parts.push(`${counted(left, 'table with rows was', 'tables with rows were')} left out`)
  return parts.join(' and ') || 'Not everything was carried'
}
