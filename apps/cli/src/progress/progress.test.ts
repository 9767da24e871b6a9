import type { CrossingEvent } from '@rowferry/migrate'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { showLines } from './lines.ts'
import { writeEvents } from './ndjson.ts'
import { createView } from './view.ts'

const rows = (count: number, more: Partial<Extract<CrossingEvent, { type: 'table' }>> = {}): CrossingEvent => ({
  type: 'table',
  phase: 'data',
  table: 'users',
  rows: count,
  total: 10_000,
  done: false,
  ...more,
})

test('the live view tells the phase, how far it is, how long it will take, the rate, and the table in hand', () => {
  let time = 0
  const view = createView(() => time)
  expect(view.render(80, false)).toBe('')
  view.take({ type: 'phase', phase: 'data', tables: 3, rows: 20_000 })
  expect(view.render(80, false)).toMatch(/^. loading · 0 ms$/)
  view.take(rows(0))
  time = 2000
  view.take(rows(4000))
  expect(view.render(80, false).split('\n')).toEqual([
    expect.stringMatching(/^. loading · 8 s left · 0 of 3 tables · 2\.0 s$/),
    '  ━━━━━─────────────────── 20 % · 4,000 of 20,000 rows · 2,000 rows/s',
    '  users · 4,000 of 10,000 rows',
  ])
  view.take(rows(10_000, { done: true }))
  expect(view.render(80, false).split('\n')).toEqual([
    expect.stringMatching(/^. loading · 2 s left · 1 of 3 tables · 2\.0 s$/),
    '  ━━━━━━━━━━━━──────────── 50 % · 10,000 of 20,000 rows · 5,000 rows/s',
  ])
  view.take({ type: 'phase', phase: 'scan', tables: 3, rows: null })
  view.take(rows(7, { phase: 'scan', total: null }))
  time = 3500
  expect(view.render(80, false).split('\n').slice(1)).toEqual(['  7 rows · 5 rows/s', '  users · 7 rows'])
})

test('the live view keeps to a narrow terminal, and lets hostile and wide names do nothing', () => {
  const view = createView(() => 5000)
  view.take({ type: 'phase', phase: 'post-data', tables: 3, rows: 12_000_000 })
  for (const table of ['a\u001B[2J_table_with_quite_a_name', '表'.repeat(40)]) {
    view.take(rows(4000, { table }))
    for (const width of [10, 30, 40, 60]) {
      const lines = view.render(width, false).split('\n')
      expect(lines).toHaveLength(3)
      for (const line of lines) {
        expect(stringWidth(line)).toBeLessThan(width)
        expect(line).not.toMatch(/\p{Cc}/u)
      }
    }
  }
})

test('without colours there is no escape sequence, with them there is', () => {
  const view = createView()
  view.take({ type: 'phase', phase: 'data', tables: 1, rows: 1 })
  expect(view.render(80, false)).not.toContain('\u001B')
  expect(view.render(80, true)).toContain('\u001B[36m')
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
