import type { RowHash } from './row-hash.ts'

const buckets = 65_536

/** Rows of both sides, summed by hash in 1 MiB whatever their number: what is equal cancels out, in any order. */
export interface Buckets {
  add(hash: RowHash, side: 1 | -1): void
  /** One entry per bucket, 1 where the sides differ. */
  unequal(): { readonly marks: Uint8Array; readonly count: number }
}

export function bucketOf(hash: RowHash): number {
  return hash.keyHigh >>> 16
}

export const everyBucket = (): { marks: Uint8Array; count: number } => ({
  marks: new Uint8Array(buckets).fill(1),
  count: buckets,
})

export function openBuckets(): Buckets {
  const rows = new Int32Array(buckets)
  const high = new Int32Array(buckets)
  const low = new Int32Array(buckets)
  return {
    add(hash, side) {
      const bucket = bucketOf(hash)
      rows[bucket]! += side
      high[bucket] = (high[bucket]! + side * (hash.rowHigh | 0)) | 0
      low[bucket] = (low[bucket]! + side * (hash.rowLow | 0)) | 0
    },
    unequal() {
      const marks = new Uint8Array(buckets)
      let count = 0
      for (let i = 0; i < buckets; i += 1) {
        if (rows[i] === 0 && high[i] === 0 && low[i] === 0) continue
        marks[i] = 1
        count += 1
      }
      return { marks, count }
    },
  }
}
