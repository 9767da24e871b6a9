import { expect, test } from 'vitest'
import { perSecond, phaseClock } from './phase-clock.ts'

test('rows count in the step that they went through, once they all have', () => {
  const clock = phaseClock()
  const went = (table: string, rows: number, done: boolean) =>
    clock.onEvent({ type: 'table', phase: 'data', table, rows, total: null, done })
  clock.onEvent({ type: 'phase', phase: 'plan', tables: 0, rows: 0 })
  went('late', 9, true)
  clock.onEvent({ type: 'phase', phase: 'data', tables: 2, rows: 7 })
  went('users', 2, false)
  went('users', 3, true)
  went('roles', 4, true)
  clock.onEvent({ type: 'phase', phase: 'commit', tables: 2, rows: 7 })
  expect(clock.phases().map(({ name, rows }) => [name, rows])).toEqual([
    ['plan', null],
    ['data', 7],
    ['commit', null],
  ])
})

test('a rate needs time', () => {
  expect(perSecond(3000, 1500)).toBe(2000)
  expect(perSecond(1, 3000)).toBe(0)
  expect(perSecond(5, 0)).toBeNull()
})
