import { sql } from 'kysely'
import type { Column, Index, IndexColumn, Key } from '../catalog.ts'
import { grouped, plainName, type Reading } from './query.ts'
import { plainExpression } from './columns.ts'

interface IndexRow {
  readonly table_name: string
  readonly name: string
  readonly not_unique: number | string
  readonly column_name: string | null
  readonly collation: 'A' | 'D' | null
  readonly prefix: number | string | null
  readonly method: string
  readonly expression: string | null
}

/** What the indexes of one table are: all constraints that they stand behind, too. */
export interface Keys {
  readonly primaryKey: Key | null
  readonly uniques: readonly Key[]
  readonly indexes: readonly Index[]
}

export async function readIndexes(
  reading: Reading,
  columns: ReadonlyMap<string, readonly Column[]>,
): Promise<ReadonlyMap<string, Keys>> {
  const expression = reading.mariadb ? sql`cast(null as char)` : sql`expression`
  const rows = await reading.query(sql<IndexRow>`
    select table_name as table_name, index_name as name, non_unique as not_unique, column_name as column_name, collation as collation,
      sub_part as prefix, index_type as method, ${expression} as expression
    from information_schema.statistics where table_schema = ${reading.schema}
    order by table_name, index_name = 'PRIMARY' desc, index_name, seq_in_index`)
  const keys = new Map<string, Keys>()
  for (const [table, ofTable] of grouped(rows, (row) => row.table_name)) {
    const own = columns.get(table) ?? []
    const indexes = [...grouped(ofTable, (row) => row.name)].map(([name, parts]) =>
      indexOf(table, name, parts, own, reading.mariadb),
    )
    const primary = indexes.find(({ constraint }) => constraint === 'primary key')
    keys.set(table, {
      primaryKey: primary === undefined ? null : keyOf(primary, null),
      uniques: indexes.filter(({ constraint }) => constraint === 'unique').map((index) => keyOf(index, index.name)),
      indexes,
    })
  }
  return keys
}

function keyOf({ columns }: Index, name: string | null): Key {
  return {
    name,
    columns: columns.map(({ column }) => column!),
    deferrability: 'not deferrable',
    nullsNotDistinct: false,
  }
}

function indexOf(
  table: string,
  name: string,
  parts: readonly IndexRow[],
  own: readonly Column[],
  mariadb: boolean,
): Index {
  const [first] = parts
  const columns = parts.map((part) => indexColumn(part, own, mariadb))
  const unique = Number(first!.not_unique) === 0
  const whole = columns.every(({ column }) => column !== null)
  return {
    name,
    columns,
    include: [],
    unique,
    where: null,
    // A long unique key of MariaDB is kept by a hash; what it promises is the same
    method: first!.method === 'HASH' ? 'btree' : first!.method.toLowerCase(),
    definition: definitionOf(table, name, first!.method, unique, parts),
    constraint: name === 'PRIMARY' ? 'primary key' : unique && whole ? 'unique' : null,
    valid: true,
  }
}

function indexColumn(part: IndexRow, own: readonly Column[], mariadb: boolean): IndexColumn {
  const column = own.find(({ name }) => name === part.column_name)
  const expression =
    part.column_name === null
      ? plainExpression(part.expression ?? '', mariadb)
      : part.prefix === null || /^(FULLTEXT|SPATIAL)$/.test(part.method)
        ? null
        : `left(${plainName(part.column_name)}, ${part.prefix})`
  return {
    column: expression === null ? part.column_name : null,
    expression,
    descending: part.collation === 'D',
    nullsFirst: null,
    collation: column?.collation ?? null,
  }
}

function definitionOf(
  table: string,
  name: string,
  method: string,
  unique: boolean,
  parts: readonly IndexRow[],
): string | null {
  if (name === 'PRIMARY') return null
  const kind = unique ? 'UNIQUE ' : /^(FULLTEXT|SPATIAL)$/.test(method) ? `${method} ` : ''
  const terms = parts.map(({ column_name: column, prefix, collation, expression }) => {
    const term = column === null ? `(${expression})` : `${plainName(column)}${prefix === null ? '' : `(${prefix})`}`
    return `${term}${collation === 'D' ? ' DESC' : ''}`
  })
  return `CREATE ${kind}INDEX ${plainName(name)} ON ${plainName(table)} (${terms.join(', ')})`
}
