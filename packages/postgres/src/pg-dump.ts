import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { PostgresAddress } from '@rowferry/connect'
import type { TableName } from '@rowferry/introspect'
import { withoutSecret } from './error.ts'
import { quoteTable } from './quote.ts'
import { PostgresError } from './session.ts'

const run = promisify(execFile)

/** What the program says of its version, `pg_dump (PostgreSQL) 18.1`; null where there is none. */
export async function pgDumpVersion(): Promise<string | null> {
  try {
    return (await run('pg_dump', ['--version'])).stdout.trim()
  } catch {
    return null
  }
}

/**
 * Has the program pg_dump write the tables' rows into a new file that only this user may read, in pg_restore's own format. It connects by itself, so that nothing
 * may hold the tables in ACCESS EXCLUSIVE mode. The password goes through its environment, which others cannot see, not among its arguments.
 *
 * @throws PostgresError `BACKUP_FAILED`, in the program's words; then the file is removed.
 */
export async function dumpRows(
  address: PostgresAddress,
  tables: readonly TableName[],
  file: string,
  signal?: AbortSignal,
): Promise<void> {
  const patterns = tables.map((table) => `--table=${quoteTable(table)}`)
  const argv = ['--format=custom', '--data-only', '--no-password', `--file=${file}`, ...patterns]
  try {
    // The program would make it readable for others
    await writeFile(file, '', { flag: 'wx', mode: 0o600 })
    await run('pg_dump', argv, { env: environmentFor(address), ...(signal ? { signal } : {}) })
  } catch (error) {
    await rm(file, { force: true })
    const { stderr = '', message = '' } = error as { stderr?: string; message?: string }
    const words = (stderr.trim() || message).split('\n').slice(0, 3).join('; ')
    throw new PostgresError(
      'BACKUP_FAILED',
      `pg_dump could not keep the rows: ${withoutSecret(words, { label: address.label, secret: address.password })}`,
      { remedy: 'Nothing was destroyed. Use a pg_dump that is not older than the server, or --backup schema.' },
    )
  }
}

/** This process's own, but of libpq's variables (https://www.postgresql.org/docs/current/libpq-envars.html) only those that say what the address says. */
function environmentFor(address: PostgresAddress): Record<string, string | undefined> {
  const { user, password, database, ssl, options, connectTimeoutMs } = address
  const places = [address, ...(address.others ?? [])]
  const ours = Object.entries(process.env).filter(([name]) => !name.startsWith('PG'))
  return {
    ...Object.fromEntries(ours),
    PGHOST: places.map(({ host }) => host).join(','),
    PGPORT: places.map(({ port }) => port).join(','),
    PGUSER: user,
    PGDATABASE: database,
    PGSSLMODE: ssl.mode,
    PGAPPNAME: 'rowferry backup',
    PGCONNECT_TIMEOUT: String(Math.ceil(connectTimeoutMs / 1000)),
    ...(password !== null && { PGPASSWORD: password }),
    ...(ssl.rootCertificate !== null && { PGSSLROOTCERT: ssl.rootCertificate }),
    ...(ssl.client && { PGSSLCERT: ssl.client.certificate, PGSSLKEY: ssl.client.key }),
    ...(address.channelBinding && { PGCHANNELBINDING: address.channelBinding }),
    ...(address.sessionAttributes && { PGTARGETSESSIONATTRS: address.sessionAttributes }),
    ...(options !== null && { PGOPTIONS: options }),
  }
}
