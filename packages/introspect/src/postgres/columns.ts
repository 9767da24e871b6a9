import { sql } from 'kysely'
import { sameTable, type Column, type PgType, type TableName } from '../catalog.ts'
import { among, collationName, pinned, type Bool, type Reading } from './query.ts'
import type { Sequences } from './sequences.ts'
import type { Types } from './types.ts'

interface ColumnRow {
  readonly table: string
  readonly number: string
  readonly name: string
  readonly declared: string
  readonly type: string
  readonly typmod: string
  readonly not_null: Bool
  readonly expression: string | null
  readonly generated: string
  readonly identity: string
  readonly collation: string | null
  readonly comment: string | null
}

/** The columns of each table, by its oid. */
export async function readColumns(
  reading: Reading,
  tables: readonly string[],
  types: Types,
  sequences: Sequences,
): Promise<Map<string, Column[]>> {
  const rows = await reading.query(sql<ColumnRow>`
    select a.attrelid::text as table, a.attnum::text as number, a.attname::text as name, format_type(a.atttypid, a.atttypmod) as declared,
      a.atttypid::text as type, a.atttypmod::text as typmod, a.attnotnull::text as not_null, pg_get_expr(d.adbin, d.adrelid) as expression,
      a.attgenerated::text as generated, a.attidentity::text as identity,
      case when a.attcollation <> t.typcollation then ${collationName} end as collation, col_description(a.attrelid, a.attnum) as comment
    from pg_attribute a join pg_type t on t.oid = a.atttypid
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      left join pg_collation co on co.oid = a.attcollation left join pg_namespace cn on cn.oid = co.collnamespace
    where ${among('a.attrelid', tables)} and a.attnum > 0 and not a.attisdropped and ${pinned}
    order by a.attrelid, a.attnum`)
  const columns = new Map<string, Column[]>(tables.map((oid) => [oid, []]))
  for (const row of rows) {
    const of = columns.get(row.table)
    of?.push(columnOf(row, of.length + 1, types.resolve(row.type, Number(row.typmod)), sequences))
  }
  return columns
}

function columnOf(row: ColumnRow, position: number, type: PgType, sequences: Sequences): Column {
  const generated = row.generated === 's' ? 'stored' : row.generated === 'v' ? 'virtual' : null
  const owned = sequences.ownedBy.get(`${row.table}.${row.number}`)
  const inDefault = sequences.feeding.get(`${row.table}.${row.number}`) ?? namedAsText(row.expression, sequences)
  return {
    name: row.name,
    position,
    declaredType: row.declared,
    nullable: row.not_null === 'false' && !refusesNull(type),
    default: generated === null ? row.expression : null,
    generated: generated === null ? null : { kind: generated, expression: row.expression ?? '' },
    identity:
      row.identity === 'a'
        ? 'always'
        : row.identity === 'd'
          ? 'by default'
          : isSerial(row, owned, inDefault)
            ? 'serial'
            : null,
    sequence: inDefault ?? owned ?? null,
    collation: row.collation,
    type,
    comment: row.comment,
  }
}

function refusesNull(type: PgType): boolean {
  return type.notNull === true || (type.base !== undefined && refusesNull(type.base))
}

function isSerial(row: ColumnRow, owned: TableName | undefined, inDefault: TableName | undefined): boolean {
  return (
    owned !== undefined &&
    inDefault !== undefined &&
    sameTable(owned, inDefault) &&
    row.expression?.startsWith('nextval(') === true
  )
}

/** `nextval('s'::text)` looks its sequence up at run time, so that no dependency tells of it. */
function namedAsText(expression: string | null, sequences: Sequences): TableName | undefined {
  const literal = expression === null ? null : /^nextval\(\('((?:[^']|'')+)'::text\)::regclass\)$/.exec(expression)
  if (literal === null) return undefined
  const parts = [...(literal[1] ?? '').replaceAll("''", "'").matchAll(/"((?:[^"]|"")*)"|([^".]+)/g)].map(
    ([, quoted, bare]) => (quoted === undefined ? (bare ?? '').toLowerCase() : quoted.replaceAll('""', '"')),
  )
  const [name, schema] = parts.toReversed()
  const found = sequences.list.filter(
    (one) => one.name.name === name && (schema === undefined || one.name.schema === schema),
  )
  return found.length === 1 ? found[0]?.name : undefined
}
