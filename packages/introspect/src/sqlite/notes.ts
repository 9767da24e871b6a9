import type { CatalogNote, Table } from '../catalog.ts'
import { cursorOf, splitList } from './cursor.ts'
import type { Pragmas } from './pragma.ts'

/** None where SQLite itself cannot read the view, which is noted. */
export async function viewColumns(
  pragmas: Pragmas,
  name: string,
  note: (note: CatalogNote) => void,
): Promise<string[]> {
  try {
    return (await pragmas.tableXinfo(name)).map((column) => column.name)
  } catch (error) {
    note({ code: 'VIEW_BROKEN', object: name, message: error instanceof Error ? error.message : String(error) })
    return []
  }
}

/** Looks for what will not be readable although it stands in the schema. Nothing here touches a row. */
export async function noteTrouble(
  pragmas: Pragmas,
  tables: readonly Table[],
  note: (note: CatalogNote) => void,
): Promise<void> {
  await noteCollations(pragmas, tables, note)
  for (const table of tables) {
    for (const column of table.columns) {
      if (column.generated === null) continue
      const message = await pragmas.complaint('column', table.name.name, column.name)
      if (message !== null) note({ code: 'GENERATED_UNREADABLE', object: `${table.name.name}.${column.name}`, message })
    }
    const fts = ftsContent(table)
    if (fts !== null) note({ code: 'FTS_WITHOUT_CONTENT', object: table.name.name, message: fts })
  }
}

async function noteCollations(
  pragmas: Pragmas,
  tables: readonly Table[],
  note: (note: CatalogNote) => void,
): Promise<void> {
  const known = new Map<string, string | null>()
  const complaintOf = async (collation: string): Promise<string | null> => {
    const before = known.get(collation)
    if (before !== undefined) return before
    const message = await pragmas.complaint('collation', '', collation)
    known.set(collation, message)
    return message
  }
  for (const table of tables) {
    const used = [...table.columns, ...table.indexes.flatMap((index) => index.columns)].flatMap(
      (part) => part.collation ?? [],
    )
    for (const collation of new Set(used)) {
      const message = await complaintOf(collation)
      if (message !== null)
        note({
          code: 'COLLATION_UNKNOWN',
          object: table.name.name,
          message: `${message}; the program that made the file brings its own`,
        })
    }
  }
}

/** FTS tables may index text that lies elsewhere (fts5.html, section 4.4): their columns then read as NULL, or as the other table's. */
function ftsContent(table: Table): string | null {
  if (table.kind !== 'virtual' || table.definition === null) return null
  const module = /\busing\s+fts[345]\b/i.exec(table.definition)
  if (module === null) return null
  const source = contentOption(table.definition.slice(module.index + module[0].length))
  if (source === null) return null
  return source === ''
    ? 'It is contentless: the text it indexes was never stored'
    : `It indexes the text of ${source} and holds none of its own`
}

function contentOption(args: string): string | null {
  try {
    const options = splitList(cursorOf(args).parentheses())
    return (
      options.find(([name, equals]) => name?.value.toLowerCase() === 'content' && equals?.value === '=')?.[2]?.value ??
      null
    )
  } catch (error) {
    // A module's arguments need not be SQL
    if (error instanceof SyntaxError) return null
    throw error
  }
}
