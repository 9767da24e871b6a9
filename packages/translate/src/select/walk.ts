import { foldName } from '../scope.ts'
import type { Call, Expression } from '../syntax.ts'

const aggregates = new Set(['count', 'sum', 'avg', 'total', 'group_concat', 'string_agg', 'min', 'max'])

/** An aggregate; min() and max() of several values are none, and nothing with OVER is. */
export function isAggregate(tree: Expression): tree is Call {
  if (tree.kind !== 'call' || tree.over || !aggregates.has(tree.name)) return false
  return (tree.name !== 'min' && tree.name !== 'max') || tree.arguments.length === 1
}

/** Does it hold such a form outside of its subqueries? */
export function holds(tree: unknown, isIt: (tree: Expression) => boolean): boolean {
  if (typeof tree !== 'object' || tree === null) return false
  if ('kind' in tree && isIt(tree as Expression)) return true
  return Object.entries(tree).some(([key, value]) => key !== 'select' && holds(value, isIt))
}

/** Two trees with the same print are the same expression: names are blind to the case of ASCII letters. */
export function print(tree: Expression): string {
  return JSON.stringify(tree, (key, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`
    if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'name') return value
    const { name, qualifiers } = value as Expression & { kind: 'name' }
    return { name: foldName(name), qualifiers: qualifiers.map(foldName), key: '' }
  })
}

export function conjuncts(tree: Expression): readonly Expression[] {
  return tree.kind === 'binary' && tree.operator === 'and'
    ? [...conjuncts(tree.left), ...conjuncts(tree.right)]
    : [tree]
}
