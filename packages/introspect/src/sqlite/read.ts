import type { Catalog, CatalogNote, Table, Trigger, View } from '../catalog.ts'
import type { AnyDatabase } from '../database.ts'
import { IntrospectError } from '../error.ts'
import { foreignKeysOf } from './foreign-keys.ts'
import { noteTrouble, viewColumns } from './notes.ts'
import { pragmasOf, type Pragmas, type SchemaRow, type TableListRow } from './pragma.ts'
import { readTable, type ReadTable } from './table.ts'
import { foldName } from './token.ts'

export interface ReadSqliteOptions {
  /** Looked at between tables; its reason is thrown. */
  readonly signal?: AbortSignal
  /** Count every table's rows (one scan each). Default false: `rowEstimate` is what the last ANALYZE saw, or null. */
  readonly countRows?: boolean
}

/**
 * Describes the `main` schema of a SQLite database (3.37 or newer, for PRAGMA table_list). The file is only read. Shadow tables and
 * SQLite's own (`sqlite_…`) are left out; what cannot be described, such as a view on a lost table, becomes a note.
 * Take a transaction on the handle beforehand when others may write meanwhile.
 * Throws `IntrospectError` (`SQLITE_TOO_OLD`), the signal's reason, or what the handle says, e.g. that the file is damaged.
 */
export async function readSqliteCatalog(db: AnyDatabase, options: ReadSqliteOptions = {}): Promise<Catalog> {
  const pragmas = pragmasOf(db)
  options.signal?.throwIfAborted()
  const version = await pragmas.version()
  refuseOld(version)
  const rows = await pragmas.schema()
  const schema = new Map(rows.map((row) => [`${row.type} ${row.name}`, row]))
  const notes: CatalogNote[] = []
  const note = (found: CatalogNote): void => void notes.push(found)

  const read: ReadTable[] = []
  for (const entry of await listedTables(pragmas, rows)) {
    options.signal?.throwIfAborted()
    try {
      read.push(await readTable(pragmas, entry, schema, note))
    } catch (error) {
      if (entry.type !== 'virtual') throw error
      note({
        code: 'VIRTUAL_TABLE_UNREADABLE',
        object: entry.name,
        message: `The table is left out: ${messageOf(error)}`,
      })
    }
  }
  const parents = new Map(read.map(({ table }) => [foldName(table.name.name), table]))
  const marks = schema.has('table sqlite_sequence') ? await pragmas.highWaterMarks() : new Map<string, string>()
  const estimates = schema.has('table sqlite_stat1') ? await pragmas.estimates() : new Map<string, number>()

  const tables: Table[] = []
  for (const { table, text } of read) {
    options.signal?.throwIfAborted()
    const name = table.name.name
    const foreignKeys = foreignKeysOf(await pragmas.foreignKeyList(name), text.foreignKeys, parents)
    const rowEstimate = options.countRows === true ? await countOf(pragmas, name, note) : (estimates.get(name) ?? null)
    tables.push({ ...table, foreignKeys, rowEstimate, highWaterMark: marks.get(name) ?? null })
  }
  const views: View[] = []
  for (const row of rows.filter(({ type }) => type === 'view')) {
    const columns = await viewColumns(pragmas, row.name, note)
    views.push({ name: nameOf(row.name), definition: row.sql ?? '', columns, materialized: false })
  }
  await noteTrouble(pragmas, tables, note)
  const triggers = rows.filter((row) => row.type === 'trigger').map((row) => triggerOf(row, parents))
  return { dialect: 'sqlite', version, tables, views, triggers, sequences: [], types: [], notes }
}

const nameOf = (name: string) => ({ schema: 'main', name })
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function refuseOld(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 3 || (major === 3 && minor >= 37)) return
  throw new IntrospectError(
    'SQLITE_TOO_OLD',
    `SQLite ${version} cannot list its tables`,
    'Use a driver that carries SQLite 3.37 or newer.',
  )
}

/** In the order of their creation. `sqlite_` is SQLite's own prefix, its underscore no wildcard. */
async function listedTables(pragmas: Pragmas, schema: readonly SchemaRow[]): Promise<TableListRow[]> {
  const order = new Map(schema.map((row, at) => [`${row.type} ${row.name}`, at]))
  const placeOf = (entry: TableListRow): number => order.get(`table ${entry.name}`) ?? 0
  const listed = await pragmas.tableList()
  return listed
    .filter(({ name, type }) => (type === 'table' || type === 'virtual') && !foldName(name).startsWith('sqlite_'))
    .toSorted((a, b) => placeOf(a) - placeOf(b))
}

async function countOf(pragmas: Pragmas, table: string, note: (note: CatalogNote) => void): Promise<number | null> {
  try {
    return await pragmas.count(table)
  } catch (error) {
    note({ code: 'ROWS_UNCOUNTED', object: table, message: messageOf(error) })
    return null
  }
}

function triggerOf(row: SchemaRow, tables: ReadonlyMap<string, Table>): Trigger {
  const table = tables.get(foldName(row.tbl_name))?.name ?? nameOf(row.tbl_name)
  return { name: row.name, table, definition: row.sql ?? '', enabled: null }
}
