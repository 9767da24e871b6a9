import type { TableName } from '@rowferry/introspect'
import { quoteTable } from '../quote.ts'
import { PostgresError, type Session } from '../session.ts'

export type TableLock = 'access exclusive' | 'share row exclusive' | 'row exclusive'

/** Which locks of others stand in the way (https://www.postgresql.org/docs/current/explicit-locking.html, table 13.2). */
const conflicts: Readonly<Record<TableLock, readonly string[]>> = {
  'row exclusive': ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'],
  'share row exclusive': [
    'RowExclusiveLock',
    'ShareUpdateExclusiveLock',
    'ShareLock',
    'ShareRowExclusiveLock',
    'ExclusiveLock',
    'AccessExclusiveLock',
  ],
  'access exclusive': [
    'AccessShareLock',
    'RowShareLock',
    'RowExclusiveLock',
    'ShareUpdateExclusiveLock',
    'ShareLock',
    'ShareRowExclusiveLock',
    'ExclusiveLock',
    'AccessExclusiveLock',
  ],
}

/**
 * Locks the tables (and their partitions and children) in the order of their oids, in one statement, so that two who do the same never wait for each other.
 *
 * @throws PostgresError `LOCK_TIMEOUT` when the crossing's lock timeout runs out, naming who holds what; the transaction has failed then.
 */
export async function lockTables(
  session: Session,
  tables: readonly { readonly name: TableName; readonly oid: number }[],
  mode: TableLock,
): Promise<void> {
  if (tables.length === 0) return
  const inOrder = tables.toSorted((a, b) => a.oid - b.oid)
  try {
    await session.execute(`lock table ${inOrder.map(({ name }) => quoteTable(name)).join(', ')} in ${mode} mode`)
  } catch (error) {
    if (error instanceof PostgresError && error.code === '55P03') throw await timedOut(session, inOrder, mode)
    throw error
  }
}

/**
 * Does the work with a lock timeout (0 for ever) on the whole session, for statements that are part of no crossing: even a SELECT waits for a table
 * that somebody else has locked in ACCESS EXCLUSIVE mode.
 *
 * @throws PostgresError `LOCK_TIMEOUT` instead of 55P03, naming who holds strong locks on tables of this database.
 */
export async function withLockTimeout<Result>(
  session: Session,
  lockTimeoutMs: number,
  work: () => Promise<Result>,
): Promise<Result> {
  await session.query(`select set_config('lock_timeout', $1, false)`, [String(lockTimeoutMs)])
  try {
    return await work()
  } catch (error) {
    if (error instanceof PostgresError && error.code === '55P03') throw await timedOut(session, null, 'row exclusive')
    throw error
  }
}

async function timedOut(
  session: Session,
  tables: readonly { readonly oid: number }[] | null,
  mode: TableLock,
): Promise<PostgresError> {
  const oids = tables?.map(({ oid }) => String(oid)) ?? null
  const holders = await whoHolds(session, oids, mode).catch(() => [])
  const named = holders.map(
    ({ pid, role, application, state, relation, held }) =>
      `process ${pid} (user ${role ?? 'unknown'}, ${application || 'no application name'}, ${state ?? 'state unknown'}) holds ${held} on ${relation}`,
  )
  const pids = [...new Set(holders.map(({ pid }) => pid))]
  return new PostgresError(
    'LOCK_TIMEOUT',
    `The tables are in use and could not be locked in time${named.length > 0 ? `: ${named.join('; ')}` : ''}`,
    {
      remedy:
        pids.length > 0
          ? `Stop the application while its database is moved, or end these sessions: ${pids.map((pid) => `select pg_terminate_backend(${pid});`).join(' ')}`
          : 'Nobody holds them any more: run it again, or allow a longer wait.',
    },
  )
}

/** Asked on another connection, since the transaction that waited in vain has failed. */
async function whoHolds(
  session: Session,
  oids: readonly string[] | null,
  mode: TableLock,
): Promise<Record<string, string | null>[]> {
  const other = await session.another()
  try {
    return await other.query(
      `select l.pid::text, a.usename as role, a.application_name as application, a.state, l.relation::regclass::text as relation, string_agg(l.mode, ', ' order by l.mode) as held
       from pg_locks l left join pg_stat_activity a using (pid)
       where l.locktype = 'relation' and l.granted and l.pid <> $1 and l.mode = any ($2::text[])
         and l.database = (select oid from pg_database where datname = current_database())
         and (($3::oid[] is null and l.relation in (select oid from pg_class where oid >= 16384 and relkind in ('r', 'p')))
           or l.relation = any ($3::oid[]) or l.relation in (select inhrelid from pg_inherits where inhparent = any ($3::oid[])))
       group by l.pid, a.usename, a.application_name, a.state, l.relation
       order by l.pid, l.relation`,
      [session.server.pid, conflicts[mode], oids],
    )
  } finally {
    await other.close()
  }
}
