import type { DataSet, SetTable } from './data-sets.ts'

/** The application's own tables, by themselves. */
export function bareTables({ tables }: DataSet): string[] {
  return tables.map(bareTable)
}

/** Primary keys, secondary indexes and foreign keys of those tables. */
export function keysAndIndexes({ tables }: DataSet): string[] {
  return [
    ...tables.map(({ name }) => `ALTER TABLE ${name} ADD PRIMARY KEY (id)`),
    ...tables.flatMap(({ name, indexed }) => indexed.map((column) => `CREATE INDEX ON ${name} (${column})`)),
    ...tables.flatMap(({ name, parent }) =>
      parent === null ? [] : [`ALTER TABLE ${name} ADD FOREIGN KEY (parent_id) REFERENCES ${parent} (id)`],
    ),
  ]
}

function bareTable({ name, columns }: SetTable): string {
  const listed = columns.map((column) => `${column.name} ${column.type}${column.name === 'id' ? ' NOT NULL' : ''}`)
  return `CREATE TABLE ${name} (${listed.join(', ')})`
}
