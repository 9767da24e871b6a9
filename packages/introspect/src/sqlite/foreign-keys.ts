import type { ForeignKey, ForeignKeyAction, Table } from '../catalog.ts'
import type { TableText } from './create-table.ts'
import type { ForeignKeyRow } from './pragma.ts'
import { foldName } from './token.ts'

/** The keys of one table, in the order of the definition. `parents` are all tables of the file, by folded name. */
export function foreignKeysOf(
  rows: readonly ForeignKeyRow[],
  texts: TableText['foreignKeys'],
  parents: ReadonlyMap<string, Pick<Table, 'name' | 'columns' | 'primaryKey'>>,
): ForeignKey[] {
  const byId = new Map<number, ForeignKeyRow[]>()
  for (const row of rows) {
    const id = Number(row.id)
    byId.set(id, [...(byId.get(id) ?? []), row])
  }
  // SQLite counts from the last key of the definition to the first
  const keys = [...byId]
    .toSorted(([a], [b]) => b - a)
    .map(([, parts]) => parts.toSorted((a, b) => Number(a.seq) - Number(b.seq)))
  return keys.flatMap((parts, index) => {
    const first = parts[0]
    if (first === undefined) return []
    const text = texts.length === keys.length ? texts[index] : undefined
    const parent = parents.get(foldName(first.table))
    return {
      name: text?.name ?? null,
      columns: parts.map((part) => part.from),
      references: parent?.name ?? { schema: 'main', name: first.table },
      referencedColumns: referencedColumns(parts, parent),
      onDelete: actionOf(first.on_delete),
      onUpdate: actionOf(first.on_update),
      // SQLite reads MATCH FULL and PARTIAL but treats every key as simple (foreignkeys.html, section 6)
      match: 'simple',
      deferrability: text?.deferrability ?? 'not deferrable',
      validated: true,
    } satisfies ForeignKey
  })
}

function referencedColumns(
  parts: readonly ForeignKeyRow[],
  parent: Pick<Table, 'columns' | 'primaryKey'> | undefined,
): readonly string[] | null {
  const written = parts.flatMap((part) => part.to ?? [])
  if (written.length < parts.length) {
    const key = parent?.primaryKey?.columns
    return key?.length === parts.length ? key : null
  }
  return written.map((name) => parent?.columns.find((column) => foldName(column.name) === foldName(name))?.name ?? name)
}

const actions: readonly string[] = [
  'no action',
  'restrict',
  'cascade',
  'set null',
  'set default',
] satisfies ForeignKeyAction[]
const isAction = (word: string): word is ForeignKeyAction => actions.includes(word)

function actionOf(word: string): ForeignKeyAction {
  const action = word.toLowerCase()
  return isAction(action) ? action : 'no action'
}
