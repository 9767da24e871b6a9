import { describe, expect, test } from 'vitest'
import { findChain, reachable } from './reach.ts'
import { readList, readTable } from './table.ts'
import { read, readJson, readMembers } from './workspace.ts'

const typesOnly = ' (types)'
const docs = read('docs/architecture.md')
const members = readMembers()
const tags = members.map(({ tag }) => tag)
const tagOf = new Map(members.map(({ manifest, tag }) => [manifest.name, tag]))

const rules = new Map(
  readTable(docs, '## Arrows').map((row) => {
    const items = readList(row['may import'])
    const runtime = items.filter((item) => !item.endsWith(typesOnly))
    const any = items.map((item) => item.replace(typesOnly, ''))
    return [row['package'] ?? '', { runtime, any, tests: [...any, ...readList(row['its tests also'])] }]
  }),
)

function ours(dependencies: Readonly<Record<string, string>> = {}): readonly string[] {
  return Object.keys(dependencies).flatMap((name) => tagOf.get(name) ?? [])
}

test('docs/architecture.md names every package, and only those', () => {
  expect([...rules.keys()].toSorted()).toEqual(tags.toSorted())
})

describe.each(members)('$tag', ({ tag, manifest, arrows }) => {
  const rule = rules.get(tag) ?? { runtime: [], any: [], tests: [] }

  test('depends on what its row allows', () => {
    expect(rule.any).toEqual(expect.arrayContaining([...ours(manifest.dependencies)]))
    expect(rule.tests).toEqual(expect.arrayContaining([...ours(manifest.devDependencies)]))
  })

  test('imports what its row allows', () => {
    const strayed = arrows.filter(({ to, runtime, test: inTest }) => {
      if (to === tag) return false
      if (inTest) return !rule.tests.includes(to)
      return !(runtime ? rule.runtime : rule.any).includes(to)
    })
    expect(strayed).toEqual([])
  })

  test('imports at run time, tests aside, what its manifest brings along', () => {
    const brought = new Set([tag, ...ours(manifest.dependencies)])
    expect(arrows.filter(({ to, test: inTest }) => !inTest && !brought.has(to))).toEqual([])
  })
})

describe('distances', () => {
  const runtime = new Map(
    members.map(({ tag, arrows }) => [
      tag,
      new Set(arrows.filter((arrow) => arrow.runtime && !arrow.test).map(({ to }) => to)),
    ]),
  )
  const pairs = readTable(docs, '## Distances').flatMap((row) =>
    readList(row['never reaches']).map((to) => [row['package'] ?? '', to] as const),
  )

  test('docs/architecture.md keeps verify away from coerce and plan', () => {
    expect(pairs).toEqual(
      expect.arrayContaining([
        ['verify', 'coerce'],
        ['verify', 'plan'],
      ]),
    )
  })

  test.each(pairs)('%s never reaches %s', (from, to) => {
    expect(tags).toEqual(expect.arrayContaining([from, to]))
    expect(findChain(runtime, from, to)).toBeUndefined()
  })
})

test('turbo.json allows each package what its row leads to', () => {
  const steps = new Map([...rules].map(([tag, { tests }]) => [tag, new Set(tests)]))
  const expected = Object.fromEntries(tags.map((tag) => [tag, [...reachable(steps, tag), 'tooling'].toSorted()]))
  const { boundaries } = readJson('turbo.json') as Turbo
  const { tooling, checks, ...actual } = boundaries.tags
  expect(tooling?.dependencies.allow).toEqual(['tooling'])
  expect(checks?.dependencies.allow.toSorted()).toEqual([...tags, 'tooling'].toSorted())
  expect(
    Object.fromEntries(Object.entries(actual).map(([tag, { dependencies }]) => [tag, dependencies.allow.toSorted()])),
  ).toEqual(expected)
})

test('each package carries its own boundary tag', () => {
  const carried = members.map(({ folder }) => (readJson(`${folder}/turbo.json`) as { tags: string[] }).tags)
  expect(carried).toEqual(tags.map((tag) => [tag]))
})

interface Turbo {
  readonly boundaries: {
    readonly tags: Readonly<Record<string, { readonly dependencies: { readonly allow: readonly string[] } }>>
  }
}
