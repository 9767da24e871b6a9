import type { TableName } from '@rowferry/introspect'
import { baseType } from './base-type.ts'
import { readJson } from './read-json.ts'
import { tableParameters } from './rebuild/rebuild.ts'
import type { Session } from './session.ts'

export interface RowColumn {
  readonly name: string
  /** As `format_type` prints it, with its modifier. */
  readonly type: string
  /** Quoted, where it is not the type's own; else null. */
  readonly collation: string | null
  /** What the server computes or fills in where no value is given; null for none. */
  readonly generated: string | null
  readonly default: string | null
  /** The function that an assignment runs to fit a value to the column's modifier: its name, quoted, the modifier, and whether it is told that nobody asked for a cast. */
  readonly fit: { readonly name: string; readonly modifier: number; readonly told: boolean } | null
  /** CHECKs of the column's domain and of those below it, as `pg_get_constraintdef` gives them. */
  readonly domainChecks: readonly { readonly domain: string; readonly definition: string }[]
}

/** A UNIQUE, a primary key, a unique index, or an EXCLUDE constraint: no two rows for which all operators hold. */
export interface RowKey {
  readonly name: string
  /** Columns where all keys are plain columns, else null. */
  readonly columns: readonly string[] | null
  readonly keys: readonly {
    readonly expression: string
    readonly operator: string | null
    readonly collation: string | null
  }[]
  readonly where: string | null
  readonly nullsNotDistinct: boolean
  readonly primary: boolean
  readonly exclusion: boolean
}

export interface RowReference {
  readonly name: string
  readonly columns: readonly string[]
  readonly references: TableName
  readonly referencedColumns: readonly string[]
  readonly match: 'simple' | 'full'
  readonly period: boolean
}

/** What a table asks of each row, in the server's own words: expressions name its columns without their table. */
export interface RowRules {
  readonly columns: readonly RowColumn[]
  readonly checks: readonly {
    readonly name: string
    readonly expression: string
    readonly columns: readonly string[]
  }[]
  /** True for rows that some partition takes; null where there is none. */
  readonly partitions: string | null
  readonly keys: readonly RowKey[]
  readonly references: readonly RowReference[]
}

/** Reads what each table asks of its rows, in their order; null for one that is not there. Needs no right on the tables. */
export async function readRowRules(session: Session, tables: readonly TableName[]): Promise<(RowRules | null)[]> {
  const found = new Map<number, RowRules>()
  for (let from = 0; from < tables.length; from += atOnce) {
    const some = tables.slice(from, from + atOnce)
    for (const { place, ...rules } of await readJson<RowRules & { place: number }>(
      session,
      statement,
      tableParameters(some),
    ))
      found.set(from + place, rules)
  }
  return tables.map((_, at) => found.get(at + 1) ?? null)
}

/** Bounds the answer, which is one text. */
const atOnce = 500

/** Qualified and quoted, whatever the search path is. */
const named = (schema: string, name: string) =>
  `pg_catalog.quote_ident(${schema}) || '.' || pg_catalog.quote_ident(${name})`
const list = (select: string) => `coalesce((select json_agg(to_json(one)) from (${select}) one), '[]')`

/** All domains from a column's type down to what it is made of. */
const domains = `with recursive d as (
    select t.* from pg_catalog.pg_type t where t.oid = a.atttypid and t.typtype = 'd'
    union all
    select t.* from d join pg_catalog.pg_type t on t.oid = d.typbasetype where t.typtype = 'd')`

const columns = list(`
  select a.attname as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
         (select ${named('cn.nspname', 'co.collname')} from pg_catalog.pg_collation co join pg_catalog.pg_namespace cn on cn.oid = co.collnamespace
           where co.oid = a.attcollation and co.oid <> 100) as collation,
         case when a.attgenerated <> '' then pg_catalog.pg_get_expr(def.adbin, def.adrelid) end as generated,
         case when a.attgenerated = '' then pg_catalog.pg_get_expr(def.adbin, def.adrelid) end as default,
         (select json_build_object('name', ${named('fn.nspname', 'f.proname')}, 'modifier', m.modifier, 'told', f.pronargs = 3)
            from (select case when a.atttypmod <> -1 then a.atttypmod else (${domains} select d.typtypmod from d where d.typtypmod <> -1 limit 1) end as modifier) m
            join pg_catalog.pg_cast c on c.castsource = ${baseType('a.atttypid')} and c.casttarget = c.castsource
            join pg_catalog.pg_proc f on f.oid = c.castfunc join pg_catalog.pg_namespace fn on fn.oid = f.pronamespace
           where m.modifier is not null and m.modifier <> -1 and f.pronargs in (2, 3)) as fit,
         ${list(`${domains} select pg_catalog.format_type(d.oid, null) as domain, pg_catalog.pg_get_constraintdef(con.oid) as definition
            from d join pg_catalog.pg_constraint con on con.contypid = d.oid and con.contype = 'c'`)} as "domainChecks"
    from pg_catalog.pg_attribute a left join pg_catalog.pg_attrdef def on def.adrelid = a.attrelid and def.adnum = a.attnum
   where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped order by a.attnum`)

const checks = list(`
  select con.conname as name, pg_catalog.pg_get_expr(con.conbin, con.conrelid) as expression,
         coalesce((select json_agg(a.attname) from pg_catalog.pg_attribute a where a.attrelid = t.oid and a.attnum = any (con.conkey)), '[]') as columns
    from pg_catalog.pg_constraint con
   where con.conrelid = t.oid and con.contype = 'c' and coalesce((to_jsonb(con) ->> 'conenforced')::boolean, true) order by con.conname`)

// A leaf's constraint says its parents' too. A partitioned table without a leaf takes no row at all
const partitions = `case when t.relkind = 'p' then coalesce((
    with recursive leaf as (
      select inhrelid as oid from pg_catalog.pg_inherits where inhparent = t.oid
      union all
      select i.inhrelid from leaf join pg_catalog.pg_inherits i on i.inhparent = leaf.oid)
    select case when bool_or(leaf.bound is null) then null else string_agg('(' || leaf.bound || ')', ' or ') end
      from (select pg_catalog.pg_get_partition_constraintdef(leaf.oid) as bound from leaf join pg_catalog.pg_class c on c.oid = leaf.oid where c.relkind <> 'p') leaf
    having count(*) > 0), case when exists (select from pg_catalog.pg_inherits where inhparent = t.oid) then null else 'false' end)
  when t.relispartition then pg_catalog.pg_get_partition_constraintdef(t.oid) end`

// The operator of a key is its operator class's own equality, or the exclusion's
const keys = list(`
  select ic.relname as name, i.indisprimary as primary, coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) as "nullsNotDistinct",
         i.indisexclusion as exclusion, pg_catalog.pg_get_expr(i.indpred, i.indrelid) as where,
         (select case when bool_and(k.attnum <> 0) then json_agg(a.attname order by k.at) end
            from unnest(i.indkey::int2[]) with ordinality k (attnum, at) left join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum
           where k.at <= i.indnkeyatts) as columns,
         (select json_agg(json_build_object('expression', pg_catalog.pg_get_indexdef(i.indexrelid, k.at, false),
                   'operator', (select 'operator(' || pg_catalog.quote_ident(opn.nspname) || '.' || op.oprname || ')'
                      from pg_catalog.pg_operator op join pg_catalog.pg_namespace opn on opn.oid = op.oprnamespace
                     where op.oid = coalesce(con.conexclop[k.at], (select am.amopopr from pg_catalog.pg_opclass oc
                           join pg_catalog.pg_amop am on am.amopfamily = oc.opcfamily and am.amopstrategy = 3 and am.amoplefttype = oc.opcintype and am.amoprighttype = oc.opcintype
                          where oc.oid = (i.indclass::oid[])[k.at - 1]))),
                   'collation', (select ${named('cn.nspname', 'co.collname')} from pg_catalog.pg_collation co join pg_catalog.pg_namespace cn on cn.oid = co.collnamespace
                      where co.oid = (i.indcollation::oid[])[k.at - 1] and co.oid <> 100)) order by k.at)
            from generate_series(1, i.indnkeyatts) as k (at)) as keys
    from pg_catalog.pg_index i join pg_catalog.pg_class ic on ic.oid = i.indexrelid
    left join pg_catalog.pg_constraint con on con.conindid = i.indexrelid and con.conrelid = i.indrelid and con.contype = 'x'
   where i.indrelid = t.oid and (i.indisunique or i.indisexclusion) and i.indisready order by i.indisprimary desc, ic.relname`)

const references = list(`
  select con.conname as name, json_build_object('schema', pn.nspname, 'name', p.relname) as references,
         (select json_agg(a.attname order by k.at) from unnest(con.conkey) with ordinality k (attnum, at)
            join pg_catalog.pg_attribute a on a.attrelid = con.conrelid and a.attnum = k.attnum) as columns,
         (select json_agg(a.attname order by k.at) from unnest(con.confkey) with ordinality k (attnum, at)
            join pg_catalog.pg_attribute a on a.attrelid = con.confrelid and a.attnum = k.attnum) as "referencedColumns",
         case con.confmatchtype when 'f' then 'full' else 'simple' end as match,
         coalesce((to_jsonb(con) ->> 'conperiod')::boolean, false) as period
    from pg_catalog.pg_constraint con join pg_catalog.pg_class p on p.oid = con.confrelid join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
   where con.conrelid = t.oid and con.contype = 'f' and coalesce((to_jsonb(con) ->> 'conenforced')::boolean, true)
     and not exists (select from pg_catalog.pg_constraint above where above.oid = con.conparentid and above.conrelid = con.conrelid)
   order by con.conname`)

const statement = `
  select wanted.place::int as place, ${columns} as columns, ${checks} as checks, ${partitions} as partitions, ${keys} as keys, ${references} as references
    from unnest($1::text[], $2::text[]) with ordinality as wanted (schema, name, place)
    join pg_catalog.pg_namespace n on n.nspname = wanted.schema
    join pg_catalog.pg_class t on t.relnamespace = n.oid and t.relname = wanted.name`
