import type { Column, Table } from '@rowferry/introspect'
import { nearName } from './names.ts'
import type { SettledNames } from './settle-names.ts'

/** Where something of the source belongs: the one of exactly that name; else what is nearly called so and nobody else's. */
export interface Home<Item, There> {
  readonly item: Item
  readonly name: string
  readonly exact: There | null
  readonly near: readonly There[]
  /** The only near one, when no other would claim it as well. */
  readonly only: There | null
}

export function tableHomes(tables: readonly Table[], targets: readonly Table[], names: SettledNames) {
  return homesOf(tables, targets, {
    wanted: (table) => names.table(table).name,
    called: (table) => table.name.name,
  })
}

export function columnHomes(table: Table, target: Table, names: SettledNames) {
  return homesOf<Column, Column>(table.columns, target.columns, {
    wanted: (column) => names.column(table, column.name).name,
    called: (column) => column.name,
  })
}

function homesOf<Item, There>(
  items: readonly Item[],
  theirs: readonly There[],
  { wanted, called }: { wanted: (item: Item) => string; called: (there: There) => string },
): Home<Item, There>[] {
  const byName = new Map(theirs.map((there) => [called(there), there]))
  const taken = new Set(items.map(wanted).filter((name) => byName.has(name)))
  const found = items.map((item) => {
    const name = wanted(item)
    const exact = byName.get(name) ?? null
    const near = exact ? [] : theirs.filter((there) => !taken.has(called(there)) && nearName(called(there), name))
    return { item, name, exact, near }
  })
  const claims = new Map<There, number>()
  for (const { near } of found) for (const there of near) claims.set(there, (claims.get(there) ?? 0) + 1)
  return found.map((each) => ({
    ...each,
    only: each.near.length === 1 && claims.get(each.near[0]!) === 1 ? each.near[0]! : null,
  }))
}
