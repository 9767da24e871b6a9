import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nameTrouble } from './names.ts'
import { planOptionsSchema } from './options.ts'
import { settleNames } from './settle-names.ts'
import { catalog, column, table } from './testing.ts'

const awkward = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.constantFrom(
    '',
    '_',
    'ctid',
    'ctid_',
    'CTID',
    'xmin',
    '__proto__',
    'constructor',
    '"',
    "'",
    'a.b',
    'É',
    'é',
    'e\u{301}',
  ),
  fc
    .tuple(fc.constantFrom('x', 'é', '🦊'), fc.integer({ min: 60, max: 70 }), fc.string({ maxLength: 2 }))
    .map(([letter, times, end]) => letter.repeat(times) + end),
)
const names = fc.uniqueArray(awkward, { maxLength: 20 })
const style = fc.constantFrom('keep' as const, 'snake' as const, 'lower' as const)

test('every name becomes one that PostgreSQL keeps, no two the same, whatever their order', () => {
  fc.assert(
    fc.property(names, style, (all, how) => {
      const options = planOptionsSchema.parse({ case: how })
      const of = (list: readonly string[]) => {
        const tables = list.map((name) =>
          table(
            name,
            list.map((each) => column(each)),
          ),
        )
        const settled = settleNames(catalog(tables), options)
        return new Map(
          tables.map((each) => [
            each.name.name,
            [settled.table(each).name, ...all.map((name) => settled.column(each, name).name)],
          ]),
        )
      }
      const there = of(all)
      const tables = [...there.values()].map(([name]) => name!)
      expect(new Set(tables).size).toBe(all.length)
      for (const name of tables) expect(nameTrouble(name, 'table')).toBeNull()
      for (const [, ...columns] of there.values()) {
        expect(new Set(columns).size).toBe(all.length)
        for (const name of columns) expect(nameTrouble(name, 'column')).toBeNull()
      }
      expect(of(all.toReversed())).toEqual(there)
    }),
  )
})

test('a name that can stay stays', () => {
  fc.assert(
    fc.property(names, (all) => {
      const tables = all.map((name) => table(name, []))
      const settled = settleNames(catalog(tables), planOptionsSchema.parse({}))
      const changed = tables.filter((each) => settled.table(each).name !== each.name.name)
      expect(changed.every(({ name }) => nameTrouble(name.name, 'table') !== null)).toBe(true)
    }),
  )
})

test('names do not change from one version to the next', () => {
  const long = ['é'.repeat(40), `${'x'.repeat(63)}1`, `${'x'.repeat(63)}2`]
  const tables = ['', ...long].map((name) => table(name, [column('ctid')]))
  const settled = settleNames(catalog(tables), planOptionsSchema.parse({}))
  expect(tables.map((each) => settled.table(each).name)).toEqual([
    '_',
    `${'é'.repeat(27)}_84fe2e03`,
    `${'x'.repeat(54)}_e1cddcc3`,
    `${'x'.repeat(54)}_df6c9993`,
  ])
  expect(settled.column(tables[0]!, 'ctid')).toMatchObject({ name: 'ctid_', given: false })
})
