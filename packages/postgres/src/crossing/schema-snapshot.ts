import type { TableName } from '@rowferry/introspect'
import { quoteTable } from '../quote.ts'
import type { Session } from '../session.ts'
import { indexFacts } from './snapshot-indexes.ts'
import { tableFacts } from './snapshot-tables.ts'

/**
 * Everything the catalog says about how these tables are made, one fact a line, as deep as `pg_dump --schema-only` shows and a little deeper
 * (validity, each trigger's own state, the cluster mark): equal texts mean that a crossing left the schema as it was.
 * Not in it: oids, relfilenodes, statistics, rows, the values of sequences, and foreign keys by which `created` tables, made since, refer to these.
 */
export async function schemaSnapshot(
  session: Pick<Session, 'query'>,
  tables: readonly TableName[],
  created: readonly TableName[] = [],
): Promise<string> {
  const rows = await session.query(statement, [tables.map(quoteTable), created.map(quoteTable)])
  return rows.map(({ line }) => `${line}\n`).join('')
}

const statement = `
with target as (
  select c.*, given.name as table_name
  from unnest($1::text[]) as given(name) join pg_class c on c.oid = to_regclass(given.name)
), created as (
  select c.oid from unnest($2::text[]) as given(name) join pg_class c on c.oid = to_regclass(given.name)
), fact (subject, kind, name, value) as (
${[...tableFacts, ...indexFacts].join('\nunion all\n')}
), told (line) as (
  select concat_ws(' ', subject || ':', kind, name, value) from fact
)
select line from told order by line collate "C"`
