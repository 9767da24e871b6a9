import { sql, type RawBuilder } from 'kysely'
import type { AnyDatabase } from '../database.ts'
import { IntrospectError } from '../error.ts'

/** What every query of one reading shares. */
export interface Reading {
  readonly mariadb: boolean
  /** The database's name: MySQL's word for a schema. */
  readonly schema: string
  query<Row>(statement: RawBuilder<Row>): Promise<Row[]>
}

export interface Server {
  readonly version: string
  readonly mariadb: boolean
  readonly schema: string
}

/** Throws `IntrospectError` (`MYSQL_TOO_OLD`, `MYSQL_NO_DATABASE`). */
export async function readServer(db: AnyDatabase): Promise<Server> {
  const { rows } = await sql<{ version: string; name: string | null }>`
    select version() as version, database() as name`.execute(db)
  const [row] = rows
  if (row === undefined) throw new TypeError('The handle of a MySQL catalog reader must return rows')
  const mariadb = /mariadb/i.test(row.version)
  refuseOld(row.version, mariadb)
  if (row.name === null) {
    throw new IntrospectError(
      'MYSQL_NO_DATABASE',
      'The connection has no database chosen, so that nothing says which tables are meant',
      'Name the database: mysql://user@host/database.',
    )
  }
  return { version: row.version, mariadb, schema: row.name }
}

/** `information_schema.check_constraints` came with MySQL 8.0.16; MariaDB's defaults are expressions since 10.2, its ignored indexes since 10.6. */
function refuseOld(version: string, mariadb: boolean): void {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number)
  const oldest = mariadb ? ([10, 6, 0] as const) : ([8, 0, 16] as const)
  const at = [major, minor, patch].findIndex((part, index) => part !== oldest[index])
  if (at === -1 || [major, minor, patch][at]! > oldest[at]!) return
  throw new IntrospectError(
    'MYSQL_TOO_OLD',
    `${mariadb ? 'MariaDB' : 'MySQL'} ${version} does not describe its tables well enough`,
    `Use ${mariadb ? 'MariaDB 10.6' : 'MySQL 8.0.16'} or newer, perhaps as a replica or restored from a dump.`,
  )
}

/** Rows by what one of their columns says. */
export function grouped<Row>(rows: readonly Row[], key: (row: Row) => string): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const group = groups.get(key(row))
    if (group === undefined) groups.set(key(row), [row])
    else group.push(row)
  }
  return groups
}

/** A name as MySQL reads it, whatever it holds. */
export function plainName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}
