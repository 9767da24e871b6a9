import { formatTableName } from '@rowferry/introspect'
import type { Session } from '@rowferry/postgres'
import { quoteIdentifier, quoteTable } from '@rowferry/postgres'
import { CrossingError } from '../failure.ts'
import type { Ledger } from './ledger.ts'
import { LEDGER_SCHEMA } from './ledger.ts'

export function undoRefused(why: string): CrossingError {
  return new CrossingError('UNDO_REFUSED', why, {
    remedy: `nothing was changed. Once what others did is settled, undo goes on; to keep everything as it is and forget the run: DROP SCHEMA ${LEDGER_SCHEMA} CASCADE`,
  })
}

/**
 * Throws `UNDO_REFUSED` unless the tables hold exactly the rows that the run committed. PostgreSQL keeps with every row the transaction that wrote it (`xmin`, which
 * freezing leaves in place), and the ledger has the transaction of every chunk: a row that was inserted or updated by anybody else shows another one, and one
 * that was deleted is missing from the count. Inside a transaction that holds the tables.
 * https://www.postgresql.org/docs/current/ddl-system-columns.html
 */
export async function refuseStrangers(session: Session, { beginning: { plan }, tables }: Ledger): Promise<void> {
  const strange: string[] = []
  for (const [place, { target, partitioned }] of plan.tables.entries()) {
    const [found] = await session.query(
      `select count(*) as all, count(*) filter (where t.xmin in (select c.xid::xid from ${LEDGER_SCHEMA}.chunk c where c.place = $1::int)) as ours
         from ${partitioned ? '' : 'only '}${quoteTable(target)} as t`,
      [place],
    )
    const [all, ours] = [Number(found!['all']), Number(found!['ours'])]
    const missing = tables[place]!.rows - ours
    const said = [
      ...(all > ours ? [`${all - ours} that the run did not write as they are`] : []),
      ...(missing > 0 ? [`${missing} fewer of those that it wrote`] : []),
    ]
    if (said.length > 0) strange.push(`${formatTableName(target)} holds ${said.join(' and ')}`)
  }
  strange.push(
    ...(await referencesFromOutside(
      session,
      plan.tables.map(({ target }) => quoteTable(target)),
    )),
  )
  if (strange.length > 0) throw undoRefused(`rows were written or changed since: ${strange.join('; ')}`)
}

/** The tables held no rows before, so a row elsewhere that references one came since, and removing its parent might remove or change it. */
async function referencesFromOutside(session: Session, names: readonly string[]): Promise<string[]> {
  const keys = await session.query(
    `with ours as (select pg_catalog.to_regclass(name)::oid as oid from unnest($1::text[]) as given (name))
     select n.nspname as schema, c.relname as name, k.conname as key,
            (select json_agg(a.attname) from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum = any (k.conkey)) as columns
       from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where k.contype = 'f' and k.confrelid in (select oid from ours) and k.conrelid not in (select oid from ours where oid is not null) and k.conparentid = 0`,
    [[...names]],
  )
  const referring: string[] = []
  for (const { schema, name, key, columns } of keys) {
    const table = { schema: schema!, name: name! }
    const set = (JSON.parse(columns!) as string[]).map((column) => `${quoteIdentifier(column)} is not null`)
    const [found] = await session.query(
      `select exists (select from ${quoteTable(table)} where ${set.join(' and ')}) as some`,
    )
    if (found?.['some'] === 't') referring.push(`rows of ${formatTableName(table)} reference them (${key})`)
  }
  return referring
}
