import pg from 'pg'
import type { SchemaFacts, TableFacts } from './facts.ts'

interface TableRow {
  readonly name: string
  readonly facts: Omit<TableFacts, 'counter' | 'rows'>
  readonly counter: string | null
  readonly column: string | null
}

const keyColumns = (numbers: string, relation: string): string =>
  `(select coalesce(json_agg(a.attname order by k.at), '[]') from unnest(${numbers}) with ordinality k (num, at)
      join pg_attribute a on a.attrelid = ${relation} and a.attnum = k.num)`

const tables = `
  select c.relname as name,
    json_build_object(
      'columns', (select coalesce(json_agg(json_build_object('name', a.attname, 'notNull', a.attnotnull,
          'hasDefault', a.atthasdef and a.attgenerated = '', 'generated', a.attgenerated <> '') order by a.attnum), '[]')
        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
      'primaryKey', (select ${keyColumns('p.conkey', 'c.oid')} from pg_constraint p where p.conrelid = c.oid and p.contype = 'p'),
      'uniques', (select coalesce(json_agg(${keyColumns('i.indkey::int2[]', 'c.oid')}), '[]') from pg_index i
        where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null),
      'foreignKeys', (select coalesce(json_agg(json_build_object('columns', ${keyColumns('f.conkey', 'c.oid')}, 'parent', f.confrelid::regclass::text)), '[]')
        from pg_constraint f where f.conrelid = c.oid and f.contype = 'f' and f.convalidated),
      'checks', (select count(*) from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and k.convalidated),
      'indexes', (select coalesce(json_agg(json_build_object('name', n.relname, 'unique', i.indisunique, 'partial', i.indpred is not null)), '[]')
        from pg_index i join pg_class n on n.oid = i.indexrelid
        where i.indrelid = c.oid and i.indisvalid and not exists (select from pg_constraint o where o.conindid = i.indexrelid and o.contype in ('p', 'u')))
    ) as facts,
    (select pg_get_serial_sequence(c.oid::regclass::text, a.attname) from pg_attribute a
      where a.attrelid = c.oid and a.attidentity <> '' and not a.attisdropped) as counter
  from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'`

/** Asks pg_catalog, and each sequence for the number that it would give next. */
export async function postgresFacts(url: string): Promise<SchemaFacts> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const { rows } = await client.query<TableRow>(tables)
    const found = new Map<string, TableFacts>()
    for (const { name, facts, counter } of rows) {
      found.set(name, {
        ...facts,
        foreignKeys: facts.foreignKeys.map((key) => ({ ...key, parent: key.parent.replaceAll(/^"|"$/g, '') })),
        counter: counter === null ? null : await handedOut(client, counter),
        rows: Number((await client.query(`select count(*) from public.${pg.escapeIdentifier(name)}`)).rows[0].count),
      })
    }
    const names = async (sql: string) => (await client.query<{ name: string }>(sql)).rows.map(({ name }) => name)
    return {
      tables: found,
      views: await names(
        "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')",
      ),
      triggers: await names('select tgname as name from pg_trigger where not tgisinternal'),
    }
  } finally {
    await client.end()
  }
}

/** Every number up to this one is used up. */
async function handedOut(client: pg.Client, sequence: string): Promise<bigint> {
  const { rows } = await client.query<{ last: string; called: boolean }>(
    `select last_value::text as last, is_called as called from ${sequence}`,
  )
  return BigInt(rows[0]!.last) - (rows[0]!.called ? 0n : 1n)
}
