import { foldName } from '../scope.ts'
import type { Expression } from '../syntax.ts'
import { Refusal } from '../translation.ts'
import { type Level, locate, type Located, outside, type Source } from './level.ts'
import { conjuncts } from './walk.ts'

/** `a = b` or `a = constant`: where it holds, b is known as soon as a is. */
interface Equality {
  readonly column: Located
  readonly other: Located | 'constant'
}

const idOf = ({ source, column }: { source: Source; column: { readonly name: string } }): string =>
  `${source.target}\0${foldName(column.name)}`

/** A condition that holds for the rows of a query; `outer`: only for these tables, which lack a row where it does not. */
export interface Condition {
  readonly tree: Expression
  readonly outer: ReadonlySet<Source> | null
}

/**
 * Which columns can have but one value for each combination of some others: those of a table whose key is known, and what conditions say is equal
 * to them.
 */
export function determined(
  level: Level,
  conditions: readonly Condition[],
  known: readonly Located[],
): (located: Located) => boolean {
  const ids = new Set(known.map(idOf))
  const rules = conditions.flatMap((condition) => rulesOf(level, condition))
  for (let before = -1; before !== ids.size;) {
    before = ids.size
    for (const rule of rules) {
      if (rule.every(({ other }) => other === 'constant' || ids.has(idOf(other))))
        for (const { column } of rule) ids.add(idOf(column))
    }
    for (const source of level.sources) {
      const whole = source.relation.keys.some((key) => key.every((name) => ids.has(idOf({ source, column: { name } }))))
      if (whole) for (const column of source.relation.columns) ids.add(idOf({ source, column }))
    }
  }
  return (located) => ids.has(idOf(located))
}

/** Equalities that tell their columns together. Of an outer join all must be understood, since they decide whether there is a row at all. */
function rulesOf(level: Level, { tree, outer }: Condition): readonly (readonly Equality[])[] {
  const parts = conjuncts(tree).map((part) => equalitiesOf(level, part))
  if (outer === null) return parts.flat().map((equality) => [equality])
  const rule = parts.map((sides) =>
    sides.find(({ column, other }) => outer.has(column.source) && (other === 'constant' || !outer.has(other.source))),
  )
  return rule.every((equality) => equality !== undefined) ? [rule] : []
}

function equalitiesOf(level: Level, tree: Expression): Equality[] {
  if (tree.kind !== 'binary' || tree.operator !== '=') return []
  const sides = [sideOf(level, tree.left), sideOf(level, tree.right)] as const
  return [sides, [sides[1], sides[0]] as const].flatMap(([column, other]) =>
    column && column !== 'constant' && other && plain(column) && (other === 'constant' || plain(other))
      ? [{ column, other }]
      : [],
  )
}

/** Equal by the bytes, so that one value is meant. */
function plain({ column: { term } }: Located): boolean {
  return (term.collation?.name ?? 'BINARY') === 'BINARY' && !term.mixed && term.kind !== 'other' && term.kind !== 'json'
}

function sideOf(level: Level, tree: Expression): Located | 'constant' | null {
  if (tree.kind === 'integer' || tree.kind === 'string' || tree.kind === 'boolean') return 'constant'
  if (tree.kind !== 'name') return null
  try {
    return locate(level, tree) ?? (outside(level, tree) ? 'constant' : null)
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}
