import { PostgresError, type Session } from '../session.ts'
import { applySettings } from '../settings.ts'
import { rollback } from './end.ts'

/** The two halves of the advisory lock that says “a crossing is under way in this database”: the ASCII of `rowferry`. */
const crossingLock = { high: 0x726f7766, low: 0x65727279 } as const

export interface CrossingOptions {
  /** How long to wait for a table's lock: 10000 ms by default, 0 for ever. While it waits, everybody else who wants the table waits behind it. */
  readonly lockTimeoutMs?: number
}

/**
 * Opens the one transaction: READ COMMITTED (each statement sees what the locks have let in), settings pinned for it alone, and an advisory lock
 * so that two crossings into one database never meet. Its `xid` is what settles a lost COMMIT.
 *
 * With `readOnly` it is one REPEATABLE READ snapshot without xid or lock, for reading a target without disturbing it.
 *
 * @throws PostgresError `TARGET_LOCKED` when another crossing holds the lock, naming it; the transaction is then rolled back.
 */
export async function beginCrossing(
  session: Session,
  options: CrossingOptions & { readonly readOnly: true },
): Promise<{ readonly xid: null }>
export async function beginCrossing(
  session: Session,
  options?: CrossingOptions & { readonly readOnly?: false },
): Promise<{ readonly xid: string }>
export async function beginCrossing(
  session: Session,
  { lockTimeoutMs = 10_000, readOnly = false }: CrossingOptions & { readonly readOnly?: boolean } = {},
): Promise<{ readonly xid: string | null }> {
  await session.execute(
    readOnly ? 'begin isolation level repeatable read read only' : 'begin isolation level read committed read write',
  )
  try {
    await applySettings(session, 'transaction', { lock_timeout: String(lockTimeoutMs) })
    if (readOnly) return { xid: null }
    const [answer] = await session.query(
      'select pg_try_advisory_xact_lock($1::int, $2::int) as locked, pg_current_xact_id()::text as xid',
      [crossingLock.high, crossingLock.low],
    )
    if (answer?.['locked'] !== 't') throw await lockedBy(session)
    return { xid: answer['xid']! }
  } catch (error) {
    await rollback(session)
    throw error
  }
}

/**
 * Opens one of many transactions of a run that has its lock already (`holdTarget`, on this session or another), with the same settings as
 * `beginCrossing`. Its `xid` is what settles a lost COMMIT, and what its rows are known by.
 */
export async function beginStep(
  session: Session,
  { lockTimeoutMs = 10_000 }: CrossingOptions = {},
): Promise<{ readonly xid: string }> {
  await session.execute('begin isolation level read committed read write')
  try {
    await applySettings(session, 'transaction', { lock_timeout: String(lockTimeoutMs) })
    const [answer] = await session.query('select pg_current_xact_id()::text as xid')
    return { xid: answer!['xid']! }
  } catch (error) {
    await rollback(session)
    throw error
  }
}

/**
 * Takes the lock of `beginCrossing` for as long as the session lives, over any number of transactions: no other crossing into this database begins meanwhile.
 *
 * @throws PostgresError `TARGET_LOCKED`, as there
 */
export async function holdTarget(session: Session): Promise<void> {
  const [answer] = await session.query('select pg_try_advisory_lock($1::int, $2::int) as locked', [
    crossingLock.high,
    crossingLock.low,
  ])
  if (answer?.['locked'] !== 't') throw await lockedBy(session)
}

/** Who has a crossing into this database under way. */
export interface TargetHolder {
  readonly pid: number
  readonly role: string | null
  readonly application: string | null
  /** When that session began, ISO 8601; null where this role may not see it. */
  readonly since: string | null
}

/** Null when nobody holds the target. */
export async function readTargetHolder(session: Session): Promise<TargetHolder | null> {
  const [holder] = await session.query(
    `select l.pid::text, a.usename as role, nullif(a.application_name, '') as application,
            to_char(a.backend_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since
     from pg_locks l left join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.granted and l.classid = $1::oid and l.objid = $2::oid and l.objsubid = 2
       and l.database = (select oid from pg_database where datname = current_database())`,
    [crossingLock.high, crossingLock.low],
  )
  if (!holder) return null
  const { role = null, application = null, since = null } = holder
  return { pid: Number(holder['pid']), role, application, since }
}

async function lockedBy(session: Session): Promise<PostgresError> {
  const holder = await readTargetHolder(session)
  const who = holder
    ? `process ${holder.pid} (user ${holder.role ?? 'unknown'}, ${holder.application ?? 'no application name'}), since ${holder.since ?? 'a time that this role may not see'}`
    : 'another session'
  return new PostgresError('TARGET_LOCKED', `Another crossing into ${session.server.database} is under way: ${who}`, {
    remedy: holder
      ? `Wait until it has ended. If nobody needs it: select pg_terminate_backend(${holder.pid});`
      : 'It seems to have ended just now: run it again.',
  })
}
