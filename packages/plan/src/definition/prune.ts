import type { Index, Table } from '@rowferry/introspect'
import type { NotCarried } from './input.ts'

/** The table without the keys, foreign keys and indexes that need a column which is not carried; they are listed. */
export function withoutMissingColumns(table: Table, notCarried: NotCarried[]): Table {
  const there = new Set(table.columns.map((column) => column.name))
  const keep = (columns: readonly (string | null)[], object: string, definition: string): boolean => {
    const missing = columns.filter((column) => column !== null && !there.has(column))
    if (missing.length === 0) return true
    const why = `it needs ${missing.join(', ')}, which is not carried`
    notCarried.push({ object: `${object} of ${table.name.name}`, definition, why, suggestion: null })
    return false
  }
  const list = (columns: readonly string[]) => `(${columns.join(', ')})`
  const { primaryKey: key } = table
  return {
    ...table,
    primaryKey: key && keep(key.columns, 'primary key', `PRIMARY KEY ${list(key.columns)}`) ? key : null,
    uniques: table.uniques.filter(({ columns }) => keep(columns, 'unique constraint', `UNIQUE ${list(columns)}`)),
    foreignKeys: table.foreignKeys.filter(({ columns, references }) =>
      keep(columns, 'foreign key', `FOREIGN KEY ${list(columns)} REFERENCES ${references.name}`),
    ),
    indexes: table.indexes.filter((index) => {
      const columns = index.columns.map(({ column }) => column)
      if (index.constraint !== null) return columns.every((column) => column === null || there.has(column))
      return keep(columns, `index ${index.name}`, definitionOf(index))
    }),
  }
}

function definitionOf(index: Index): string {
  return index.definition ?? index.name
}
