import { sql } from 'kysely'
import type { Index, IndexColumn } from '../catalog.ts'
import { among, collationName, pinned, type Bool, type Reading } from './query.ts'

interface IndexRow {
  readonly table: string
  readonly name: string
  readonly method: string
  readonly unique: Bool
  readonly valid: Bool
  readonly where: string | null
  readonly definition: string
  readonly constraint: 'p' | 'u' | 'x' | null
  readonly columns: string
  readonly include: string
}

/** The indexes of each table, by its oid and in the order of their names. Operator classes stand in `definition` only. */
export async function readIndexes(reading: Reading, tables: readonly string[]): Promise<Map<string, Index[]>> {
  const rows = await reading.query(sql<IndexRow>`
    select i.indrelid::text as table, ic.relname::text as name, am.amname::text as method, i.indisunique::text as unique,
      i.indisvalid::text as valid, pg_get_expr(i.indpred, i.indrelid) as where, pg_get_indexdef(i.indexrelid) as definition,
      c.contype::text as constraint,
      (select json_agg(json_build_object('column', a.attname,
          'expression', case when k.number = 0 then pg_get_indexdef(i.indexrelid, k.at::int, false) end,
          'descending', i.indoption[k.at - 1] & 1 = 1,
          'nullsFirst', case when pg_indexam_has_property(am.oid, 'can_order') then i.indoption[k.at - 1] & 2 = 2 end,
          -- Said unless it is what anyone would expect of the column's type
          'collation', case when co.oid = a.attcollation and co.oid = t.typcollation or a.attnum is null and co.collname = 'default'
            then null else ${collationName} end) order by k.at)
        from unnest(i.indkey) with ordinality k(number, at)
          left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number left join pg_type t on t.oid = a.atttypid
          left join pg_collation co on co.oid = i.indcollation[k.at - 1] left join pg_namespace cn on cn.oid = co.collnamespace
        where k.at <= i.indnkeyatts)::text as columns,
      (select coalesce(json_agg(a.attname order by k.at), '[]') from unnest(i.indkey) with ordinality k(number, at)
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number where k.at > i.indnkeyatts)::text as include
    from pg_index i join pg_class ic on ic.oid = i.indexrelid join pg_am am on am.oid = ic.relam
      left join pg_constraint c on c.conindid = i.indexrelid and c.conrelid = i.indrelid and c.contype in ('p', 'u', 'x')
    where ${among('i.indrelid', tables)} and ${pinned}
    order by i.indrelid, ic.relname::text collate "C"`)
  const indexes = new Map<string, Index[]>(tables.map((oid) => [oid, []]))
  for (const row of rows) indexes.get(row.table)?.push(indexOf(row))
  return indexes
}

const constraints = { p: 'primary key', u: 'unique', x: 'exclusion' } as const

function indexOf(row: IndexRow): Index {
  const columns: IndexColumn[] = JSON.parse(row.columns)
  return {
    name: row.name,
    columns: columns.map((column) => ({ ...column, expression: bare(column.expression) })),
    include: JSON.parse(row.include),
    unique: row.unique === 'true',
    where: row.where,
    method: row.method,
    definition: row.definition,
    constraint: row.constraint === null ? null : constraints[row.constraint],
    valid: row.valid === 'true',
  }
}

/** What is no function call stands in one more pair of parentheses, which belong to CREATE INDEX. */
function bare(expression: string | null): string | null {
  return expression?.startsWith('(') === true ? expression.slice(1, -1) : expression
}
