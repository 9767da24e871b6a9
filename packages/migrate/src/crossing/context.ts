import type { Finding, Plan, TablePlan } from '@rowferry/plan'
import type { SequenceOutcome, Session } from '@rowferry/postgres'
import type { Source } from '@rowferry/source'
import type { TableVerdict } from '@rowferry/verify'
import type { Changed, Quarantine } from '@rowferry/write'
import type { EventListener } from '../events.ts'
import type { Comparisons } from '../verify/checkpoint.ts'
import type { ProofTables } from '../proof/make-proof.ts'
import type { Backup } from './backup.ts'
import type { ViewOutcome } from './views.ts'
import type { CrossingOptions } from '../options.ts'

/** `commit`: the real thing. `rehearse`: the same with a ROLLBACK at the end. `examine`: guarded, only to list everything the server refuses; never proves, always rolls back. */
type CrossingEnd = 'commit' | 'rehearse' | 'examine'

export interface CrossingContext {
  readonly plan: Plan
  readonly options: CrossingOptions
  readonly source: Source
  readonly session: Session
  readonly end: CrossingEnd
  readonly quarantine: Quarantine | null
  readonly backup: Backup | null
  /** Digests of what was proven are wanted. */
  readonly wantsProof?: boolean
  /** Rows that differ, a table, which are listed; all are counted. Default: those that a report shows. */
  readonly maxMismatches?: number
  /** What an interrupted comparison found. */
  readonly comparisons?: Comparisons
  readonly onEvent: EventListener
  readonly signal: AbortSignal | undefined
}

/** What became of one table's rows. */
export interface TableOutcome {
  readonly plan: TablePlan
  readonly read: number
  readonly written: number
  readonly rejected: number
  readonly kept: number
  readonly bytes: number
  readonly loadMs: number
  readonly changed: readonly Changed[]
  /** Keys of rows set aside, as `Expectation` wants them. */
  readonly rejectedKeys: readonly string[]
  readonly verdict: TableVerdict | null
}

export interface CrossingResult {
  /** `stopped`: a row did not fit (plain load), so nothing was written; the reason is found by listing everything. */
  readonly state: 'committed' | 'rolled back' | 'unknown' | 'stopped'
  readonly xid: string
  readonly tables: readonly TableOutcome[]
  readonly sequences: readonly SequenceOutcome[]
  readonly findings: readonly Finding[]
  readonly views: readonly ViewOutcome[]
  readonly notCarried: readonly Plan['notCarried'][number][]
  /** Proven by anti-join; null when it did not come to that. */
  readonly foreignKeys: number | null
  /** Where they were wanted, and everything is proven. */
  readonly proof: ProofTables | null
  /** Did every table prove equal? True when verification was not asked for. */
  readonly proven: boolean
}

/** Batch by batch under savepoints: rows may be set aside, or every refusal is to be listed. */
export function isGuarded(context: Pick<CrossingContext, 'end' | 'options'>): boolean {
  return context.end === 'examine' || context.options.onBadRow === 'quarantine'
}
