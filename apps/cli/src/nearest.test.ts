import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

const names = ['onExisting', 'epoch', 'map', 'missingTables']

test.each([
  ['onExsting', 'onExisting'],
  ['ONEXISTING', 'onExisting'],
  ['maps', 'map'],
  ['missingtable', 'missingTables'],
  ['something', null],
  ['', null],
])('%s → %s', (written, name) => {
  expect(nearest(written, names)).toBe(name)
})

test('a name is nearest to itself', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.string({ minLength: 1, maxLength: 8 }).map((name) => name.toLowerCase()),
        { minLength: 1, maxLength: 6 },
      ),
      (all) => {
        for (const name of all) expect(nearest(name, all)).toBe(name)
      },
    ),
  )
})
