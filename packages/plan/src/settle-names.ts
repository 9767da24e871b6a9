import type { Catalog, Table } from '@rowferry/introspect'
import type { NameKind } from './names.ts'
import { keepableName, markedName, nameTrouble, recase } from './names.ts'
import type { PlanOptions } from './options.ts'

/** One name of the source and what it becomes in the target. */
export interface SettledName {
  readonly name: string
  /** Why it is neither the source's own, recased as asked, nor the one given by `rename`; null where it is. */
  readonly changed: string | null
  /** It was given by `rename`. */
  readonly given: boolean
}

/** The names of the whole source, so that none depends on which tables were selected. */
export interface SettledNames {
  readonly table: (table: Table) => SettledName
  readonly column: (table: Table, column: string) => SettledName
}

/**
 * Every name of the source gets one that PostgreSQL keeps, no two the same: a name given by `rename` first, then the source's own, recased as
 * asked, where it can stay, else one made from it. The same source and options give the same names, in whatever order tables are listed.
 */
export function settleNames(source: Catalog, options: PlanOptions): SettledNames {
  const givenTo = new Map(options.rename.toReversed().map((rule) => [rule.from, rule.to]))
  const tables = settle(
    source.tables.map(({ name }) => name.name),
    (name) => givenTo.get(name),
    'table',
    options,
  )
  const columns = new Map<string, ReadonlyMap<string, SettledName>>()
  return {
    table: ({ name }) => tables.get(name.name) ?? settleOne(name.name, 'table', options),
    column({ name, columns: all }, column) {
      let settled = columns.get(name.name)
      if (!settled) {
        const whole = source.tables.find((table) => table.name.name === name.name)?.columns ?? all
        settled = settle(
          whole.map((each) => each.name),
          (each) => givenTo.get(`${name.name}.${each}`),
          'column',
          options,
        )
        columns.set(name.name, settled)
      }
      return settled.get(column) ?? settleOne(column, 'column', options)
    },
  }
}

function settleOne(name: string, kind: NameKind, options: PlanOptions): SettledName {
  return { name: keepableName(recase(name, options.case), kind), changed: null, given: false }
}

function settle(
  names: readonly string[],
  given: (name: string) => string | undefined,
  kind: NameKind,
  options: PlanOptions,
): ReadonlyMap<string, SettledName> {
  const settled = new Map<string, SettledName>()
  const used = new Map<string, string>()
  const take = (from: string, name: string, changed: string | null, isGiven = false) => {
    settled.set(from, { name, changed, given: isGiven })
    used.set(name, from)
  }
  for (const from of names) {
    const to = given(from)
    if (to !== undefined) take(from, to, null, true)
  }
  const wanted = names
    .filter((from) => !settled.has(from))
    .map((from) => ({ from, own: recase(from, options.case) }))
    .map(({ from, own }) => ({ from, own, kept: keepableName(own, kind) }))
    // A name that stays as it is goes before one that was made
    .toSorted((a, b) => Number(a.kept !== a.from) - Number(b.kept !== b.from) || (a.from < b.from ? -1 : 1))
  for (const { from, own, kept } of wanted) {
    const other = used.get(kept)
    if (other === undefined) {
      take(from, kept, kept === own ? null : nameTrouble(own, kind)!.message)
      continue
    }
    // By its own spelling, since that is what tells it from the other
    let name = markedName(own, from)
    for (let turn = 1; used.has(name); turn++) name = markedName(own, from, turn)
    take(from, name, `${JSON.stringify(other)} takes that name`)
  }
  return settled
}
