import type { ForeignKey, TableName } from '@rowferry/introspect'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LoadOrder, TableToOrder } from './load-order.ts'
import { orderTables } from './order-tables.ts'

type Wish = string | { readonly to: string; readonly column?: string; readonly deferrable?: boolean }

const nameOf = (name: string): TableName => ({ schema: 'main', name })

function keyOf(wish: Wish): ForeignKey {
  const { to, column = `${to}_id`, deferrable = false } = typeof wish === 'string' ? { to: wish } : wish
  return {
    name: null,
    columns: [column],
    references: nameOf(to),
    referencedColumns: ['id'],
    onDelete: 'no action',
    onUpdate: 'no action',
    match: 'simple',
    deferrability: deferrable ? 'initially immediate' : 'not deferrable',
    validated: true,
  }
}

const table = (name: string, parents: readonly Wish[] = [], nullableColumns?: readonly string[]): TableToOrder => ({
  name: nameOf(name),
  foreignKeys: parents.map(keyOf),
  ...(nullableColumns === undefined ? {} : { nullableColumns }),
})
const names = (list: readonly TableName[]): string[] => list.map(({ name }) => name)
const arrows = (list: LoadOrder['violations'] | LoadOrder['external']): string[] =>
  list.map((reference) => `${reference.table.name}->${reference.references.name}`)

test('parents come first, ties in the given order', () => {
  const result = orderTables([
    table('lines', ['orders', 'goods']),
    table('orders', ['people']),
    table('zoo'),
    table('people'),
    table('goods'),
  ])
  expect(result.layers.map(names)).toEqual([['zoo', 'people', 'goods'], ['orders'], ['lines']])
  expect(names(result.order)).toEqual(['zoo', 'people', 'goods', 'orders', 'lines'])
  expect(result).toMatchObject({ cycles: [], violations: [], external: [], selfReferences: [], unknown: [] })
})

test('self references and tables outside are listed, and order nothing', () => {
  const result = orderTables([table('people', ['people', 'towns', 'towns'])])
  expect(arrows(result.selfReferences)).toEqual(['people->people'])
  expect(arrows(result.external)).toEqual(['people->towns', 'people->towns'])
  expect(result.cycles).toEqual([])
})

test('tables of one name in two schemas are two tables', () => {
  const [one, other] = [table('t', ['t']), { name: { schema: 'other', name: 't' }, foreignKeys: [] }]
  expect(orderTables([one, other]).order).toEqual([one.name, other.name])
})

test('a cycle is closed by its deferrable foreign key, else by a nullable one', () => {
  const deferrable = [table('a', ['b'], ['b_id']), table('b', [{ to: 'c', deferrable: true }]), table('c', ['a'])]
  const nullable = [table('a', ['b']), table('b', ['c']), table('c', ['a'], ['a_id'])]
  const neither = [table('a', ['b', { to: 'b', column: 'b2' }]), table('b', ['a'])]
  expect(orderTables(deferrable).cycles.map((cycle) => names(cycle.tables))).toEqual([['b', 'a', 'c']])
  expect(orderTables(deferrable).cycles.map((cycle) => arrows(cycle.closedBy))).toEqual([['b->c']])
  expect(orderTables(nullable).cycles.map((cycle) => arrows(cycle.closedBy))).toEqual([['c->a']])
  expect(orderTables(neither).cycles.map((cycle) => arrows(cycle.closedBy))).toEqual([['b->a']])
  expect(orderTables(nullable).violations).toEqual([
    expect.objectContaining({ because: 'cycle', nullable: true, columns: ['a_id'] }),
  ])
})

test('an explicit order wins, and what it breaks is listed', () => {
  const tables = [table('people'), table('orders', ['people']), table('lines', ['orders']), table('zoo')]
  const whole = orderTables(tables, { explicit: ['lines', 'zoo', 'orders', 'people'].map(nameOf) })
  expect(names(whole.order)).toEqual(['lines', 'zoo', 'orders', 'people'])
  expect(arrows(whole.violations)).toEqual(['orders->people', 'lines->orders'])
  expect(whole.violations[0]?.because).toBe('explicit order')

  const part = orderTables(tables, { explicit: ['lines', 'people', 'nowhere', 'lines'].map(nameOf) })
  expect(names(part.order).indexOf('lines')).toBeLessThan(names(part.order).indexOf('people'))
  expect(part.violations).toHaveLength(1)
  expect(part.unknown).toEqual([nameOf('nowhere')])
})

test('the same name twice is refused', () => {
  expect(() => orderTables([table('a'), table('a')])).toThrow(expect.objectContaining({ code: 'TABLE_TWICE' }))
})

const graph = fc.integer({ min: 1, max: 20 }).chain((count) => {
  const end = fc.nat(count)
  const edge = fc.record({ from: fc.nat(count - 1), to: end, deferrable: fc.boolean(), nullable: fc.boolean() })
  return fc.array(edge, { maxLength: 40 }).map((edges) =>
    Array.from({ length: count }, (_, node) => {
      const mine = edges.filter(({ from }) => from === node).map((one, index) => ({ ...one, column: `c${index}` }))
      const wishes = mine.map(({ to, column, deferrable }) => ({ to: `t${to}`, column, deferrable }))
      return table(
        `t${node}`,
        wishes,
        mine.filter(({ nullable }) => nullable).map(({ column }) => column),
      )
    }),
  )
})

const reaches = (tables: readonly TableToOrder[], from: string, to: string): boolean => {
  const seen = new Set([from])
  for (const name of seen) {
    const found = tables.find((one) => one.name.name === name)
    for (const key of found?.foreignKeys ?? []) seen.add(key.references.name)
  }
  return seen.has(to)
}

test('of any graph: each table once, each foreign key points back unless it closes a cycle, and the books balance', () => {
  fc.assert(
    fc.property(graph, (tables) => {
      const result = orderTables(tables)
      const rank = new Map(names(result.order).map((name, index) => [name, index]))
      expect(names(result.order).toSorted()).toEqual(tables.map(({ name }) => name.name).toSorted())
      expect(result.layers.flat()).toEqual(result.order)
      expect(JSON.parse(JSON.stringify(result))).toEqual(result)
      const all = tables.flatMap((one) => one.foreignKeys.map((key) => [one.name.name, key.references.name] as const))
      const forward = all.filter(([child, parent]) => (rank.get(parent) ?? -1) > (rank.get(child) ?? 0))
      expect(arrows(result.violations)).toEqual(forward.map((pair) => pair.join('->')))
      for (const [child, parent] of forward) expect(reaches(tables, parent, child)).toBe(true)
      expect(result.cycles.flatMap((cycle) => arrows(cycle.closedBy)).toSorted()).toEqual(
        arrows(result.violations).toSorted(),
      )
      const outside = all.filter(([, parent]) => !rank.has(parent))
      expect(result.external).toHaveLength(outside.length)
      expect(result.selfReferences).toHaveLength(all.filter(([child, parent]) => child === parent).length)
    }),
  )
})

test('of any graph and any explicit order: the listed tables keep that order', () => {
  fc.assert(
    fc.property(graph, fc.uniqueArray(fc.nat(19)), (tables, wish) => {
      const explicit = wish
        .map((node) => nameOf(`t${node}`))
        .filter(({ name }) => tables.some((one) => one.name.name === name))
      const { order } = orderTables(tables, { explicit })
      expect(order).toHaveLength(tables.length)
      expect(names(order).filter((name) => names(explicit).includes(name))).toEqual(names(explicit))
    }),
  )
})

test('an explicit order holds within a large cycle, too', () => {
  const ring = Array.from({ length: 40 }, (_, node) =>
    table(`t${node}`, [`t${(node + 1) % 40}`, `t${(node * 7) % 40}`]),
  )
  const explicit = [3, 30, 12, 0, 39, 21].map((node) => nameOf(`t${node}`))
  const { order } = orderTables(ring, { explicit })
  expect(order.filter((name) => names(explicit).includes(name.name))).toEqual(explicit)
})

test.each([
  ['a chain', (node: number) => (node === 0 ? [] : [node - 1])],
  ['a ring', (node: number) => [(node + 1) % 10_000]],
  ['a tangle', (node: number) => [(node * 7919 + 1) % 10_000, (node * 104_729 + 3) % 10_000]],
])('ten thousand tables: %s', (_, parents) => {
  const tables = Array.from({ length: 10_000 }, (__, node) =>
    table(
      `t${node}`,
      parents(node).map((parent) => `t${parent}`),
    ),
  )
  const result = orderTables(tables)
  expect(new Set(names(result.order)).size).toBe(10_000)
  expect(result.violations.length).toBeLessThan(5000)
})
