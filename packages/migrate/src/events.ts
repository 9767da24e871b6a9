import type { Finding } from '@rowferry/plan'

/** The steps of a crossing, in order. `rollback` stands for the last one when something did not hold. */
export type Phase =
  | 'open'
  | 'plan'
  | 'scan'
  | 'check'
  | 'lock'
  | 'pre-data'
  | 'data'
  | 'post-data'
  | 'verify'
  | 'views'
  | 'sequences'
  | 'commit'
  | 'rollback'

/** Progress leaves sideways: listeners must not throw and cannot change the crossing. */
export type CrossingEvent =
  /** A phase begins, with so many tables to go through and so many rows in them; `rows` is null when unknown. */
  | { readonly type: 'phase'; readonly phase: Phase; readonly tables: number; readonly rows: number | null }
  /** Rows of one table so far in this phase; `total` is null when unknown. `done` comes once, with the last figure. */
  | {
      readonly type: 'table'
      readonly phase: Phase
      readonly table: string
      readonly rows: number
      readonly total: number | null
      readonly done: boolean
    }
  | { readonly type: 'finding'; readonly finding: Finding }
  /** Something a person should read now. */
  | { readonly type: 'notice'; readonly message: string }

export type EventListener = (event: CrossingEvent) => void

/** The beginning of a phase that goes through these tables. */
export function phaseEvent(phase: Phase, tables: readonly { readonly rows: number | null }[] = []): CrossingEvent {
  const rows = tables.some((table) => table.rows === null)
    ? null
    : tables.reduce((sum, table) => sum + (table.rows ?? 0), 0)
  return { type: 'phase', phase, tables: tables.length, rows }
}
