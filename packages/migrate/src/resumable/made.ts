import type { Session } from '@rowferry/postgres'

/** An object of the target, as `DROP` names it. */
export interface MadeObject {
  /** `schema`, `collation`, `function`, `view` … */
  readonly type: string
  readonly identity: string
}

/**
 * What this transaction has made beside tables and what belongs to them, in the order in which it can be dropped. Under a savepoint it shows another transaction's
 * number than ours: of all that are in progress, only ours is seen.
 */
export async function readMade(session: Session): Promise<MadeObject[]> {
  const own = `case when age(xmin) <= 0 then pg_xact_status((pg_current_xact_id()::text::bigint - age(xmin))::text::xid8) = 'in progress' else false end`
  const rows = await session.query(`
    with own (rank, class, oid) as (
      select 1, 'pg_catalog.pg_class'::regclass, oid from pg_catalog.pg_class where relkind = 'v' and ${own}
      union all select 2, 'pg_catalog.pg_proc'::regclass, oid from pg_catalog.pg_proc where ${own}
      union all select 3, 'pg_catalog.pg_collation'::regclass, oid from pg_catalog.pg_collation where ${own}
      union all select 4, 'pg_catalog.pg_namespace'::regclass, oid from pg_catalog.pg_namespace where ${own}
    )
    select named.type, named.identity from own, pg_catalog.pg_identify_object(own.class, own.oid, 0) as named order by rank, oid desc`)
  return rows.map(({ type, identity }) => ({ type: type!, identity: identity! }))
}

/** Where `made` holds the schema of the ledger, it says so by itself. */
export function withoutSchema(made: readonly MadeObject[], schema: string): MadeObject[] {
  return made.filter(({ type, identity }) => !(type === 'schema' && identity === schema))
}
