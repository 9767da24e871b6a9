import type { PostgresAddress } from './address.ts'
import { parseDatabase, type ParseOptions } from './parse-database.ts'

/**
 * The PostgreSQL database that an application's environment names: `DATABASE_URL`, or when that is blank or names another kind of database,
 * POSTGRES_HOST, POSTGRES_PORT, POSTGRES_DB, POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_SSLMODE, of which the host or the database must be there.
 * PG* variables fill what these leave out. Null when nothing is named. Throws `ConnectError` for a `DATABASE_URL` that names nothing.
 */
export function databaseFromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  options: Omit<ParseOptions, 'env'> = {},
): PostgresAddress | null {
  const get = (name: string): string | null => env[name]?.trim() || null
  const url = get('DATABASE_URL')
  const named = url === null ? null : parseDatabase(url, { ...options, env })
  if (named?.kind === 'postgres') return named
  const host = get('POSTGRES_HOST')
  const database = get('POSTGRES_DB')
  if (host === null && database === null) return null
  const parts = {
    PGHOST: host,
    PGPORT: get('POSTGRES_PORT'),
    PGDATABASE: database,
    PGUSER: get('POSTGRES_USER'),
    // A password may begin or end with blanks
    PGPASSWORD: env['POSTGRES_PASSWORD'] || null,
    PGSSLMODE: get('POSTGRES_SSLMODE'),
  }
  const given = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== null)) as Record<
    string,
    string
  >
  const address = parseDatabase('postgres://', { ...options, env: { ...env, PGSERVICE: undefined, ...given } })
  return address.kind === 'postgres' ? address : null
}
