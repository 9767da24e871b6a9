/** SQL for the oid of what a type is made of in the end: itself, unless it is a domain. `oid` is an SQL expression. */
export function baseType(oid: string): string {
  // Hardly any type is a domain, and the recursion takes its time
  return `coalesce((select plain.oid from pg_catalog.pg_type plain where plain.oid = ${oid} and plain.typtype <> 'd'), (with recursive base (oid) as (
      select ${oid}
      union all
      select t.typbasetype from base join pg_catalog.pg_type t on t.oid = base.oid where t.typtype = 'd')
    select base.oid from base join pg_catalog.pg_type t on t.oid = base.oid where t.typtype <> 'd'))`
}
