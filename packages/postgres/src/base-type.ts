/** SQL for the oid of what a type is made of in the end: itself, unless it is a domain. `oid` is an SQL expression. */
export function baseType(oid: string): string {
  return `(with recursive base (oid) as (
      select ${oid}
      union all
      select t.typbasetype from base join pg_catalog.pg_type t on t.oid = base.oid where t.typtype = 'd')
    select base.oid from base join pg_catalog.pg_type t on t.oid = base.oid where t.typtype <> 'd')`
}
