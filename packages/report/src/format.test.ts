import { expect, test } from 'vitest'
import { counted, formatCount, formatDuration } from './format.ts'

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [999.5, '1.0 s'],
  [1240, '1.2 s'],
  [99_949, '99.9 s'],
  [99_950, '1 min 40 s'],
  [3_599_400, '59 min 59 s'],
  [3_599_600, '1 h 0 min'],
  [7_500_000, '2 h 5 min'],
])('%d ms', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

test('counts', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567')
  expect([0, 1, 2].map((n) => counted(n, 'row'))).toEqual(['0 rows', '1 row', '2 rows'])
  expect(counted(2, 'index', 'indexes')).toBe('2 indexes')
})
