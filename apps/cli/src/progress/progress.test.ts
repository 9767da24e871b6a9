import type { CrossingEvent } from '@rowferry/migrate'
import { expect, test } from 'vitest'
import { showLines } from './lines.ts'
import { createView } from './live.ts'
import { writeEvents } from './ndjson.ts'

const rows = (count: number, more: Partial<Extract<CrossingEvent, { type: 'table' }>> = {}): CrossingEvent => ({
  type: 'table',
  phase: 'data',
  table: 'users',
  rows: count,
  total: 10_000,
  done: false,
  ...more,
})

test('the live view tells the phase, the rows, how long it will take and the rate', () => {
  let time = 0
  const view = createView(() => time)
  expect(view.render(80, false)).toBe('')
  view.take({ type: 'phase', phase: 'data', tables: 3, rows: null })
  view.take(rows(0))
  time = 2000
  view.take(rows(4000))
  expect(view.render(80, false).split('\n')).toEqual([
    expect.stringMatching(/^. loading · 2\.0 s$/),
    '  users: 4,000 of 10,000 rows · 40 % · 3 s left · 2,000 rows/s',
  ])
  view.take(rows(10_000, { done: true }))
  expect(view.render(80, false)).toMatch(/^. loading \(1 of 3 tables\) · 2\.0 s$/)
})

test('the live view keeps to a narrow terminal, and lets hostile names do nothing', () => {
  const view = createView(() => 5000)
  view.take({ type: 'phase', phase: 'post-data', tables: 3, rows: null })
  view.take(rows(4000, { table: 'a\u001B[2J_table_with_quite_a_name' }))
  for (const width of [10, 30, 60]) {
    for (const line of view.render(width, false).split('\n')) {
      expect([...line].length).toBeLessThan(width)
      expect(line).not.toMatch(/\p{Cc}/u)
    }
  }
})

test('notices stay', () => {
  expect(createView().take({ type: 'notice', message: 'locking\nthe tables' })).toBe(String.raw`locking\nthe tables`)
})

test('plain lines come by phase and by finished table, and every ten seconds in between', () => {
  let time = 0
  const lines: string[] = []
  const { onEvent } = showLines(
    (line) => lines.push(line),
    () => time,
  )
  onEvent({ type: 'phase', phase: 'data', tables: 1, rows: null })
  for (time = 0; time <= 12_000; time += 500) onEvent(rows(time / 2))
  onEvent(rows(10_000, { done: true }))
  expect(lines).toEqual(['loading', '  users: 5,000 of 10,000 rows …', '  users: 10,000 rows'])
})

test('events are thinned out, but never the last of a table', () => {
  let time = 0
  const written: unknown[] = []
  const { onEvent } = writeEvents(
    (value) => written.push(value),
    () => time,
  )
  for (time = 0; time < 1000; time += 10) onEvent(rows(time))
  onEvent(rows(10_000, { done: true }))
  onEvent({ type: 'phase', phase: 'verify', tables: 1, rows: null })
  expect(written).toEqual([
    rows(0),
    rows(250),
    rows(500),
    rows(750),
    rows(10_000, { done: true }),
    { type: 'phase', phase: 'verify', tables: 1, rows: null },
  ])
})
