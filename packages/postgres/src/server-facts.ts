import { PostgresError, type ServerFacts } from './session.ts'

/** `pg_current_xact_id()` came with 13, and a lost COMMIT cannot be settled without it. */
const oldest = 130_000

/** Who answers; anything older than PostgreSQL 13 (or only pretending to be PostgreSQL) is refused with `TARGET_UNSUPPORTED`. */
export async function readServerFacts(
  query: (sql: string) => Promise<{ rows: Record<string, unknown>[] }>,
): Promise<ServerFacts> {
  const { rows } = await query(`
    select current_setting('server_version_num')::int as version, current_setting('server_version') as version_text,
      current_database()::text as database, current_user::text as role,
      current_setting('is_superuser') = 'on' as superuser, pg_catalog.pg_backend_pid() as pid,
      (select case when 'lz4' = any (enumvals) then 'lz4' else setting end from pg_catalog.pg_settings where name = 'default_toast_compression') as compression,
      pg_catalog.pg_postmaster_start_time()::text as server_start,
      (select backend_start::text from pg_catalog.pg_stat_activity where pid = pg_catalog.pg_backend_pid()) as backend_start`)
  const facts = rows[0]!
  const versionText = String(facts['version_text'])
  const version = Number(facts['version'])
  if (version < oldest) {
    throw new PostgresError('TARGET_UNSUPPORTED', `The server says that it is PostgreSQL ${versionText}`, {
      remedy: 'Use PostgreSQL 13 or later.',
    })
  }
  return {
    version,
    versionText,
    database: String(facts['database']),
    user: String(facts['role']),
    superuser: facts['superuser'] === true,
    pid: Number(facts['pid']),
    compression: facts['compression'] as string | null,
    backendStart: String(facts['backend_start']),
    serverStart: String(facts['server_start']),
  }
}
