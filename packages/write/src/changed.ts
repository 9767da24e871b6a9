import type { RowEncoder } from '@rowferry/coerce'

/** Cells that arrived as something else because a rule said so. `from` is the stored text of a value map. */
export interface Changed {
  readonly column: string
  readonly rule: 'map' | 'epoch' | 'timezone' | 'lossy'
  readonly from: string | null
  readonly count: number
}

export function changedBy(encoder: RowEncoder): Changed[] {
  return encoder.counts().flatMap((counts, index) => {
    const column = encoder.casts[index]!.column
    const changed: Changed[] = [...counts.mapped].map(([from, count]) => ({ column, rule: 'map', from, count }))
    if (counts.epoch > 0) changed.push({ column, rule: 'epoch', from: null, count: counts.epoch })
    if (counts.lossy > 0) changed.push({ column, rule: 'lossy', from: null, count: counts.lossy })
    return changed
  })
}
