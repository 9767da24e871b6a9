import type { TableName } from '@rowferry/introspect'
import { quoteLiteral } from '../quote.ts'
import type { Session } from '../session.ts'

/** What is taken away for a load and comes back exactly as it was. Plain JSON: it can be written down before anything is dropped. */
export interface Rebuild {
  /** In the order in which they come back; they go in the reverse order. */
  readonly drops: readonly Drop[]
  readonly kept: readonly Kept[]
}

export interface Drop {
  readonly table: TableName
  /** `index users_email_idx`, for a person. */
  readonly object: string
  readonly statement: string
  /** One statement each, in order. */
  readonly restores: readonly string[]
}

export interface Kept {
  readonly table: TableName
  readonly object: string
  /** Why it stays, as the end of a sentence. */
  readonly why: string
}

/** Drops what the plan says, never with CASCADE: a dependent that came since is an error. Inside the crossing's transaction, under its locks. */
export async function dropForLoad(session: Session, rebuild: Rebuild): Promise<void> {
  for (const drop of rebuild.drops.toReversed()) await session.query(drop.statement)
}

/** Puts everything back. Needs the same transaction, `SET CONSTRAINTS ALL IMMEDIATE` before it, and ANALYZE after it: statistics of expression indexes went with them. */
export async function restoreAfterLoad(session: Session, rebuild: Rebuild): Promise<void> {
  if (rebuild.drops.length === 0) return
  const [before] = await session.query(`select current_setting('default_tablespace') as name`)
  await session.query(inTablespace(null))
  for (const { restores } of rebuild.drops) {
    for (const restore of restores) await session.query(restore)
  }
  await session.query(inTablespace(before?.['name'] ?? null))
}

/** A foreign key's `object`. */
export function foreignKeyObject(name: string): string {
  return `foreign key ${name}`
}

/** No definition that PostgreSQL prints names the tablespace: like pg_dump, say it beforehand. Null: the database's own. */
export function inTablespace(name: string | null): string {
  return `SET LOCAL default_tablespace = ${quoteLiteral(name ?? '')}`
}

/** Definitions are only safe to replay when every name in them is qualified, which PostgreSQL does for what is not on the search path. */
export async function withoutSearchPath<Answer>(session: Session, read: () => Promise<Answer>): Promise<Answer> {
  const [before] = await session.query(
    `select current_setting('search_path') as path, set_config('search_path', '', true)`,
  )
  const answer = await read()
  await session.query(`select set_config('search_path', $1, true)`, [before?.['path'] ?? ''])
  return answer
}

/** A query's `wanted (schema, name)`, and the two parameters it takes. */
export const wantedTables = 'unnest($1::text[], $2::text[]) as wanted (schema, name)'

export function tableParameters(tables: readonly TableName[]): [string[], string[]] {
  return [tables.map((table) => table.schema), tables.map((table) => table.name)]
}
