import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { dataSet, setNames } from './data-sets.ts'
import { makeSource } from './make-source.ts'
import { childSeconds } from './measure.ts'
import { medians } from './medians.ts'
import { openRandom } from './random.ts'
import { renderMarkdown } from './render-markdown.ts'

test.each(setNames)('%s is the same each time it is made', (name) => {
  const folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'rowferry-bench-')))
  try {
    const set = dataSet(name, 0.0001)
    const [one, other] = folders.map((folder) => makeSource(set, folder))
    expect(readFileSync(one!).equals(readFileSync(other!))).toBe(true)
    const db = new Database(one, { readonly: true })
    for (const table of set.tables)
      expect(db.prepare(`SELECT count(*) FROM ${table.name}`).pluck().get()).toBe(table.rows)
    expect(db.pragma('foreign_key_check')).toEqual([])
    db.close()
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true })
  }
})

test('a scale is of the rows, and of the tables where there are many', () => {
  expect(dataSet('narrow').tables[0]!.rows).toBe(5_000_000)
  expect(dataSet('narrow', 0.1).tables[0]!.rows).toBe(500_000)
  expect(dataSet('many').tables.map(({ rows }) => rows)).toEqual(Array.from({ length: 500 }, () => 200))
  expect(dataSet('many', 0.1).tables).toHaveLength(50)
  for (const name of setNames)
    for (const { columns, row } of dataSet(name).tables.slice(0, 2))
      expect(row(1, openRandom(1))).toHaveLength(columns.length)
})

test("what the shell says of its children's time is read", () => {
  expect(childSeconds('0m0.00s 0m0.01s\n1m2.25s 0m0.50s\n')).toBe(62.75)
  expect(childSeconds('0m0.000000s 0m0.000000s\n0m0.100000s 0m0.020000s\n')).toBeCloseTo(0.12)
  expect(childSeconds('')).toBeNull()
})

const run = (wallSeconds: number, serverCpuSeconds: number | null, data: number) => ({
  wallSeconds,
  clientCpuSeconds: 1,
  serverCpuSeconds,
  peakMegabytes: null,
  phases: { data },
})

test('medians are taken figure by figure, over the runs that have it', () => {
  expect(medians([run(3, null, 10), run(1, 4, 30), run(2, 2, 20)])).toEqual(run(2, 3, 20))
  expect(medians([run(1, null, 1), run(2, null, 2)])).toEqual(run(1.5, null, 1.5))
})

test('tables say ratios to rowferry, and why there is no figure', () => {
  const result = { set: 'narrow', scenario: 'existing', rows: 2_000_000, failure: null } as const
  const made = renderMarkdown({
    version: 1,
    startedAt: '2026-01-01T00:00:00.000Z',
    machine: 'a machine',
    server: 'a server',
    scale: 1,
    runs: 1,
    latencyMs: 20,
    contenders: {},
    growth: [
      { ...result, contender: 'rowferry', rows: 500_000, runs: [run(1, 1, 500)] },
      { ...result, contender: 'rowferry', runs: [run(2, 3, 1000)] },
    ],
    results: [
      { ...result, contender: 'rowferry', runs: [run(2, 3, 1)] },
      { ...result, contender: 'one | other', runs: [run(5, 11, 1)] },
      { ...result, contender: 'another', runs: [], failure: 'heap | exhausted\nand more' },
    ],
  })
  expect(made).toContain('| rowferry | 2.00 | 1.00 | 1.00 + 3.00 | 1.00 | 1.00 M |  |')
  expect(made).toContain('| one \\| other | 5.00 | 2.50 | 1.00 + 11.00 | 3.00 | 400 k |  |')
  expect(made).toContain('medians of 1, 20 ms away.')
  expect(made).toContain('| 500000 | 1.00 | 500 k | 1.00 M |')
  expect(made).toContain('  x-axis "million rows" [0.5, 2]\n')
  expect(made).toContain('  line [1.00, 2.00]\n')
  expect(made).toContain('| another | heap \\| exhausted | | | | | |')
})
