import type { Report } from '@rowferry/report'
import type { TableOutcome } from './crossing/context.ts'

export function commitUnknown(xid: string): NonNullable<Report['error']> {
  return {
    code: 'COMMIT_UNKNOWN',
    message: `the connection was lost while committing transaction ${xid}`,
    table: null,
    remedy: `when the server is back, ask it: SELECT pg_xact_status('${xid}'::xid8)`,
  }
}

/** Not every difference is a fault of ours: the target may compute or change values itself. */
export function differenceRemedy(bad: TableOutcome | undefined): string {
  const columns = new Set(bad?.verdict?.mismatches.map((mismatch) => mismatch.column))
  // Rows without a key are only known to differ
  const generated = bad?.plan.generated.find(
    (cast) => columns.has(cast.column) || columns.has(cast.target) || columns.has(null),
  )
  if (generated)
    return `the target computes ${generated.target} itself, and comes to other values than the source holds: make the two expressions agree`
  return 'the differences are listed by key. If no trigger or rule of the target changes rows (--triggers disable), please report this as a bug'
}
