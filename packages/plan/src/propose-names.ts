import type { Catalog, Table } from '@rowferry/introspect'
import type { Finding } from './finding.ts'
import { finding } from './finding.ts'
import { columnHomes, tableHomes } from './near-names.ts'
import { renameWords } from './option-words.ts'
import type { PlanOptions } from './options.ts'
import { settleNames } from './settle-names.ts'

interface Proposal {
  readonly style: PlanOptions['case']
  readonly rules: readonly { readonly from: string; readonly to: string }[]
  /** Names that would still meet nothing, or more than one. */
  readonly open: number
}

/** One line that settles every spelling that can only mean one thing, tables and columns together; nothing where less than two differ. */
export function proposeNames(
  source: Catalog,
  selected: readonly Table[],
  targets: readonly Table[],
  options: PlanOptions,
  differing: readonly Finding[],
): Finding[] {
  if (differing.length < 2) return []
  const styles = new Set([options.case, 'snake', 'lower', 'keep'] as const)
  const [best] = [...styles]
    .map((style) => propose(source, selected, targets, { ...options, case: style }))
    .toSorted((a, b) => a.open - b.open || a.rules.length - b.rules.length)
  if (!best || (best.rules.length === 0 && best.style === options.case)) return []
  const words = [
    ...(best.style === options.case ? [] : [`--case ${best.style}`]),
    ...(best.rules.length > 0 ? [renameWords(best.rules)] : []),
  ]
  return [
    finding({
      code: 'NAMES_DIFFER',
      severity: 'refuse',
      message: `${differing.length} names of the source are spelled otherwise in the target; one line settles ${best.open === 0 ? 'them all' : 'those that can only mean one thing'}`,
      remedy: words.join(' '),
    }),
  ]
}

function propose(
  source: Catalog,
  selected: readonly Table[],
  targets: readonly Table[],
  options: PlanOptions,
): Proposal {
  const names = settleNames(source, options)
  const rules: { from: string; to: string }[] = []
  let open = 0
  for (const { item: table, exact, only } of tableHomes(selected, targets, names)) {
    const home = exact ?? only
    if (!home) {
      open += 1 + table.columns.length
      continue
    }
    if (!exact) rules.push({ from: table.name.name, to: home.name.name })
    for (const column of columnHomes(table, home, names)) {
      if (column.only) rules.push({ from: `${table.name.name}.${column.item.name}`, to: column.only.name })
      else if (!column.exact) open++
    }
  }
  return { style: options.case, rules, open }
}
