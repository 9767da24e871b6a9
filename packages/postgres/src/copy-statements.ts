import type { TableName } from '@rowferry/introspect'
import { quoteColumns, quoteIdentifier, quoteTable } from './quote.ts'

/**
 * COPY … FROM STDIN in binary. FREEZE needs the table created or truncated in the same transaction with no savepoint since, no open cursor,
 * and is refused for partitioned tables (https://www.postgresql.org/docs/current/sql-copy.html).
 */
export function copyInStatement(
  table: TableName,
  columns: readonly string[],
  options: { readonly freeze: boolean },
): string {
  return `copy ${quoteTable(table)}${list(columns)} from stdin (format binary${options.freeze ? ', freeze' : ''})`
}

export interface CopyOutOptions {
  readonly partitioned?: boolean
  readonly where?: string
  /** Read in the place of the column of the same index; null for the column itself. */
  readonly expressions?: readonly (string | null)[]
}

/**
 * COPY … TO STDOUT in binary. A table alone is read without its inheritance children; a partitioned one can only be read by a query.
 * `where` and `expressions` are SQL, never from a user.
 */
export function copyOutStatement(table: TableName, columns: readonly string[], options: CopyOutOptions = {}): string {
  const { partitioned = false, where, expressions } = options
  const from = `${partitioned ? '' : 'only '}${quoteTable(table)}`
  const rows =
    partitioned || where !== undefined || expressions !== undefined
      ? `(select ${columns.map((column, i) => expressions?.[i] ?? quoteIdentifier(column)).join(', ')} from ${from}${where === undefined ? '' : ` where ${where}`})`
      : `${quoteTable(table)}${list(columns)}`
  return `copy ${rows} to stdout (format binary)`
}

// Without columns the parentheses would be a syntax error; such a table can still hold rows
function list(columns: readonly string[]): string {
  return columns.length === 0 ? '' : ` (${quoteColumns(columns)})`
}
