import type { Session } from '@rowferry/postgres'
import { beginStep, commitStep, rollback } from '@rowferry/postgres'
import type { CrossingContext, TableOutcome } from '../crossing/context.ts'
import type { Beginning, Ledger } from './ledger.ts'
import { holdAttempt } from './ledger.ts'

/** A run that has its ledger in the target. */
export interface Run {
  readonly context: CrossingContext
  readonly beginning: Beginning
  /** As it was when this attempt began; `tables` grows with what it commits. */
  readonly ledger: Pick<Ledger, 'began' | 'attempt' | 'steps'> & { readonly tables: Ledger['tables'][number][] }
  /** Rows that earlier attempts had committed. */
  readonly rowsBefore: number
  /** The context's own first. */
  readonly sessions: readonly Session[]
}

/**
 * One transaction of the run: begun, kept from others, committed. Throws what `work` throws, after ROLLBACK. Where the answer to COMMIT is lost the ledger
 * knows what became of it, since it was written in the same transaction.
 */
export async function inStep<Result>(
  run: Pick<Run, 'context' | 'ledger'>,
  session: Session,
  work: () => Promise<Result>,
): Promise<Result> {
  const { options, signal } = run.context
  await beginStep(session, { lockTimeoutMs: options.lockTimeoutMs })
  try {
    await holdAttempt(session, run.ledger.attempt)
    const result = await work()
    signal?.throwIfAborted()
    await commitStep(session)
    return result
  } catch (error) {
    await rollback(session)
    throw error
  }
}

/** What has arrived of each table, unverified. */
export function outcomesOf({ beginning: { plan }, ledger }: Run): TableOutcome[] {
  return plan.tables.map((table, place) => {
    const { rows, bytes, ms, changed } = ledger.tables[place]!
    return {
      plan: table,
      read: rows,
      written: rows,
      rejected: 0,
      kept: 0,
      bytes,
      loadMs: ms,
      changed,
      rejectedKeys: [],
      verdict: null,
    }
  })
}
