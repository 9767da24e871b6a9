import { foldName } from '../scope.ts'
import type { Expression, SelectCore } from '../syntax.ts'
import type { Term } from '../term.ts'
import { Refusal } from '../translation.ts'
import { type Condition, determined } from './determine.ts'
import type { Level } from './level.ts'
import { groupKey } from './order.ts'
import { referTo } from './relation.ts'
import { holds, print } from './walk.ts'

/** A result of a SELECT, `*` written out. */
export interface NamedResult {
  readonly value: Expression
  readonly alias: string | null
  readonly name: string
}

export function groupOf(
  tree: Expression,
  results: readonly NamedResult[],
  say: (tree: Expression) => Term,
): Level['groups'][number] {
  const meant = tree.kind === 'integer' ? results[Number(tree.value) - 1]?.value : tree
  if (!meant) throw new Refusal('it groups by a number that is none of its results')
  refuseConstant(meant)
  const term = say(meant)
  return { print: print(meant), term }
}

/** Columns that stand outside of aggregates must follow from the group; PostgreSQL wants them named. */
export function groupSql(core: SelectCore, level: Level, conditions: readonly Condition[]): string {
  if (!level.aggregated) return ''
  const keys = level.groups.map(({ term }) => groupKey(term))
  const known = level.groups.flatMap(({ term }) => {
    const located = [...level.sources].flatMap((source) =>
      source.relation.columns.flatMap((column) =>
        referTo(column, source.target).passed?.sql === term.passed?.sql && term.passed !== null
          ? [{ source, column }]
          : [],
      ),
    )
    return located
  })
  const follows = determined(level, conditions, known)
  for (const located of level.bare.values()) {
    const name = located.term.passed?.sql ?? located.term.sql
    if (keys.includes(name)) continue
    if (core.group.length === 0 || !follows(located))
      throw new Refusal(
        `of each group SQLite takes ${located.source.alias}.${located.column.name} from a row of its choice`,
        `min(${name})`,
      )
    if (located.term.kind === 'json') throw new Refusal('it groups by JSON')
    keys.push(name)
  }
  return core.group.length === 0 ? '' : ` GROUP BY ${[...new Set(keys)].join(', ')}`
}

/** A grouped query's rows differ in what it groups by; distinct ones in everything. */
export function keysOf(
  core: SelectCore,
  results: readonly NamedResult[],
  columns: readonly { readonly name: string }[],
): string[][] {
  if (core.group.length === 0) return []
  const names = core.group.map((tree) => {
    const at =
      tree.kind === 'integer'
        ? Number(tree.value) - 1
        : results.findIndex(
            ({ value, name }) =>
              print(value) === print(tree) ||
              (tree.kind === 'name' && tree.qualifiers.length === 0 && foldName(name) === foldName(tree.name)) ||
              (tree.kind === 'name' && value.kind === 'name' && foldName(value.name) === foldName(tree.name)),
          )
    return columns[at]?.name
  })
  return names.every((name) => name !== undefined) ? [names] : []
}

/** `1 IS NOT NULL` and `+1` are the number of a result to SQLite, as 1 is. */
export function refuseConstant(tree: Expression): void {
  if (!holds(tree, ({ kind }) => kind === 'name' || kind === 'call' || kind === 'subquery' || kind === 'exists'))
    throw new Refusal('it orders or groups by a constant')
}
