import { formatType } from '@rowferry/coerce'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchTables } from './match.ts'
import { planOptionsSchema } from './options.ts'
import { catalog, column, table, target } from './testing.ts'
import type { UserCast } from './user-casts.ts'
import { userCastFindings, userType } from './user-casts.ts'

const orders = table(
  'orders',
  [column('total', { declaredType: 'MONEY' }), column('code', { declaredType: 'char (5)' })],
  {
    primaryKey: { name: null, columns: ['code'], deferrability: 'not deferrable', nullsNotDistinct: false },
  },
)
const typeOf = (declaredType: string, ...casts: UserCast[]): string | null => {
  const found = userType(orders, column('total', { declaredType }), casts)
  return found && formatType(found.type)
}

describe('declared', () => {
  test.each([
    ['MONEY', 'money', 'numeric(12,2)'],
    ['MONEY', 'SMALLMONEY', null],
    ['*MONEY', 'SMALLMONEY', 'numeric(12,2)'],
    ['CHAR(?)', 'char ( 5 )', 'numeric(12,2)'],
    ['CHAR(?)', 'char(50)', null],
    ['decimal(*,2)', 'DECIMAL (10, 2)', 'numeric(12,2)'],
    ['/^(small)?money$/i', 'SmallMoney', 'numeric(12,2)'],
    ['/^money$/', 'MONEY', null],
    ['/MONEY/g', 'MONEY', 'numeric(12,2)'],
    ['a+b', 'A+B', 'numeric(12,2)'],
    ['a+b', 'aab', null],
  ])('%j and a column declared %j', (declared, declaredType, type) => {
    expect(typeOf(declaredType, { declared, type: 'decimal(12, 2)' })).toBe(type)
    expect(typeOf(declaredType, { declared, type: 'decimal(12, 2)' })).toBe(type)
  })

  test('a pattern without signs finds exactly itself, whatever it is made of', () => {
    const plain = fc.string({ unit: 'binary' }).filter((text) => !/[*?/]/.test(text) && text.trim() !== '')
    fc.assert(
      fc.property(plain, (text) => {
        expect(typeOf(text, { declared: text, type: 'text' })).toBe('text')
      }),
    )
  })
})

test("a column's own cast goes first, then the first that fits", () => {
  const casts: UserCast[] = [
    { declared: 'MON*', type: 'text' },
    { declared: 'MONEY', type: 'bytea' },
    { column: 'orders.total', type: 'int4' },
  ]
  expect(typeOf('MONEY', ...casts)).toBe('integer')
  expect(typeOf('MONEY', ...casts.slice(0, 2))).toBe('text')
  expect(userType(orders, column('other'), casts)).toBeNull()
})

describe('findings', () => {
  const codes = (casts: UserCast[], existing = false) => {
    const source = catalog([orders])
    const there = existing ? catalog([target('orders', { total: 'int4', code: 'text' })]) : null
    return userCastFindings(casts, source, matchTables(source, there, planOptionsSchema.parse({}))).map(
      ({ code, severity }) => `${code} ${severity}`,
    )
  }
  test.each<[string, UserCast, string[]]>([
    ['a fitting one', { column: 'orders.total', type: 'numeric' }, []],
    ['a type that nobody knows', { column: 'orders.total', type: 'monay' }, ['CAST_TYPE_UNKNOWN refuse']],
    ['no pattern', { declared: '/(/', type: 'text' }, ['CAST_PATTERN_INVALID refuse']],
    ['a column that is not there', { column: 'orders.totl', type: 'text' }, ['COLUMN_UNKNOWN refuse']],
    ['a declared type that nobody uses', { declared: 'MONAY', type: 'text' }, ['CAST_UNUSED warning']],
    ['json in a key', { declared: 'char(*)', type: 'json' }, ['CAST_IN_KEY refuse']],
  ])('%s', (_, cast, expected) => {
    expect(codes([cast])).toEqual(expected)
  })

  test('a misspelled column is answered with the one that was probably meant', () => {
    const source = catalog([orders])
    const matching = matchTables(source, null, planOptionsSchema.parse({}))
    const [found] = userCastFindings([{ column: 'orders.totl', type: 'text' }], source, matching)
    expect(found?.remedy).toBe('did you mean "orders.total"?')
  })

  test('an earlier cast of the same columns, or a table that is there', () => {
    const money: UserCast = { declared: 'MONEY', type: 'text' }
    expect(codes([money, { ...money, type: 'int8' }])).toEqual(['CAST_UNUSED warning'])
    expect(codes([{ column: 'orders.total', type: 'text' }], true)).toEqual(['CAST_UNUSED warning'])
  })
})
