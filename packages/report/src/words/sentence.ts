import { counted } from '../format.ts'
import type { Report } from '../report.ts'

/** How the outcome is to be taken. */
export type Tone = 'good' | 'partly' | 'bad'

const GOOD = new Set<Report['outcome']>(['done', 'rehearsed', 'planned'])

export function toneOf({ outcome }: Report): Tone {
  return GOOD.has(outcome) ? 'good' : outcome === 'partial' ? 'partly' : 'bad'
}

/** The outcome in a word or two, and then in words. */
export function sentence(report: Report): readonly [word: string, rest: string] {
  const [word = '', ...rest] = words(report).split(/(?<=^[^.:]*[.:])/)
  return [word, rest.join('')]
}

/** `PostgreSQL 18.4`, of what a server says of itself. */
export function serverVersion(version: string): string {
  return `PostgreSQL ${version.replace(/^PostgreSQL /, '').replace(/ .*$/s, '')}`
}

function words(report: Report): string {
  const { totals, tables, findings } = report
  const verifying = report.command === 'verify'
  const carried = `${counted(tables.length, 'table')}, ${counted(totals.read, 'row')}`
  const open = findings.filter((finding) => finding.severity === 'refuse').length
  const settle = `${counted(open, 'point has', 'points have')} to be settled first.`
  const untouched = 'Nothing was written; the target is as it was.'
  const sentences: Readonly<Record<Report['outcome'], string>> = {
    done: verifying
      ? `Equal. ${carried}: ${proof(report)}.`
      : `Done. ${carried}: everything arrived, ${proof(report)}, committed${inParts(report)}.`,
    rehearsed: `Rehearsed. ${carried}: everything arrived, ${proof(report)}, and was rolled back. The target is as it was.`,
    planned: `Planned. ${carried}: every value fits. Nothing was written.`,
    refused: verifying ? `Not compared. ${settle}` : `Refused. ${settle} ${untouched}`,
    partial: `Done, in part. ${partly(report)}. The rest is committed: ${proof(report)}.`,
    different: verifying
      ? 'Different. Source and target do not hold the same.'
      : `Different. What arrived is not what left${report.resumed === null ? ', so everything was rolled back. The target is as it was' : '. It stays committed, as it was loaded in parts'}.`,
    unknown: 'Unknown. The connection was lost while committing: either everything is there, or nothing is.',
    interrupted: `Interrupted. ${untouched}`,
    failed: `Failed. ${untouched}`,
    stopped: `Stopped. ${counted(totals.written, 'row is', 'rows are')} committed so far; nothing of that is lost.`,
  }
  return sentences[report.outcome]
}

/** How it is known that what was carried arrived. */
function proof({ tables, totals }: Report): string {
  if (tables.some((table) => table.verdict === 'not verified')) return 'not verified, as asked'
  if (tables.some((table) => table.verdict === 'counted')) return 'rows counted on both sides'
  return totals.cells > 0 ? `all ${counted(totals.cells, 'cell')} read back and equal` : 'read back and equal'
}

function inParts({ resumed }: Report): string {
  if (resumed === null) return ''
  const { attempts, rowsBefore } = resumed
  return attempts === 1
    ? ' in parts'
    : ` in parts, in ${attempts} attempts (${counted(rowsBefore, 'row')} from before the last)`
}

function partly({ totals, skipped }: Report): string {
  const parts: string[] = []
  if (totals.rejected > 0) parts.push(`${counted(totals.rejected, 'row was', 'rows were')} set aside`)
  const left = skipped.filter((each) => each.rows !== 0).length
  if (left > 0) parts.push(`${counted(left, 'table with rows was', 'tables with rows were')} left out`)
  return parts.join(' and ') || 'Not everything was carried'
}
