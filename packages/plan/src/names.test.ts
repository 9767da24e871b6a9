import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nameAllocator, nameTrouble, nearName, snakeCase } from './names.ts'

test.each([
  ['OrderDetails', 'order_details'],
  ['Order Details', 'order_details'],
  ['HTTPLog', 'http_log'],
  ['userID', 'user_id'],
  ['already_snake', 'already_snake'],
  ['Größe', 'größe'],
])('%s becomes %s', (name, snake) => {
  expect(snakeCase(name)).toBe(snake)
})

test('names are near when only case and punctuation differ', () => {
  expect(nearName('Order Details', 'order_details')).toBe(true)
  expect(nearName('orders', 'order')).toBe(false)
  expect(nearName('!!', '??')).toBe(false)
})

test('bytes count, not characters', () => {
  expect(nameTrouble('é'.repeat(31), 'table')).toBeNull()
  expect(nameTrouble('é'.repeat(32), 'table')?.code).toBe('NAME_TOO_LONG')
  expect(nameTrouble('', 'column')?.code).toBe('NAME_EMPTY')
  expect(nameTrouble('ctid', 'column')?.code).toBe('NAME_RESERVED')
  expect(nameTrouble('ctid', 'table')).toBeNull()
  expect(nameTrouble('\ud800', 'table')?.code).toBe('NAME_NOT_TEXT')
})

test('an allocator never gives a name twice nor one over 63 bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }), { maxLength: 40 }), (wanted) => {
      const allocate = nameAllocator(['taken'])
      const given = [...wanted, ...wanted].map(allocate)
      expect(new Set(given).size).toBe(given.length)
      for (const name of given) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63)
    }),
  )
})
