import type { TableName } from '@rowferry/introspect'
import { readJson } from '../read-json.ts'
import type { Session } from '../session.ts'
import { tableParameters, wantedTables, withoutSearchPath } from './rebuild.ts'

export interface IndexFacts {
  readonly schema: string
  readonly table: string
  readonly name: string
  readonly definition: string
  readonly unique: boolean
  readonly valid: boolean
  readonly partition: boolean
  readonly partitioned: boolean
  readonly owned: boolean
  readonly mayCreate: boolean
  readonly tablespace: string | null
  readonly mayUseTablespace: boolean
  readonly clustered: boolean
  /** It is what names a row to subscribers: by REPLICA IDENTITY USING INDEX, or as the primary key by default. */
  readonly identifies: 'by index' | 'by default' | null
  readonly published: boolean
  readonly comment: string | null
  readonly statistics: readonly { readonly position: number; readonly target: number }[]
  readonly constraint: ConstraintFacts | null
  /** Other objects that depend on the index or its constraint, as PostgreSQL describes them. */
  readonly dependents: readonly string[]
  readonly extensions: readonly string[]
  readonly unstable: readonly string[]
}

export interface ConstraintFacts {
  readonly name: string
  readonly type: 'p' | 'u' | 'x'
  readonly definition: string
  readonly deferrable: boolean
  readonly deferred: boolean
  readonly comment: string | null
  readonly inherited: boolean
  readonly period: boolean
  /** The trigger behind a deferrable constraint was switched off or to ALWAYS or REPLICA. */
  readonly altered: boolean
}

/** Every index of the tables, oldest first. */
export async function readIndexFacts(session: Session, tables: readonly TableName[]): Promise<IndexFacts[]> {
  return withoutSearchPath(session, () => readJson<IndexFacts>(session, indexFacts, tableParameters(tables)))
}

const indexFacts = `
  select n.nspname as schema, t.relname as table, c.relname as name, pg_get_indexdef(c.oid) as definition, i.indisunique as unique,
         i.indisvalid and i.indisready and i.indislive as valid, c.relispartition as partition, c.relkind = 'I' as partitioned,
         pg_has_role(t.relowner, 'USAGE') as owned, has_schema_privilege(n.oid, 'CREATE') as "mayCreate",
         s.spcname as tablespace, coalesce(has_tablespace_privilege(s.oid, 'CREATE'), true) as "mayUseTablespace",
         i.indisclustered as clustered,
         case when i.indisreplident then 'by index' when i.indisprimary and t.relreplident = 'd' then 'by default' end as identifies,
         exists (select from pg_publication_tables p where p.schemaname = n.nspname and p.tablename = t.relname) as published,
         obj_description(c.oid, 'pg_class') as comment,
         coalesce((select json_agg(json_build_object('position', a.attnum, 'target', a.attstattarget) order by a.attnum)
            from pg_attribute a where a.attrelid = c.oid and a.attstattarget >= 0), '[]') as statistics,
         case when con.oid is not null then json_build_object(
           'name', con.conname, 'type', con.contype, 'definition', pg_get_constraintdef(con.oid),
           'deferrable', con.condeferrable, 'deferred', con.condeferred, 'comment', obj_description(con.oid, 'pg_constraint'),
           'inherited', con.conparentid <> 0 or con.coninhcount > 0,
           'period', coalesce((to_jsonb(con) ->> 'conperiod')::boolean, false),
           'altered', exists (select from pg_trigger g where g.tgconstraint = con.oid and g.tgenabled <> 'O')) end as constraint,
         coalesce((select json_agg(pg_describe_object(d.classid, d.objid, d.objsubid) order by d.classid, d.objid)
            from pg_depend d
           where ((d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid) or (d.refclassid = 'pg_constraint'::regclass and d.refobjid = con.oid))
             and not (d.classid = 'pg_class'::regclass and d.objid = c.oid)
             and not (d.classid = 'pg_trigger'::regclass and d.deptype = 'i' and d.refobjid = con.oid)), '[]') as dependents,
         coalesce((select json_agg(e.extname order by e.extname) from pg_depend d join pg_extension e on e.oid = d.refobjid
           where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_extension'::regclass), '[]') as extensions,
         coalesce((select json_agg(f.oid::regprocedure::text order by f.oid) from pg_depend d join pg_proc f on f.oid = d.refobjid
           where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_proc'::regclass and f.provolatile <> 'i'), '[]') as unstable
    from ${wantedTables}
    join pg_namespace n on n.nspname = wanted.schema
    join pg_class t on t.relnamespace = n.oid and t.relname = wanted.name
    join pg_index i on i.indrelid = t.oid
    join pg_class c on c.oid = i.indexrelid
    left join pg_tablespace s on s.oid = c.reltablespace
    left join pg_constraint con on con.conindid = c.oid and con.contype in ('p', 'u', 'x')
   order by c.oid`
