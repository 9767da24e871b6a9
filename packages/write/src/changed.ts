import type { MendName, RowEncoder, RuleCounts } from '@rowferry/coerce'
import type { TablePlan } from '@rowferry/plan'

/** Cells that arrived as something else because a rule said so. `from` is the stored text of a value map, or what `fill` gave; its `column` is the target's. */
export interface Changed {
  readonly column: string
  readonly rule: MendName | 'map' | 'epoch' | 'timezone' | 'lossy' | 'fill'
  readonly from: string | null
  readonly count: number
}

/** What the columns that only the target has were filled with, in so many rows. */
export function filledIn(table: TablePlan, rows: number): Changed[] {
  if (rows === 0) return []
  return table.fills.map(({ cast, value }) => ({ column: cast.target, rule: 'fill', from: value, count: rows }))
}

/** What the rules did to all rows of `encoder`, less what they did to those of `dropped`. */
export function changedBy(encoder: RowEncoder, dropped: RowEncoder | null = null): Changed[] {
  const less = dropped?.counts()
  return encoder.counts().flatMap((counts, index): Changed[] => {
    const column = encoder.casts[index]!.column
    const minus: RuleCounts = less?.[index] ?? { mended: new Map(), mapped: new Map(), epoch: 0, lossy: 0, wrapped: 0 }
    const all: Changed[] = [
      ...[...counts.mended].map(([rule, count]): Changed => ({
        column,
        rule,
        from: null,
        count: count - (minus.mended.get(rule) ?? 0),
      })),
      ...[...counts.mapped].map(([from, count]): Changed => ({
        column,
        rule: 'map',
        from,
        count: count - (minus.mapped.get(from) ?? 0),
      })),
      { column, rule: 'epoch', from: null, count: counts.epoch - minus.epoch },
      { column, rule: 'lossy', from: null, count: counts.lossy - minus.lossy },
    ]
    return all.filter(({ count }) => count > 0)
  })
}

/** Columns in which JSON strings arrived that hold an object or array, and how many. */
export function wrappedBy(encoder: RowEncoder): ReadonlyMap<string, number> {
  const counts = encoder.counts()
  return new Map(
    encoder.casts.flatMap(({ column }, i) => (counts[i]!.wrapped > 0 ? [[column, counts[i]!.wrapped] as const] : [])),
  )
}
