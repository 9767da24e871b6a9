import Database from 'better-sqlite3'
import type { SchemaFacts, TableFacts } from './facts.ts'

interface Listed {
  readonly name: string
  readonly type: string
  readonly wr: number
}
interface Xinfo {
  readonly name: string
  readonly type: string
  readonly notnull: number
  readonly dflt_value: string | null
  readonly pk: number
  readonly hidden: number
}

/** Asks the file's own pragmas. CHECKs have none: they are counted in the text of CREATE TABLE. */
export function sqliteFacts(path: string): SchemaFacts {
  const file = new Database(path, { readonly: true, fileMustExist: true })
  try {
    const list = file.pragma('table_list') as (Listed & { schema: string })[]
    const tables = list.filter(
      ({ schema, type, name }) =>
        schema === 'main' && (type === 'table' || type === 'virtual') && !/^sqlite_/i.test(name),
    )
    const names = (type: string) =>
      file.prepare('select name from sqlite_schema where type = ?').pluck().all(type) as string[]
    return {
      tables: new Map(tables.flatMap((table) => tableFacts(file, table) ?? [])),
      views: names('view'),
      triggers: names('trigger'),
    }
  } finally {
    file.close()
  }
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** Null for a virtual table whose module is not here. */
function tableFacts(file: Database.Database, { name, wr }: Listed): [string, TableFacts][] | null {
  let columns: Xinfo[]
  try {
    columns = (file.pragma(`table_xinfo(${quote(name)})`) as Xinfo[]).filter(({ hidden }) => hidden !== 1)
  } catch {
    return null
  }
  const indexes = file.pragma(`index_list(${quote(name)})`) as {
    name: string
    unique: number
    origin: string
    partial: number
  }[]
  const key = columns.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk)
  const numbersItself = key.length === 1 && wr === 0 && !indexes.some(({ origin }) => origin === 'pk')
  const sql = file
    .prepare("select sql from sqlite_schema where type = 'table' and name = ?")
    .pluck()
    .get(name) as string
  return [
    [
      name,
      {
        columns: columns.map((column) => ({
          name: column.name,
          notNull: column.notnull === 1,
          hasDefault: column.dflt_value !== null && column.dflt_value.toLowerCase() !== 'null',
          generated: column.hidden === 2 || column.hidden === 3,
        })),
        primaryKey: key.length === 0 ? null : key.map((column) => column.name),
        uniques: indexes.filter(({ origin }) => origin === 'u').map((index) => columnsOf(file, index.name)),
        foreignKeys: foreignKeys(file, name),
        checks: countChecks(sql),
        indexes: indexes
          .filter(({ origin }) => origin === 'c')
          .map((index) => ({ name: index.name, unique: index.unique === 1, partial: index.partial === 1 })),
        counter: numbersItself ? counter(file, name, key[0]!.name) : null,
        rows: Number(
          file
            .prepare(`select count(*) from ${quote(name)}`)
            .pluck()
            .get(),
        ),
      },
    ],
  ]
}

function columnsOf(file: Database.Database, index: string): string[] {
  return (file.pragma(`index_info(${quote(index)})`) as { name: string }[]).map(({ name }) => name)
}

function foreignKeys(file: Database.Database, table: string): TableFacts['foreignKeys'] {
  const rows = file.pragma(`foreign_key_list(${quote(table)})`) as { id: number; table: string; from: string }[]
  return [...new Set(rows.map(({ id }) => id))].map((id) => {
    const parts = rows.filter((row) => row.id === id)
    return { columns: parts.map(({ from }) => from), parent: parts[0]!.table }
  })
}

/** What AUTOINCREMENT remembers, or the largest id there is. */
function counter(file: Database.Database, table: string, column: string): bigint {
  const largest = file
    .prepare(`select max(${quote(column)}) from ${quote(table)}`)
    .safeIntegers()
    .pluck()
    .get()
  const remembers = file.prepare("select 1 from sqlite_schema where name = 'sqlite_sequence'").get() !== undefined
  const mark = remembers
    ? file.prepare('select seq from sqlite_sequence where name = ?').safeIntegers().pluck().get(table)
    : null
  const numbers = [largest, mark].filter((each) => typeof each === 'bigint')
  return numbers.reduce((a, b) => (a > b ? a : b), 0n)
}

/** Outside of strings, quoted names and comments, `CHECK (` begins nothing but a constraint. */
function countChecks(sql: string): number {
  const bare = sql.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[^]*?\*\//g, "''")
  return [...bare.matchAll(/\bcheck\s*\(/gi)].length
}
