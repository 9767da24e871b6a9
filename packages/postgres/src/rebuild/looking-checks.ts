import type { TableName } from '@rowferry/introspect'
import { readJson } from '../read-json.ts'
import type { Session } from '../session.ts'
import { tableParameters, wantedTables, withoutSearchPath } from './rebuild.ts'

/**
 * Functions in CHECKs of these tables, or of the domains of their columns, that may read tables: written in a language of the server's own, and not
 * said to be immutable. Without a key each row that they judge could take a reading of the whole table.
 */
export async function readLookingChecks(session: Session, tables: readonly TableName[]): Promise<string[]> {
  const found = await withoutSearchPath(session, () =>
    readJson<{ function: string }>(session, lookingChecks, tableParameters(tables)),
  )
  return found.map((each) => each.function)
}

const lookingChecks = `
  with recursive loaded as (
    select t.oid from ${wantedTables}
      join pg_namespace n on n.nspname = wanted.schema
      join pg_class t on t.relnamespace = n.oid and t.relname = wanted.name
  ), within (oid) as (
    select oid from loaded
    union
    select h.inhrelid from within join pg_inherits h on h.inhparent = within.oid join pg_class c on c.oid = h.inhrelid and c.relispartition
  ), typed (oid) as (
    select a.atttypid from within join pg_attribute a on a.attrelid = within.oid and a.attnum > 0 and not a.attisdropped
    union
    select inner_type.oid from typed join pg_type t on t.oid = typed.oid,
      lateral (values (t.typbasetype), (t.typelem)) as inner_type (oid) where inner_type.oid <> 0
  ), checks as (
    select con.oid from within join pg_constraint con on con.conrelid = within.oid and con.contype = 'c'
    union
    select con.oid from typed join pg_constraint con on con.contypid = typed.oid and con.contype = 'c'
  ), called as (
    select f.oid from checks
      join pg_depend d on d.classid = 'pg_constraint'::regclass and d.objid = checks.oid and d.refclassid = 'pg_proc'::regclass
      join pg_proc f on f.oid = d.refobjid
      join pg_language l on l.oid = f.prolang
     where f.provolatile <> 'i' and l.lanname not in ('internal', 'c')
  )
  select distinct format('function %s', oid::regprocedure) as function from called order by 1`
