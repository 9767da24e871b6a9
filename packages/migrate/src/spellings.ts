import type { SourceRow } from '@rowferry/introspect'
import type { ColumnDecision } from '@rowferry/plan'
import { momentSpelling } from '@rowferry/translate'

interface Seen {
  spelling: string | null
  mixed: boolean
  number: boolean
}

/** In which way the moments of each column are written, and which columns hold no number: what a view makes of a column depends on both. */
export function watchSpellings(columns: number): {
  see(row: SourceRow): void
  of(index: number): Required<Pick<ColumnDecision, 'spelling' | 'onlyText'>>
} {
  const seen = Array.from({ length: columns }, (): Seen => ({ spelling: null, mixed: false, number: false }))
  /** Columns of which something is still to be learnt. */
  let open = seen.map((_, index) => index)
  return {
    see(row) {
      let settled = false
      for (let at = 0; at < open.length; at += 1) {
        const i = open[at]!
        const value = row[i]
        const column = seen[i]!
        if (!column.number && (typeof value === 'number' || typeof value === 'bigint')) settled = column.number = true
        if (column.mixed || value === null) continue
        const spelling = typeof value === 'string' ? momentSpelling(value, column.spelling) : null
        if (spelling === null || (column.spelling !== null && spelling !== column.spelling)) column.mixed = true
        column.spelling = spelling
        settled ||= column.mixed
      }
      if (settled) open = open.filter((index) => !(seen[index]!.mixed && seen[index]!.number))
    },
    of(index) {
      const { spelling, mixed, number } = seen[index]!
      return { spelling: mixed ? null : spelling, onlyText: !number }
    },
  }
}
