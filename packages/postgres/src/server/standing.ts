import type pg from 'pg'
import { isFromServer } from '../error.ts'
import { PostgresError, type ServerFacts } from '../session.ts'
import type { Standing } from './stall.ts'

type Connect = (signal: AbortSignal) => Promise<pg.Client>

/** How long the other connection may take altogether. */
const askMs = 10_000

/** What the server does for the session with these facts, asked on a connection of its own. A pooler may have none to give, so that its silence says nothing. */
export function standingOf(server: ServerFacts, pooled: boolean, another: Connect): Promise<Standing> {
  return onAnother<Standing>(
    another,
    async (client) => {
      const { rows } = await client.query<{ standing: string; far: string }>(
        `select case when state = 'active' and wait_event_type is distinct from 'Client' then 'working' else 'waits' end as standing,
           concat_ws(' ', state, wait_event, state_change, ${server.version < 140_000 ? 'null' : copied}) as far
         from pg_catalog.pg_stat_activity a where pid = $1 and backend_start::text = $2`,
        [server.pid, server.backendStart],
      )
      const [found] = rows
      if (!found) return 'gone'
      return found.standing === 'working' ? 'working' : { waitsForUs: found.far }
    },
    // No connection left, or none for this role: the server is there
    (error) => (pooled || codeOf(error).startsWith('53') ? 'unknown' : 'gone'),
  )
}

/** Ends our process on the server, which would hold its locks until it missed us. */
export function endProcess(server: ServerFacts, another: Connect): Promise<void> {
  return onAnother(
    another,
    async (client) =>
      void (await client.query(
        'select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where pid = $1 and backend_start::text = $2',
        [server.pid, server.backendStart],
      )),
    () => {},
  )
}

const copied = '(select bytes_processed from pg_catalog.pg_stat_progress_copy c where c.pid = a.pid limit 1)'

async function onAnother<Result>(
  another: Connect,
  work: (client: pg.Client) => Promise<Result>,
  otherwise: (error: unknown) => Result,
): Promise<Result> {
  const signal = AbortSignal.timeout(askMs)
  let client: pg.Client | null = null
  try {
    client = await another(signal)
    const late = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    return await Promise.race([work(client), late])
  } catch (error) {
    return otherwise(error)
  } finally {
    void client?.end().catch(() => {})
  }
}

function codeOf(error: unknown): string {
  return error instanceof PostgresError || isFromServer(error) ? error.code : ''
}
