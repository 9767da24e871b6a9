import { SourceError } from '@rowferry/source'
import type { Handle } from './handle.ts'
import { columnOf, quoteName } from './quote.ts'

export interface KeyColumn {
  readonly name: string
  readonly descending: boolean
  readonly collation: string
}

/** How a table's rows can be reached. */
export interface Layout {
  readonly table: string
  /** `main."users"`. */
  readonly sql: string
  readonly columns: readonly string[]
  /** What the rows are sorted by and can be sought by, unique and never NULL; empty when they can only be read from end to end. */
  readonly key: readonly KeyColumn[]
  /** The primary key, for finding a row again where `key` is empty. */
  readonly primaryKey: readonly string[]
}

interface ColumnRow {
  readonly name: string
  readonly type: string
  readonly pk: number
  readonly hidden: number
}

// A table is read several times, and a handle that reads a changed file is refused
const layoutsOf = new WeakMap<Handle, Map<string, Layout>>()

/** @throws SourceError `SOURCE_UNREADABLE` when there is no such table. */
export function layoutOf(db: Handle, table: string, label: string): Layout {
  const layouts = layoutsOf.get(db) ?? new Map<string, Layout>()
  layoutsOf.set(db, layouts)
  const layout = layouts.get(table) ?? readLayout(db, table, label)
  layouts.set(table, layout)
  return layout
}

function readLayout(db: Handle, table: string, label: string): Layout {
  const list = db.pragma(`main.table_list(${quoteName(table)})`) as {
    schema: string
    name: string
    type: string
    wr: number
  }[]
  const entry = list.find((row) => row.schema === 'main')
  if (entry === undefined) {
    throw new SourceError('SOURCE_UNREADABLE', `${label}: there is no table ${quoteName(table)}`, {
      remedy: 'Name a table of the catalog.',
    })
  }
  const rows = db.pragma(`main.table_xinfo(${quoteName(table)})`) as ColumnRow[]
  const primary = rows.filter((row) => row.pk > 0).toSorted((a, b) => a.pk - b.pk)
  const key =
    entry.type === 'virtual' || entry.type === 'view'
      ? []
      : entry.wr === 1
        ? primaryKeyOf(db, table)
        : rowidOf(db, table, rows, primary)
  return {
    table,
    sql: `main.${quoteName(table)}`,
    columns: rows.filter((row) => row.hidden !== 1).map((row) => row.name),
    key,
    primaryKey: primary.map((row) => row.name),
  }
}

/** The INTEGER PRIMARY KEY, which is the rowid and most often read anyway, or any free alias, or nothing. https://www.sqlite.org/lang_createtable.html#rowid */
function rowidOf(
  db: Handle,
  table: string,
  rows: readonly ColumnRow[],
  primary: readonly ColumnRow[],
): readonly KeyColumn[] {
  const [only] = primary
  const isRowid = primary.length === 1 && only?.type.toUpperCase() === 'INTEGER' && indexOfKey(db, table) === undefined
  const taken = new Set(rows.map((row) => row.name.toLowerCase()))
  const name = isRowid ? only?.name : ['rowid', '_rowid_', 'oid'].find((alias) => !taken.has(alias))
  return name === undefined ? [] : [{ name, descending: false, collation: 'BINARY' }]
}

const knownCollations = new Set(['BINARY', 'NOCASE', 'RTRIM'])

/** A WITHOUT ROWID table is its primary key's index: unique under that index's own collations and directions. */
function primaryKeyOf(db: Handle, table: string): readonly KeyColumn[] {
  const index = indexOfKey(db, table)
  if (index === undefined) return []
  const terms = db.pragma(`main.index_xinfo(${quoteName(index)})`) as {
    name: string
    desc: number
    coll: string
    key: number
  }[]
  const key = terms
    .filter((term) => term.key === 1)
    .map((term) => ({ name: term.name, descending: term.desc === 1, collation: term.coll.toUpperCase() }))
  return key.every((column) => knownCollations.has(column.collation)) ? key : []
}

function indexOfKey(db: Handle, table: string): string | undefined {
  return (db.pragma(`main.index_list(${quoteName(table)})`) as { name: string; origin: string }[]).find(
    (index) => index.origin === 'pk',
  )?.name
}

/** By handle and table: a handle holds one snapshot, and every page of the table is looked at for the answer. */
const largestRows = new WeakMap<Handle, Map<string, number>>()

/** Does a row of this table have more than `octets`? Asked of the page headers, so that no content is read. */
export function mayHoldMoreThan(db: Handle, layout: Layout, octets: number): boolean {
  const pages = db.pragma('page_count', { simple: true }) as number
  if (pages * (db.pragma('page_size', { simple: true }) as number) <= smallFile) return false
  const known = largestRows.get(db) ?? new Map<string, number>()
  largestRows.set(db, known)
  const largest = known.get(layout.table) ?? largestRow(db, layout)
  known.set(layout.table, largest)
  return largest > octets
}

function largestRow(db: Handle, { table }: Layout): number {
  try {
    const most = db.prepare('SELECT mx_payload FROM dbstat WHERE name = ? AND aggregate = 1').pluck().get(table)
    return (most as number | undefined) ?? Infinity
  } catch {
    return Infinity
  }
}

const smallFile = 64 * 1024 * 1024

/** The rows' octets as stored, without reading them; a balanced sum, since SQLite allows a depth of 1000. */
export function octetsOf(columns: readonly string[]): string {
  if (columns.length === 0) return '0'
  if (columns.length === 1) return `ifnull(octet_length(${columnOf(columns[0] as string)}), 0)`
  const half = columns.length >> 1
  return `(${octetsOf(columns.slice(0, half))} + ${octetsOf(columns.slice(half))})`
}
