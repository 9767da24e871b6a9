import type pg from 'pg'
import { PostgresError } from '../session.ts'

const probeMs = 5000

/**
 * Behind a pooler the server's process is not the one that answered the login. That is harmless while the process stays ours (session pooling). Where it is
 * handed to whoever asks next (transaction pooling), our settings would stay behind in the application's connections, so that is refused.
 * `ours` is the process that has answered so far. Found out by a second connection: it is given the process that the first one has just used.
 *
 * @throws PostgresError `TARGET_POOLED`
 */
export async function refuseSharedProcess(
  client: pg.Client,
  ours: number,
  another: (signal: AbortSignal) => Promise<pg.Client>,
  label: string,
): Promise<void> {
  const { processID } = client as pg.Client & { processID: number | null }
  if (processID === ours) return
  // A pool that has no second process to give (session pooling, one connection) would let us wait
  const signal = AbortSignal.timeout(probeMs)
  const other = await another(signal).catch(() => null)
  if (other === null) return
  const late = new Promise<null>((resolve) => signal.addEventListener('abort', () => resolve(null)))
  try {
    // Others may be quicker; three times they hardly are
    for (let attempt = 0; attempt < 3; attempt++) {
      const mine = await processOf(client)
      const theirs = await Promise.race([processOf(other).catch(() => null), late])
      if (theirs === null) return
      if (mine === theirs || mine !== ours) throw pooled(label)
    }
  } finally {
    void other.end().catch(() => {})
  }
}

async function processOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_catalog.pg_backend_pid() as pid')
  return rows[0]!.pid
}

function pooled(label: string): PostgresError {
  return new PostgresError(
    'TARGET_POOLED',
    `${label} is a connection pooler that shares its connections between transactions (such as PgBouncer with pool_mode = transaction)`,
    {
      remedy:
        'Connect to the server itself, or to the address at which the pooler keeps a connection for each session (session pooling).',
    },
  )
}
