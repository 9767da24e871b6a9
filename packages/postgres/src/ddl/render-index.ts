import type { Index, IndexColumn, TableName } from '@rowferry/introspect'
import { quoteCollation, quoteColumns, quoteIdentifier, quoteTable } from '../quote.ts'

/** CREATE INDEX from the parts, not from `definition`, which may name other tables. */
export function renderIndex(table: TableName, index: Index): string {
  return [
    `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX`,
    ...(index.name === '' ? [] : [quoteIdentifier(index.name)]),
    `ON ${quoteTable(table)} USING ${quoteIdentifier(index.method)} (${index.columns.map(renderIndexColumn).join(', ')})`,
    ...(index.include.length === 0 ? [] : [`INCLUDE (${quoteColumns(index.include)})`]),
    ...(index.where === null ? [] : [`WHERE (${index.where})`]),
  ].join(' ')
}

function renderIndexColumn({ column, expression, descending, nullsFirst, collation }: IndexColumn): string {
  return [
    column === null ? `(${expression})` : quoteIdentifier(column),
    ...(collation === null ? [] : [`COLLATE ${quoteCollation(collation)}`]),
    ...(descending ? ['DESC'] : []),
    // NULLs sort as if larger than anything unless said otherwise
    ...(nullsFirst === null || nullsFirst === descending ? [] : [`NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`]),
  ].join(' ')
}
