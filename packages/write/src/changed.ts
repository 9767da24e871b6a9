import type { RowEncoder, RuleCounts } from '@rowferry/coerce'

/** Cells that arrived as something else because a rule said so. `from` is the stored text of a value map. */
export interface Changed {
  readonly column: string
  readonly rule: 'map' | 'epoch' | 'timezone' | 'lossy'
  readonly from: string | null
  readonly count: number
}

/** What the rules did to all rows of `encoder`, less what they did to those of `dropped`. */
export function changedBy(encoder: RowEncoder, dropped: RowEncoder | null = null): Changed[] {
  const less = dropped?.counts()
  return encoder.counts().flatMap((counts, index): Changed[] => {
    const column = encoder.casts[index]!.column
    const minus: RuleCounts = less?.[index] ?? { mapped: new Map(), epoch: 0, lossy: 0 }
    const all: Changed[] = [
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
