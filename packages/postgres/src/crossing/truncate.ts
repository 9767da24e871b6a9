import type { TableName } from '@rowferry/introspect'
import { quoteTable } from '../quote.ts'
import type { Session } from '../session.ts'

/**
 * The tables outside the list that TRUNCATE … CASCADE of the list would empty: those that refer to one of them, transitively, by foreign key,
 * and partitions. Without `only`, inheritance children as well. Empty: the list can be truncated by itself.
 */
export async function truncateReach(
  session: Pick<Session, 'query'>,
  tables: readonly TableName[],
  options: { readonly only: boolean },
): Promise<TableName[]> {
  const rows = await session.query(
    `with recursive listed as (
       select to_regclass(name)::oid as oid from unnest($1::text[]) as given(name)
     ), own as (
       select oid from listed
       union
       select i.inhrelid from own join pg_inherits i on i.inhparent = own.oid join pg_class c on c.oid = i.inhrelid and c.relispartition
     ), reached as (
       select oid from listed
       union
       select n.oid from reached, lateral (
         select conrelid as oid from pg_constraint where contype = 'f' and confrelid = reached.oid
         union all
         select i.inhrelid from pg_inherits i join pg_class c on c.oid = i.inhrelid
         where i.inhparent = reached.oid and (c.relispartition or not $2::boolean)
       ) as n
     )
     select n.nspname as schema, c.relname as name
     from reached r join pg_class c on c.oid = r.oid join pg_namespace n on n.oid = c.relnamespace
     where r.oid not in (select oid from own where oid is not null)
     order by 1, 2`,
    [tables.map(quoteTable), String(options.only)],
  )
  return rows.map(({ schema, name }) => ({ schema: schema!, name: name! }))
}

/** Those of the tables whose TRUNCATE would be sent on to subscribers, who may hold rows from elsewhere in theirs. */
export async function truncatesElsewhere(
  session: Pick<Session, 'query'>,
  tables: readonly TableName[],
): Promise<TableName[]> {
  const rows = await session.query(
    `select n.nspname as schema, c.relname as name
     from unnest($1::text[]) as given(name)
     join pg_class c on c.oid = to_regclass(given.name)
     join pg_namespace n on n.oid = c.relnamespace
     where exists (select from pg_publication_tables t join pg_publication p on p.pubname = t.pubname
       where p.pubtruncate and t.schemaname = n.nspname and t.tablename = c.relname)`,
    [tables.map(quoteTable)],
  )
  return rows.map(({ schema, name }) => ({ schema: schema!, name: name! }))
}

/**
 * TRUNCATE … RESTRICT of all tables in one statement, which is what lets them refer to each other; sequences stay.
 * With `only` the inheritance children keep their rows; a partitioned table always takes its partitions along.
 */
export async function truncateTables(
  session: Pick<Session, 'query' | 'execute'>,
  tables: readonly TableName[],
  options: { readonly only: boolean },
): Promise<void> {
  if (tables.length === 0) return
  const names = tables.map(quoteTable)
  const partitioned = await session.query(
    `select given.name from unnest($1::text[]) as given(name) join pg_class c on c.oid = to_regclass(given.name) where c.relkind = 'p'`,
    [names],
  )
  const whole = new Set(partitioned.map(({ name }) => name))
  const targets = names.map((name) => (options.only && !whole.has(name) ? `only ${name}` : name))
  await session.execute(`truncate table ${targets.join(', ')} continue identity restrict`)
}
