import type { TableName } from '@rowferry/introspect'
import { quoteTable } from '../quote.ts'
import type { Session } from '../session.ts'
import type { TableLock } from './locks.ts'

/**
 * The strongest lock that the role may take on all of the tables: ACCESS EXCLUSIVE with TRUNCATE or ownership (nobody else sees unproven rows,
 * and TRUNCATE needs it), else ROW EXCLUSIVE, which is all that INSERT alone allows (https://www.postgresql.org/docs/current/sql-lock.html, “Notes”).
 */
export async function strongestLock(
  session: Pick<Session, 'query'>,
  tables: readonly { readonly name: TableName }[],
): Promise<TableLock> {
  const [answer] = await session.query(
    `select coalesce(bool_and(has_table_privilege(given.name::regclass, 'TRUNCATE, UPDATE, DELETE')), true) as any
     from unnest($1::text[]) as given(name)`,
    [tables.map(({ name }) => quoteTable(name))],
  )
  return answer?.['any'] === 't' ? 'access exclusive' : 'row exclusive'
}
