import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Edge, sequence } from './sequence.ts'

const cost = (order: readonly number[], edges: readonly Edge[]): number =>
  edges
    .filter(({ child, parent }) => order.indexOf(parent) > order.indexOf(child))
    .reduce((sum, { weight }) => sum + weight, 0)

const permutations = (nodes: readonly number[]): number[][] =>
  nodes.length === 0
    ? [[]]
    : nodes.flatMap((node) => permutations(nodes.filter((other) => other !== node)).map((rest) => [node, ...rest]))

const edges = fc.array(
  fc
    .record({ child: fc.nat(4), parent: fc.nat(4), weight: fc.constantFrom(1, 10, 100) })
    .filter((edge) => edge.child !== edge.parent),
  { maxLength: 12 },
)

test('up to twelve tables nothing is cheaper', () => {
  const nodes = [0, 1, 2, 3, 4]
  fc.assert(
    fc.property(edges, (list) => {
      const best = Math.min(...permutations(nodes).map((order) => cost(order, list)))
      expect(cost(sequence(nodes, list), list)).toBe(best)
    }),
  )
})

test('beyond that, at most half of the edges give way, and a graph without cycles keeps all', () => {
  const nodes = Array.from({ length: 30 }, (_, node) => node)
  const node = fc.nat(29)
  const many = fc.uniqueArray(
    fc.tuple(node, node).filter(([child, parent]) => child !== parent),
    {
      maxLength: 90,
      selector: ([child, parent]) => `${child} ${parent}`,
    },
  )
  fc.assert(
    fc.property(many, (pairs) => {
      const tangled = pairs.map(([child, parent]) => ({ child, parent, weight: 1 }))
      const order = sequence(nodes, tangled)
      expect(order.toSorted((left, right) => left - right)).toEqual(nodes)
      expect(cost(order, tangled)).toBeLessThanOrEqual(tangled.length / 2)
      const straight = tangled.filter(({ child, parent }) => child > parent)
      expect(cost(sequence(nodes, straight), straight)).toBe(0)
    }),
  )
})
