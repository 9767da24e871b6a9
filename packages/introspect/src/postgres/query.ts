import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { TableName } from '../catalog.ts'
import type { AnyDatabase } from '../database.ts'

/** What every query of one reading shares. All values are asked for as text, whatever parsers the caller's connection has. */
export interface Reading {
  readonly version: number
  readonly scope: Scope
  query<Row>(statement: RawBuilder<Row>): Promise<Row[]>
}

export type Scope = { readonly schemas: readonly string[] } | { readonly tables: readonly TableName[] }

export type Bool = 'true' | 'false'

/** What decides how PostgreSQL prints expressions and constants: pinned, so that the same schema is the same text in every session. */
const printing = [
  ['search_path', ''],
  ['quote_all_identifiers', 'off'],
  ['DateStyle', 'ISO, YMD'],
  ['IntervalStyle', 'postgres'],
  ['TimeZone', 'UTC'],
  ['bytea_output', 'hex'],
  ['extra_float_digits', '1'],
] as const

/**
 * A condition for every WHERE: PostgreSQL computes the sublink once and before it returns a row. The settings are local to the statement,
 * or to the transaction around it, from which `restorePrinting` takes them back; nothing is begun, committed or left behind.
 */
export const pinned: RawBuilder<SqlBool> = sql`(select ${sql.join(
  printing.map(([name, value]) => sql`set_config(${sql.lit(name)}, ${sql.lit(value)}, true)`),
  sql` || `,
)}) is not null`

export interface Server {
  readonly version: number
  readonly versionText: string
  readonly settings: string
}

export async function readServer(db: AnyDatabase): Promise<Server> {
  const names = sql.join(printing.map(([name]) => sql`${sql.lit(name)}, current_setting(${sql.lit(name)})`))
  const { rows } = await sql<{ version: string; text: string; settings: string }>`
    select current_setting('server_version_num') as version, current_setting('server_version') as text,
      json_build_object(${names})::text as settings`.execute(db)
  const [row] = rows
  if (row === undefined) throw new TypeError('The handle of a PostgreSQL catalog reader must return rows')
  return { version: Number(row.version), versionText: row.text, settings: row.settings }
}

export async function restorePrinting(db: AnyDatabase, settings: string): Promise<void> {
  await sql`select set_config(key, value, true) from json_each_text(${settings}::text::json)`.execute(db)
}

/** Is this schema-qualified name asked for, and neither the system's nor an extension's? `catalog` is where its oid lives. */
export function inScope(
  scope: Scope,
  catalog: 'pg_class' | 'pg_type',
  oid: string,
  schema: string,
  name: string,
): RawBuilder<SqlBool> {
  const [schemaRef, nameRef] = [sql.ref(schema), sql.ref(name)]
  const named =
    'tables' in scope
      ? sql`(${schemaRef}::text, ${nameRef}::text) in (select t ->> 'schema', t ->> 'name' from json_array_elements(${JSON.stringify(scope.tables)}::text::json) t)`
      : sql`${schemaRef}::text in (select json_array_elements_text(${JSON.stringify(scope.schemas)}::text::json))`
  return sql`(${named} and ${schemaRef} !~ '^pg_' and ${schemaRef} <> 'information_schema' and not exists (
    select from pg_depend e where e.classid = ${sql.lit(catalog)}::regclass and e.objid = ${sql.ref(oid)} and e.deptype = 'e'))`
}

/** `in` over oids that a former query found. */
export function among(column: string, oids: readonly string[]): RawBuilder<SqlBool> {
  return sql`${sql.ref(column)} in (select unnest(${`{${oids.join(',')}}`}::text::oid[]))`
}

/** A collation's name, with its schema where that is not the system's. */
export const collationName = sql`case when cn.nspname = 'pg_catalog' then co.collname else cn.nspname || '.' || co.collname end`
