import type { TableName } from '@rowferry/introspect'
import { PostgresError } from './session.ts'

/**
 * Any name as SQL, always in double quotes, so that case, blanks and reserved words stay what they are.
 * Longer than 63 bytes is for the caller to refuse: PostgreSQL would cut it with no more than a notice.
 *
 * @throws PostgresError `NUL_IN_SQL`: PostgreSQL ends a statement at the first NUL.
 */
export function quoteIdentifier(name: string): string {
  return `"${withoutNul(name).replaceAll('"', '""')}"`
}

/** `"schema"."name"`: never left to the search path. */
export function quoteTable(table: TableName): string {
  return `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`
}

/** A list of names, quoted and separated by commas. */
export function quoteColumns(columns: readonly string[]): string {
  return columns.map(quoteIdentifier).join(', ')
}

/**
 * A collation as the catalog names it: `C`, or `schema.name` for one outside pg_catalog. The server's own names of locales have a dot too (`en_US.utf8`);
 * they are known by their codeset. What has dots of its own comes as `"schema"."name"`.
 */
export function quoteCollation(name: string): string {
  if (/^"(?:[^"]|"")+"\."(?:[^"]|"")+"$/.test(name)) return withoutNul(name)
  const [schema = '', ...rest] = name.split('.')
  if (rest.length === 0 || /^(?:utf-?8|iso-?\d|koi8|euc|big5|gb|cp\d|tis)/i.test(rest[0] ?? ''))
    return quoteIdentifier(name)
  return quoteTable({ schema, name: rest.join('.') })
}

/**
 * A text as an SQL literal, read the same whatever `standard_conforming_strings` says: with a backslash in it, it becomes `E'…'`
 * (https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS-ESCAPE).
 *
 * @throws PostgresError `NUL_IN_SQL`
 */
export function quoteLiteral(text: string): string {
  const quoted = withoutNul(text).replaceAll("'", "''")
  return quoted.includes('\\') ? `E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`
}

function withoutNul(text: string): string {
  if (!text.includes('\0')) return text
  throw new PostgresError('NUL_IN_SQL', `${JSON.stringify(text)} holds a NUL, which no PostgreSQL name or text can`, {
    remedy: 'Rename it in the source, or leave it out.',
  })
}
