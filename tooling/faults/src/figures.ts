import { afterAll } from 'vitest'

/** So many points in the whole sweep, so many in the short one, which is part of the tests. */
export function points(whole: number, short: number): number {
  return process.env['ROWFERRY_SWEEP'] === 'all' ? whole : short
}

/** Counts how the points of a sweep ended, and prints them after the last test as a row of the docs' table. */
export function figures(name: string): (outcome: string) => void {
  const counts = new Map<string, number>()
  afterAll(() => {
    const all = [...counts.values()].reduce((sum, count) => sum + count, 0)
    const each = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ')
    process.stdout.write(`| ${name} | ${all} | ${each} |\n`)
  })
  return (outcome) => void counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
}
