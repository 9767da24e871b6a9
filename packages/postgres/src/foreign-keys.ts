import { sameTable, type ForeignKey, type TableName } from '@rowferry/introspect'
import { antiJoin, antiJoins, type AntiJoin } from './anti-join.ts'
import { inOneGo } from './in-one-go.ts'
import { quoteIdentifier } from './quote.ts'
import type { OldOrphans } from './old-orphans.ts'
import { readJson } from './read-json.ts'
import { tableParameters, wantedTables } from './rebuild/rebuild.ts'
import type { Session } from './session.ts'

/** A foreign key by what it says; it need not exist in the target. */
export interface Reference {
  readonly table: TableName
  readonly columns: readonly string[]
  readonly references: TableName
  readonly referencedColumns: readonly string[]
  /** Default `simple`: a row with a NULL in any of the columns references nothing. */
  readonly match?: ForeignKey['match']
  /** The last column is a PERIOD (PostgreSQL 18). Default false. */
  readonly period?: boolean
}

export interface Orphans {
  readonly count: number
  /** Key columns as PostgreSQL prints them, in the order they were asked for; at most the limit. */
  readonly rows: (string | null)[][]
}

export interface ForeignKeyVerdict extends Required<Reference> {
  readonly name: string
  /** Rows that reference nothing, counted. */
  readonly orphans: number
  /** What the catalog claims: false for NOT VALID, which promises nothing about old rows, and for NOT ENFORCED. */
  readonly validated: boolean
  /** False for NOT ENFORCED (PostgreSQL 18). */
  readonly enforced: boolean
}

/** Rows of the child whose parent is not there, by an anti-join in the target: all counted but the `old` ones, the first `limit` in the order of `keyColumns` named by them. */
export async function findOrphans(
  session: Session,
  foreignKey: Reference,
  keyColumns: readonly string[],
  limit: number,
  old?: OldOrphans,
): Promise<Orphans> {
  const { child, where } = besides(old, await antiJoin(session, foreignKey))
  const [counted] = await session.query(`select count(*) as orphans from ${child} where ${where}`)
  const count = Number(counted?.['orphans'])
  if (count === 0 || limit === 0) return { count, rows: [] }
  const order =
    keyColumns.length === 0 ? 'child.ctid' : keyColumns.map((column) => `child.${quoteIdentifier(column)}`).join(', ')
  const found = await session.query(
    `select ${asText(keyColumns)} from ${child} where ${where} order by ${order} limit $1`,
    [limit],
  )
  return { count, rows: found.map((row) => inOrder(row, keyColumns)) }
}

/**
 * Takes those rows out, but not the `old` ones, and returns their keys; where the key references its own table, also the rows that lost their parent thereby.
 * Referential actions and triggers of the child fire as for any DELETE.
 */
export async function deleteOrphans(
  session: Session,
  foreignKey: Reference,
  keyColumns: readonly string[],
  old?: OldOrphans,
): Promise<(string | null)[][]> {
  const { child, where } = besides(old, await antiJoin(session, foreignKey))
  const rows: (string | null)[][] = []
  for (;;) {
    const deleted = await session.query(`delete from ${child} where ${where} returning ${asText(keyColumns)}`)
    for (const row of deleted) rows.push(inOrder(row, keyColumns))
    if (deleted.length === 0 || !sameTable(foreignKey.table, foreignKey.references)) return rows
  }
}

/**
 * Proves every foreign key of these tables by an anti-join, never by `convalidated`: that stays true when rows came in under
 * `session_replication_role = replica` or with the triggers off, and VALIDATE CONSTRAINT does not look again.
 */
export async function checkForeignKeys(session: Session, tables: readonly TableName[]): Promise<ForeignKeyVerdict[]> {
  const keys = await readJson<Omit<ForeignKeyVerdict, 'orphans'>>(session, foreignKeysOf, tableParameters(tables))
  const joins = await antiJoins(session, keys)
  const counts = await inOneGo(
    session,
    joins.map(({ child, where }) => `count(*)::text as value from ${child} where ${where}`),
  )
  return keys.map((key, at) => ({ ...key, orphans: Number(counts[at]) }))
}

function besides(old: OldOrphans | undefined, { child, where }: AntiJoin): AntiJoin {
  return { child, where: old?.others ? `${where} and ${old.others}` : where }
}

function asText(columns: readonly string[]): string {
  if (columns.length === 0) return 'null as nothing'
  return columns.map((column, at) => `child.${quoteIdentifier(column)}::text as k${at}`).join(', ')
}

function inOrder(row: Record<string, string | null>, columns: readonly string[]): (string | null)[] {
  return columns.map((_, at) => row[`k${at}`] ?? null)
}

// A key on a partitioned parent has one more entry per partition of the parent; those say nothing new
const foreignKeysOf = `
  select con.conname as name, json_build_object('schema', n.nspname, 'name', t.relname) as table,
         json_build_object('schema', pn.nspname, 'name', p.relname) as references,
         (select json_agg(a.attname order by k.at) from unnest(con.conkey) with ordinality k (attnum, at)
            join pg_catalog.pg_attribute a on a.attrelid = con.conrelid and a.attnum = k.attnum) as columns,
         (select json_agg(a.attname order by k.at) from unnest(con.confkey) with ordinality k (attnum, at)
            join pg_catalog.pg_attribute a on a.attrelid = con.confrelid and a.attnum = k.attnum) as "referencedColumns",
         case con.confmatchtype when 'f' then 'full' else 'simple' end as match,
         coalesce((to_jsonb(con) ->> 'conperiod')::boolean, false) as period, con.convalidated as validated,
         coalesce((to_jsonb(con) ->> 'conenforced')::boolean, true) as enforced
    from ${wantedTables}
    join pg_catalog.pg_namespace n on n.nspname = wanted.schema
    join pg_catalog.pg_class t on t.relnamespace = n.oid and t.relname = wanted.name
    join pg_catalog.pg_constraint con on con.conrelid = t.oid and con.contype = 'f'
    join pg_catalog.pg_class p on p.oid = con.confrelid
    join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
   where not exists (select from pg_catalog.pg_constraint above where above.oid = con.conparentid and above.conrelid = con.conrelid)
   order by con.oid`
