import { sql } from 'kysely'
import type { CatalogNote, Column } from '../catalog.ts'
import type { Reading } from './query.ts'

interface ColumnRow {
  readonly table_name: string
  readonly name: string
  readonly fallback: string | null
  readonly nullable: 'YES' | 'NO'
  readonly data_type: string
  readonly column_type: string
  readonly collation: string | null
  readonly extra: string
  readonly expression: string | null
  readonly comment: string
}

/** The columns of every table and view, in order. */
export async function readColumns(
  reading: Reading,
  note: (note: CatalogNote) => void,
): Promise<ReadonlyMap<string, readonly Column[]>> {
  const rows = await reading.query(sql<ColumnRow>`
    select table_name as table_name, column_name as name, column_default as fallback, is_nullable as nullable, data_type as data_type,
      column_type as column_type, collation_name as collation, extra as extra, generation_expression as expression, column_comment as comment
    from information_schema.columns where table_schema = ${reading.schema}
    order by table_name, ordinal_position`)
  const columns = new Map<string, Column[]>()
  for (const row of rows) {
    const of = columns.get(row.table_name) ?? []
    columns.set(row.table_name, of)
    of.push(columnOf(row, of.length + 1, reading.mariadb))
    if (/on update/i.test(row.extra)) {
      note({
        code: 'ON_UPDATE_NOT_CARRIED',
        object: `${row.table_name}.${row.name}`,
        message: `each UPDATE sets it to the present moment (${/on update.*/i.exec(row.extra)![0].toUpperCase()}); PostgreSQL has that only as a trigger`,
      })
    }
  }
  return columns
}

function columnOf(row: ColumnRow, position: number, mariadb: boolean): Column {
  const stored = /\bSTORED GENERATED|PERSISTENT/i.test(row.extra)
  const generated = stored || /\bVIRTUAL\b/i.test(row.extra)
  return {
    name: row.name,
    position,
    declaredType: row.column_type,
    nullable: row.nullable === 'YES',
    default: generated ? null : defaultOf(row, mariadb),
    generated: generated
      ? { kind: stored ? 'stored' : 'virtual', expression: plainExpression(row.expression ?? '', mariadb) }
      : null,
    identity: /\bauto_increment\b/i.test(row.extra) ? 'autoincrement' : null,
    sequence: null,
    collation: collationOf(row),
    type: null,
    comment: row.comment === '' ? null : row.comment,
  }
}

/** Null where texts are one only if all their characters are. Enums and sets are stored by number, so that theirs decides nothing. */
function collationOf({ collation, data_type: type }: ColumnRow): string | null {
  return collation === null || type === 'enum' || type === 'set' || isExact(collation) ? null : collation
}

function isExact(collation: string): boolean {
  return collation === 'binary' || collation.endsWith('_bin')
}

/**
 * MariaDB gives the expression; MySQL gives a literal without its quotes, unless `extra` says that it is an expression.
 * https://dev.mysql.com/doc/refman/8.4/en/information-schema-columns-table.html
 */
function defaultOf({ fallback, extra, data_type: type }: ColumnRow, mariadb: boolean): string | null {
  if (fallback === null) return null
  if (mariadb) return fallback === 'NULL' ? null : fallback
  if (/\bDEFAULT_GENERATED\b/.test(extra)) return plainExpression(fallback, mariadb)
  if (/^current_timestamp\b/i.test(fallback) || numeric.has(type)) return fallback
  return `'${fallback.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

const numeric = new Set([
  'tinyint',
  'smallint',
  'mediumint',
  'int',
  'bigint',
  'decimal',
  'float',
  'double',
  'year',
  // b'101'
  'bit',
])

/** MySQL escapes the quotes of an expression as if it stood in a string, and names the character set of each literal. */
export function plainExpression(text: string, mariadb: boolean): string {
  return mariadb
    ? text
    : text.replaceAll(String.raw`\'`, "'").replaceAll(/\b_(?:utf8mb4|utf8mb3|utf8|latin1|ascii)'/g, "'")
}
