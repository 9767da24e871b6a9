import type { TableName } from '@rowferry/introspect'
import { quoteLiteral, quoteTable } from '../quote.ts'
import type { Session } from '../session.ts'

/** Tables asked about in one statement: planning thousands at once would take a lock and a plan node for each. */
const atOnce = 200

/** Which of the tables hold a row, in the order given. Inheritance children are other tables; a partitioned table's rows are its partitions'. */
export async function tablesWithRows(
  session: Pick<Session, 'query'>,
  tables: readonly TableName[],
): Promise<TableName[]> {
  const names = tables.map(quoteTable)
  const without = new Set((await session.query(withoutPages, [names])).map(({ name }) => name))
  const asked = tables.filter((_, index) => !without.has(names[index]))
  const held = await perTable(
    session,
    asked,
    (name) => `exists (select from only ${name}) or exists (${fromPartitions(name)})`,
  )
  return asked.filter((_, index) => held[index] === 't')
}

// What a scan would read is what the file holds, so that a heap without a page need not be scanned; other table access methods keep rows elsewhere
const withoutPages = `
  select given.name
  from unnest($1::text[]) as given(name)
  join pg_class c on c.oid = to_regclass(given.name)
  join pg_am on pg_am.oid = c.relam and pg_am.amname = 'heap'
  where c.relkind = 'r' and pg_relation_size(c.oid) = 0`

/** How many rows each table holds, in the order given, counted exactly. */
export async function countRows(session: Pick<Session, 'query'>, tables: readonly TableName[]): Promise<number[]> {
  const counts = await perTable(
    session,
    tables,
    (name) => `(select count(*) from only ${name}) + (select count(*) from (${fromPartitions(name)}) as parts)`,
  )
  return counts.map(Number)
}

// The condition does not depend on a row, so that the planner tests it once and leaves an ordinary table alone
function fromPartitions(name: string): string {
  return `select from ${name} where (select relkind = 'p' from pg_class where oid = ${quoteLiteral(name)}::regclass)`
}

async function perTable(
  session: Pick<Session, 'query'>,
  tables: readonly TableName[],
  expression: (name: string) => string,
): Promise<(string | null)[]> {
  const answers: (string | null)[] = []
  for (let from = 0; from < tables.length; from += atOnce) {
    const selects = tables
      .slice(from, from + atOnce)
      .map((table, index) => `select ${index} as index, ${expression(quoteTable(table))} as answer`)
    const rows = await session.query(`${selects.join(' union all ')} order by index`)
    answers.push(...rows.map(({ answer }) => answer ?? null))
  }
  return answers
}
