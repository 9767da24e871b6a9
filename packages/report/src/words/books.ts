import { formatCount } from '../format.ts'
import type { Report, TableReport } from '../report.ts'

/** The invariant that a run which cannot keep it does not end in green. */
export interface Books {
  readonly sum: string
  readonly wrong: readonly TableReport[]
}

/** Null for runs that wrote nothing on purpose. */
export function booksOf(report: Report): Books | null {
  if (!isLoad(report)) return null
  const { read, written, rejected, kept } = report.totals
  return {
    sum: `${formatCount(read)} read = ${formatCount(written)} written + ${formatCount(rejected)} rejected${kept > 0 ? ` + ${formatCount(kept)} kept` : ''}`,
    wrong: report.tables.filter((table) => table.read !== table.written + table.rejected + table.kept),
  }
}

/** Were rows loaded, be it to be rolled back? */
export function isLoad({ command, outcome }: Report): boolean {
  return command === 'migrate' && outcome !== 'planned' && outcome !== 'refused'
}
