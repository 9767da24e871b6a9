import { expect, test } from 'vitest'
import { findChain, reachable } from './reach.ts'

const graph = new Map([
  ['a', new Set(['b', 'c'])],
  ['b', new Set(['d'])],
  ['c', new Set(['a', 'd'])],
  ['d', new Set(['e'])],
])

test('a chain is named step by step, the shortest one', () => {
  expect(findChain(graph, 'a', 'e')).toEqual(['a', 'b', 'd', 'e'])
})

test('no chain leads against the arrows, cycles or not', () => {
  expect(findChain(graph, 'e', 'a')).toBeUndefined()
  expect(findChain(graph, 'd', 'a')).toBeUndefined()
})

test('what a node reaches', () => {
  expect([...reachable(graph, 'b')].toSorted()).toEqual(['d', 'e'])
  expect(reachable(graph, 'a')).toContain('a')
})
