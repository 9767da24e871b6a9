import type { Column, Index, IndexColumn } from '../catalog.ts'
import { parseCreateIndex, type IndexText } from './create-index.ts'
import type { IndexColumnRow, IndexRow, SchemaRow } from './pragma.ts'
import { foldName } from './token.ts'

const builtIn: ReadonlyMap<string, string | null> = new Map([
  ['binary', null],
  ['nocase', 'NOCASE'],
  ['rtrim', 'RTRIM'],
])

/** Null for BINARY, which is what every column has that names none; the other two of SQLite's own in capitals. */
export function collationOf(name: string | null): string | null {
  if (name === null) return null
  const known = builtIn.get(foldName(name))
  return known === undefined ? name : known
}

/** One index; `statement` is null for those that SQLite made for a constraint. Throws a `SyntaxError` when its text cannot be read. */
export function indexOf(
  row: IndexRow,
  terms: readonly IndexColumnRow[],
  statement: SchemaRow['sql'],
  columns: readonly Column[],
): Index {
  const text = statement === null ? null : parseCreateIndex(statement)
  return {
    name: row.name,
    columns: terms.filter((term) => Number(term.key) === 1).map((term, at) => indexColumn(term, at, text, columns)),
    include: [],
    unique: Number(row.unique) === 1,
    where: text?.where ?? null,
    method: 'btree',
    definition: statement,
    constraint: row.origin === 'pk' ? 'primary key' : row.origin === 'u' ? 'unique' : null,
    valid: true,
  }
}

function indexColumn(
  term: IndexColumnRow,
  at: number,
  text: IndexText | null,
  columns: readonly Column[],
): IndexColumn {
  const collation = collationOf(term.coll)
  const own = columns.find((column) => column.name === term.name)?.collation ?? null
  return {
    column: term.name,
    expression: term.name === null ? (text?.terms[at] ?? null) : null,
    descending: Number(term.desc) === 1,
    nullsFirst: null,
    collation: collation === null && own !== null ? 'BINARY' : collation,
  }
}
