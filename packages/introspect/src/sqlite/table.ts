import type { CatalogNote, Column, Index, Key, Table } from '../catalog.ts'
import { parseComments, type TableComments } from './comments.ts'
import { parseCreateTable, type ColumnText, type TableText } from './create-table.ts'
import { collationOf, indexOf } from './indexes.ts'
import type { ColumnRow, Pragmas, SchemaRow, TableListRow } from './pragma.ts'
import { foldName, trimComments } from './token.ts'

export interface ReadTable {
  /** Whole but for its foreign keys, which need the other tables. */
  readonly table: Table
  readonly text: TableText
}

const nothing: TableText = { columns: [], primaryKey: null, uniques: [], foreignKeys: [], checks: [] }

export async function readTable(
  pragmas: Pragmas,
  entry: TableListRow,
  schema: ReadonlyMap<string, SchemaRow>,
  note: (note: CatalogNote) => void,
): Promise<ReadTable> {
  const definition = schema.get(`table ${entry.name}`)?.sql ?? null
  const text = entry.type === 'virtual' ? nothing : readText(entry.name, definition, note)
  const comments = entry.type === 'virtual' ? noComments : readComments(definition)
  const rows = (await pragmas.tableXinfo(entry.name)).filter((row) => Number(row.hidden) !== 1)
  const list = await pragmas.indexList(entry.name)
  const withoutRowid = Number(entry.wr) === 1
  // A primary key with an index of its own is no alias of the rowid (lang_createtable.html, "ROWIDs and the INTEGER PRIMARY KEY")
  const rowidAlias = entry.type === 'table' && !withoutRowid && !list.some((index) => index.origin === 'pk')
  const columns = rows.map((row, at) => columnOf(row, at, text, comments, rowidAlias))
  const indexes: Index[] = []
  for (const row of list.toReversed()) {
    const statement = schema.get(`index ${row.name}`)?.sql ?? null
    const terms = await pragmas.indexXinfo(row.name)
    try {
      indexes.push(indexOf(row, terms, statement, columns))
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      note({ code: 'DEFINITION_UNREADABLE', object: row.name, message: `The index is left out: ${error.message}` })
    }
  }
  const key = rows.filter((row) => Number(row.pk) > 0).toSorted((a, b) => Number(a.pk) - Number(b.pk))
  const table: Table = {
    name: { schema: 'main', name: entry.name },
    kind: entry.type === 'virtual' ? 'virtual' : 'table',
    columns,
    primaryKey:
      key.length === 0
        ? null
        : keyOf(
            text.primaryKey?.name ?? null,
            key.map((row) => row.name),
          ),
    uniques: uniquesOf(indexes, text),
    foreignKeys: [],
    checks: text.checks.map((check) => ({ ...check, validated: true })),
    exclusions: [],
    indexes,
    enforcesTypes: Number(entry.strict) === 1,
    rowIdentifier: withoutRowid ? null : await rowIdentifierOf(pragmas, entry, rows),
    rowEstimate: null,
    highWaterMark: null,
    withoutRowid,
    definition,
    comment: comments.table,
    postgres: null,
  }
  return { table, text }
}

function readText(name: string, definition: string | null, note: (note: CatalogNote) => void): TableText {
  try {
    return parseCreateTable(definition ?? '')
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const message = `Its CHECKs, collations, generated expressions and constraint names are not described: ${error.message}`
    note({ code: 'DEFINITION_UNREADABLE', object: name, message })
    return nothing
  }
}

const noComments: TableComments = { table: null, columns: new Map() }

/** Remarks are no part of the structure: where they cannot be told, there are none. */
function readComments(definition: string | null): TableComments {
  try {
    return parseComments(definition ?? '')
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return noComments
  }
}

function columnOf(row: ColumnRow, at: number, text: TableText, comments: TableComments, rowidAlias: boolean): Column {
  const written: ColumnText | undefined = text.columns.find((column) => column.name === row.name)
  const alias = rowidAlias && Number(row.pk) > 0
  const hidden = Number(row.hidden)
  const expression = written?.generated ?? ''
  return {
    name: row.name,
    position: at + 1,
    // The pragma spells the common types in capitals, and adds a comment that stands before GENERATED
    declaredType: written?.type && foldName(row.type).startsWith(foldName(written.type)) ? written.type : row.type,
    nullable: Number(row.notnull) === 0 && !alias,
    default: row.dflt_value === null ? null : trimComments(row.dflt_value),
    generated: hidden === 2 || hidden === 3 ? { kind: hidden === 2 ? 'virtual' : 'stored', expression } : null,
    identity: alias ? (text.primaryKey?.autoincrement === true ? 'autoincrement' : 'rowid') : null,
    sequence: null,
    collation: collationOf(written?.collation ?? null),
    type: null,
    comment: comments.columns.get(row.name) ?? null,
  }
}

function keyOf(name: string | null, columns: readonly string[]): Key {
  return { name, columns, deferrability: 'not deferrable', nullsNotDistinct: false }
}

/** One for each index that SQLite made; equal constraints share it, and the first name given stays. */
function uniquesOf(indexes: readonly Index[], text: TableText): Key[] {
  const sameColumns = (a: readonly string[], b: readonly string[]): boolean =>
    a.length === b.length && a.every((name, at) => foldName(name) === foldName(b[at] ?? ''))
  return indexes
    .filter((index) => index.constraint === 'unique')
    .map((index) => {
      const columns = index.columns.flatMap((part) => part.column ?? [])
      const named = text.uniques.find((unique) => unique.name !== null && sameColumns(unique.columns, columns))
      return keyOf(named?.name ?? null, columns)
    })
}

async function rowIdentifierOf(
  pragmas: Pragmas,
  entry: TableListRow,
  rows: readonly ColumnRow[],
): Promise<string | null> {
  const taken = new Set(rows.map((row) => foldName(row.name)))
  const free = ['rowid', '_rowid_', 'oid'].find((alias) => !taken.has(alias))
  if (free === undefined || entry.type === 'table') return free ?? null
  return (await pragmas.complaint('rowid', entry.name, free)) === null ? free : null
}
