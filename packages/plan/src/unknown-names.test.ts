import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planOptionsSchema } from './options.ts'
import { catalog, column, table, target } from './testing.ts'
import { nearest, unknownNames } from './unknown-names.ts'

const source = catalog([table('users', [column('id'), column('created_at')]), table('a.b', [column('c')])])
const found = (options: object, there = catalog([target('users', {})])) =>
  unknownNames(source, there, planOptionsSchema.parse(options)).map(({ code, remedy }) => [code, remedy])

test('a typo in any option is answered with the name that was probably meant', () => {
  expect(found({ tables: ['user'] })).toEqual([['TABLE_UNKNOWN', 'did you mean "users"?']])
  expect(found({ excludeTables: ['USERS'] })).toEqual([['TABLE_UNKNOWN', 'did you mean "users"?']])
  expect(found({ allowCascade: ['usres'] })).toEqual([['TABLE_UNKNOWN', 'did you mean "users"?']])
  const meant = [['COLUMN_UNKNOWN', 'did you mean "users.created_at"?']]
  expect(found({ map: [{ column: 'users.createdAt', from: 'a', to: 'b' }] })).toEqual(meant)
  expect(found({ epoch: [{ column: 'user.created_at', unit: 's' }] })).toEqual(meant)
  expect(found({ allowLossy: ['users.created_a'] })).toEqual(meant)
  expect(found({ dropColumn: ['users.creatd_at'] })).toEqual(meant)
  expect(found({ trim: ['users.creatd_at'] })).toEqual(meant)
  expect(found({ trim: ['usrs.*'] })).toEqual([['COLUMN_UNKNOWN', 'did you mean "users.*"?']])
  expect(found({ rename: [{ from: 'users.created', to: 'x' }] })).toEqual(meant)
})

test('nothing is proposed where nothing is like it', () => {
  expect(found({ tables: ['invoices'] })).toEqual([['TABLE_UNKNOWN', 'check the names that follow --tables']])
  expect(nearest('', ['a'])).toBeNull()
})

test('a point in a name can make it mean two things, which is refused', () => {
  const two = catalog([table('a.b', [column('c')]), table('a', [column('b.c'), column('b')])])
  const codes = (options: object) => unknownNames(two, null, planOptionsSchema.parse(options)).map(({ code }) => code)
  expect(codes({ allowLossy: ['a.b.c'] })).toEqual(['NAME_AMBIGUOUS'])
  expect(codes({ rename: [{ from: 'a.b', to: 'x' }] })).toEqual(['NAME_AMBIGUOUS'])
  expect(codes({ rename: [{ from: 'a', to: 'x' }] })).toEqual([])
})

test('one edit away is always found', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 4, maxLength: 20 }),
      fc.nat(),
      fc.constantFrom('drop', 'swap', 'add'),
      (name, at, how) => {
        const i = at % (name.length - 1)
        const typo = {
          drop: name.slice(0, i) + name.slice(i + 1),
          swap: name.slice(0, i) + name[i + 1]! + name[i]! + name.slice(i + 2),
          add: `${name.slice(0, i)}x${name.slice(i)}`,
        }[how]
        expect(nearest(typo, [name])).toBe(name)
      },
    ),
  )
})
