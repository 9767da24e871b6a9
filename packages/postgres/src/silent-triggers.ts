import type { TableName } from '@rowferry/introspect'
import { readJson } from './read-json.ts'
import { tableParameters, wantedTables } from './rebuild/rebuild.ts'
import type { Session } from './session.ts'

/** A constraint that the catalog calls valid and nobody enforces: its triggers were switched off (`DISABLE TRIGGER ALL`). */
export interface SilentConstraint {
  readonly table: TableName
  readonly constraint: string
}

/** Constraints of these tables, or by which others refer to them, with a trigger of PostgreSQL's own that does not fire as it should. */
export function findSilentConstraints(session: Session, tables: readonly TableName[]): Promise<SilentConstraint[]> {
  return readJson<SilentConstraint>(
    session,
    `select distinct json_build_object('schema', cn.nspname, 'name', cc.relname)::jsonb as table, con.conname as constraint
       from ${wantedTables}
       join pg_catalog.pg_namespace n on n.nspname = wanted.schema
       join pg_catalog.pg_class t on t.relnamespace = n.oid and t.relname = wanted.name
       join pg_catalog.pg_trigger g on g.tgrelid = t.oid and g.tgisinternal and g.tgenabled in ('D', 'R')
       join pg_catalog.pg_constraint con on con.oid = g.tgconstraint
       join pg_catalog.pg_class cc on cc.oid = con.conrelid
       join pg_catalog.pg_namespace cn on cn.oid = cc.relnamespace`,
    tableParameters(tables),
  )
}
