import type { SchemaFacts, TableFacts } from './facts.ts'

export const kinds = [
  'rows',
  'NOT NULL',
  'PRIMARY KEY',
  'UNIQUE',
  'FOREIGN KEY',
  'CHECK',
  'DEFAULT',
  'index',
  'generated',
  'sequence',
  'view',
  'trigger',
] as const

export type Kind = (typeof kinds)[number]

export interface Count {
  kept: number
  total: number
  readonly lost: string[]
}

/** How much of the first schema the second has. Tables, indexes, views and triggers go by name, columns by their place. */
export function compareFacts(source: SchemaFacts, target: SchemaFacts): ReadonlyMap<Kind, Count> {
  const counts = new Map<Kind, Count>(kinds.map((kind) => [kind, { kept: 0, total: 0, lost: [] }]))
  const count = (kind: Kind, object: string, isKept: boolean, weight = 1): void => {
    const entry = counts.get(kind)!
    entry.total += weight
    if (isKept) entry.kept += weight
    else entry.lost.push(object)
  }
  for (const [name, table] of source.tables) compareTable(name, table, target.tables.get(name), count)
  for (const view of source.views) count('view', view, target.views.includes(view))
  for (const trigger of source.triggers) count('trigger', trigger, target.triggers.includes(trigger))
  return counts
}

function compareTable(
  name: string,
  from: TableFacts,
  to: TableFacts | undefined,
  count: (kind: Kind, object: string, isKept: boolean, weight?: number) => void,
): void {
  const same = (a: readonly string[], b: readonly string[]) =>
    a.length === b.length && a.every((column) => b.some((other) => fold(other) === fold(column)))
  count('rows', name, to?.rows === from.rows, from.rows)
  from.columns.forEach((column, at) => {
    const there = to?.columns[at]
    const object = `${name}.${column.name}`
    if (column.notNull) count('NOT NULL', object, there?.notNull === true)
    if (column.hasDefault && !column.generated) count('DEFAULT', object, there?.hasDefault === true)
    if (column.generated) count('generated', object, there?.generated === true)
  })
  if (from.primaryKey) count('PRIMARY KEY', name, to?.primaryKey != null && same(from.primaryKey, to.primaryKey))
  for (const key of from.uniques)
    count('UNIQUE', `${name}(${key.join(', ')})`, to?.uniques.some((other) => same(key, other)) === true)
  for (const key of from.foreignKeys) {
    const isKept = to?.foreignKeys.some(
      (other) => same(key.columns, other.columns) && fold(key.parent) === fold(other.parent),
    )
    count('FOREIGN KEY', `${name}(${key.columns.join(', ')})`, isKept === true)
  }
  for (let at = 0; at < from.checks; at++) count('CHECK', name, at < (to?.checks ?? 0))
  for (const index of from.indexes) {
    const there = to?.indexes.find((other) => other.name === index.name || isCut(index.name, other.name))
    count('index', index.name, there?.unique === index.unique && there.partial === index.partial)
  }
  if (from.counter !== null) count('sequence', name, to?.counter != null && to.counter >= from.counter)
}

/** PostgreSQL keeps 63 bytes of a name; what stands at their end instead is the mover's affair. */
function isCut(long: string, short: string): boolean {
  return Buffer.byteLength(long) > 63 && short.startsWith(long.slice(0, 40))
}

/** SQLite's own idea of the same name. */
function fold(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}
