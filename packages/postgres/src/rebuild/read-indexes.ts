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
  /** REPLICA IDENTITY USING INDEX. */
  readonly identifies: boolean
  readonly comment: string | null
  readonly statistics: readonly { readonly position: number; readonly target: number }[]
  readonly constraint: ConstraintFacts | null
  /** Other objects that depend on the index or its constraint. */
  readonly dependents: readonly Dependent[]
  /** Another unique index of the table has the same key columns. */
  readonly twin: boolean
  /** Tables inherit from its table. */
  readonly inheritedFrom: boolean
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

export interface Dependent {
  /** As PostgreSQL describes it. */
  readonly described: string
  /** Set where it is a foreign key. */
  readonly foreignKey: { readonly schema: string; readonly table: string; readonly name: string } | null
}

/** Every index of the tables, table by table; first those that are unique, which duplicates show in, then the others; oldest first. */
export async function readIndexFacts(session: Session, tables: readonly TableName[]): Promise<IndexFacts[]> {
  return withoutSearchPath(session, () => readJson<IndexFacts>(session, indexFacts, tableParameters(tables)))
}

const indexFacts = `
  select n.nspname as schema, t.relname as table, c.relname as name, pg_get_indexdef(c.oid) as definition, i.indisunique as unique,
         i.indisvalid and i.indisready and i.indislive as valid, c.relispartition as partition, c.relkind = 'I' as partitioned,
         pg_has_role(t.relowner, 'USAGE') as owned, has_schema_privilege(n.oid, 'CREATE') as "mayCreate",
         s.spcname as tablespace, coalesce(has_tablespace_privilege(s.oid, 'CREATE'), true) as "mayUseTablespace",
         i.indisclustered as clustered,
         i.indisreplident as identifies,
         i.indisunique and i.indpred is null and i.indexprs is null and exists (
           select from pg_index o where o.indrelid = t.oid and o.indexrelid <> c.oid and o.indisunique and o.indpred is null and o.indexprs is null
           and array(select k from unnest((o.indkey::int2[])[0:o.indnkeyatts - 1]) k order by k)
             = array(select k from unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) k order by k)) as twin,
         exists (select from pg_inherits h where h.inhparent = t.oid) as "inheritedFrom",
         obj_description(c.oid, 'pg_class') as comment,
         coalesce((select json_agg(json_build_object('position', a.attnum, 'target', a.attstattarget) order by a.attnum)
            from pg_attribute a where a.attrelid = c.oid and a.attstattarget >= 0), '[]') as statistics,
         case when con.oid is not null then json_build_object(
           'name', con.conname, 'type', con.contype, 'definition', pg_get_constraintdef(con.oid),
           'deferrable', con.condeferrable, 'deferred', con.condeferred, 'comment', obj_description(con.oid, 'pg_constraint'),
           'inherited', con.conparentid <> 0 or con.coninhcount > 0,
           'period', coalesce((to_jsonb(con) ->> 'conperiod')::boolean, false),
           'altered', exists (select from pg_trigger g where g.tgconstraint = con.oid and g.tgenabled <> 'O')) end as constraint,
         coalesce((select json_agg(json_build_object(
             'described', case when r.rulename = '_RETURN' then pg_describe_object('pg_class'::regclass, r.ev_class, 0)
                               else pg_describe_object(d.classid, d.objid, d.objsubid) end,
             'foreignKey', case when f.contype = 'f' then json_build_object('schema', fn.nspname, 'table', ft.relname, 'name', f.conname) end)
             order by d.classid, d.objid)
            from pg_depend d
            left join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
            left join pg_constraint f on d.classid = 'pg_constraint'::regclass and f.oid = d.objid
            left join pg_class ft on ft.oid = f.conrelid
            left join pg_namespace fn on fn.oid = ft.relnamespace
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
   order by t.oid, not i.indisunique and con.oid is null, c.oid`
