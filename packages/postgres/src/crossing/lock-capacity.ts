import type { Session } from '../session.ts'

export interface LockCapacity {
  readonly maxLocksPerTransaction: number
  /** Every backend that may exist: connections, autovacuum, background and replication workers. */
  readonly backends: number
  /** Locks that the shared table is made for: `max_locks_per_transaction × (backends + max_prepared_transactions)`. */
  readonly capacity: number
}

/**
 * How many locks all sessions together may hold (https://www.postgresql.org/docs/current/runtime-config-locks.html). A server takes more as long as other
 * shared memory is left (PostgreSQL 15 with its defaults gave way at about four times this); only this number is promised.
 */
export async function estimateLocks(session: Pick<Session, 'query'>): Promise<LockCapacity> {
  const rows = await session.query(
    `select name, setting from pg_settings where name in ('max_locks_per_transaction', 'max_prepared_transactions',
       'max_connections', 'autovacuum_max_workers', 'autovacuum_worker_slots', 'max_worker_processes', 'max_wal_senders')`,
  )
  const settings = new Map(rows.map(({ name, setting }) => [name, Number(setting)]))
  const value = (name: string): number => settings.get(name) ?? 0
  const autovacuum = settings.get('autovacuum_worker_slots') ?? value('autovacuum_max_workers')
  // One more for the launcher of autovacuum
  const backends = value('max_connections') + autovacuum + 1 + value('max_worker_processes') + value('max_wal_senders')
  const maxLocksPerTransaction = value('max_locks_per_transaction')
  return {
    maxLocksPerTransaction,
    backends,
    capacity: maxLocksPerTransaction * (backends + value('max_prepared_transactions')),
  }
}
