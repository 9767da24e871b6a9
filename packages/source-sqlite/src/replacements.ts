import type { Handle } from './handle.ts'
import type { Layout } from './layout.ts'
import { columnOf } from './quote.ts'

/** Of each column how many texts hold U+FFFD. */
export function countReplacements(db: Handle, layout: Layout, columns: readonly string[]): number[] {
  return columns.map((name) => {
    const column = columnOf(name)
    const holds = `typeof(${column}) = 'text' AND instr(${column}, char(65533)) > 0`
    return Number(db.prepare(`SELECT count(*) FROM ${layout.sql} AS t WHERE ${holds}`).pluck().get())
  })
}
