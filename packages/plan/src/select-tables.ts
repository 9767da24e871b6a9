import type { Catalog, CatalogNote, Column, Table, TableName } from '@rowferry/introspect'
import { sameTable } from '@rowferry/introspect'
import type { HomelessColumn } from './homeless.ts'
import type { PlanOptions } from './options.ts'

export interface SkippedTable {
  readonly table: TableName
  readonly rows: number | null
  readonly why: string
  /** The user left it out of the selection: not a loss. */
  readonly asked: boolean
}

/** The source's tables that shall be carried, each without the columns that cannot be read or are dropped; what is left out goes to `skipped`. */
export function selectTables(source: Catalog, options: PlanOptions, skipped: SkippedTable[]): Table[] {
  const isChosen = (name: string) =>
    (options.tables.length === 0 || options.tables.includes(name)) && !options.excludeTables.includes(name)
  for (const { object, message } of unreadableTables(source)) {
    const name = { schema: source.tables[0]?.name.schema ?? 'main', name: object }
    skipped.push({ table: name, rows: null, why: message, asked: !isChosen(object) })
  }
  const chosen = source.tables.filter((table) => isChosen(table.name.name))
  for (const table of source.tables.filter((each) => !chosen.includes(each))) {
    const why = 'left out by --tables or --exclude-tables'
    skipped.push({ table: table.name, rows: table.rowEstimate, why, asked: true })
  }
  return chosen.map((table) => readable(table, source.notes, options))
}

/** Virtual tables that nothing can be read of. */
export function unreadableTables(source: Catalog): CatalogNote[] {
  return source.notes.filter((note) => note.code === 'VIRTUAL_TABLE_UNREADABLE')
}

/** Of a generated column whose function only the application has, nothing can be read: it is none of the columns to carry. */
function readable(table: Table, notes: readonly CatalogNote[], options: PlanOptions): Table {
  const columns = table.columns.filter(
    (column) => complaintOf(table, column, notes) === undefined && !isDropped(table, column, options),
  )
  return { ...table, columns }
}

function isDropped(table: Table, column: Column, { dropColumn }: PlanOptions): boolean {
  return dropColumn.includes(`${table.name.name}.${column.name}`)
}

/** The columns of the selected tables that `dropColumn` names. */
export function droppedColumns(source: Catalog, selected: readonly Table[], options: PlanOptions): HomelessColumn[] {
  return selected.flatMap((table) =>
    (source.tables.find((each) => sameTable(each.name, table.name))?.columns ?? [])
      .filter((column) => isDropped(table, column, options) && complaintOf(table, column, source.notes) === undefined)
      .map((column) => ({ table, column, asked: true, lacks: null })),
  )
}

function complaintOf(table: Table, column: Column, notes: readonly CatalogNote[]): string | undefined {
  const object = `${table.name.name}.${column.name}`
  return notes.find((note) => note.code === 'GENERATED_UNREADABLE' && note.object === object)?.message
}

/** The table's columns that cannot be read, with what SQLite says of each. */
export function unreadableColumns(source: Catalog, table: Table): { column: Column; why: string }[] {
  const all = source.tables.find((each) => sameTable(each.name, table.name))?.columns ?? []
  return all.flatMap((column) => {
    const why = complaintOf(table, column, source.notes)
    return why === undefined ? [] : [{ column, why }]
  })
}
