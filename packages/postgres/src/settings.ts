import type { Session, SessionParameters } from './session.ts'

/**
 * What every session and every crossing is pinned to, so that neither the role's nor the database's settings change what a value means,
 * which object a name without a schema finds (PostgreSQL's own and no other, as in pg_dump), or when a statement is cut short (https://www.postgresql.org/docs/current/runtime-config-client.html).
 * `jit`, since questions about hundreds of tables in one statement would each be compiled, which takes many times what answering takes.
 * Not among them, because they change what is stored: `lc_monetary`, and whatever a table's own functions read.
 */
export const pinnedSettings: Readonly<Record<string, string>> = {
  array_nulls: 'on',
  bytea_output: 'hex',
  client_encoding: 'UTF8',
  client_min_messages: 'warning',
  datestyle: 'ISO, MDY',
  default_tablespace: '',
  default_transaction_deferrable: 'off',
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  extra_float_digits: '1',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  intervalstyle: 'postgres',
  jit: 'off',
  lock_timeout: '0',
  quote_all_identifiers: 'off',
  row_security: 'off',
  search_path: '',
  session_replication_role: 'origin',
  standard_conforming_strings: 'on',
  statement_timeout: '0',
  synchronize_seqscans: 'off',
  timezone: 'UTC',
  transaction_timeout: '0',
  transform_null_equals: 'off',
  xmloption: 'content',
}

/**
 * Sets what the server knows and has otherwise, in one round trip: an unknown name would abort the transaction, and one that is right already
 * must not be refused for want of a right. `synchronous_commit` is only raised from off, since a server may ask for more than `on`.
 */
export function applySettings(
  session: Pick<Session, 'query' | 'server'>,
  scope: 'session' | 'transaction',
  more: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const { compression } = session.server
  const chosen = compression === null ? {} : { default_toast_compression: compression }
  const settings = Object.entries({ ...pinnedSettings, ...chosen, ...more })
  const parameters: SessionParameters = [
    settings.map(([name]) => name),
    settings.map(([, value]) => value),
    scope === 'transaction',
  ]
  return session.query(statement, parameters)
}

const statement = `
select set_config(s.name, wanted.value, $3::boolean)
from pg_catalog.pg_settings s
join (
  select * from unnest($1::text[], $2::text[]) as given(name, value)
  union all
  select 'synchronous_commit', 'on'
  from pg_catalog.pg_settings
  where name = 'synchronous_commit' and setting = 'off'
) as wanted on lower(s.name) = wanted.name
where s.setting is distinct from wanted.value`
