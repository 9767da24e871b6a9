import type { SourceRow } from '@rowferry/introspect'
import { openBuckets, type Buckets } from './buckets.ts'
import { firstDifference, sameKey } from './comparison.ts'
import type { Mismatch } from './expectation.ts'
import { differentRow } from './mismatch.ts'
import { openCopy, openCursor, type Reading } from './reading.ts'
import { hashRows } from './row-hash.ts'
import { readTuples } from './tuples.ts'

export interface LockStep {
  readonly sourceRows: number
  readonly targetRows: number
  readonly rejected: number
  readonly different: number
  readonly mismatches: readonly Mismatch[]
  /** The buckets that still differ, when the order did; null when both sides kept step to the end. */
  readonly unequal: ReturnType<Buckets['unequal']> | null
}

/**
 * Row by row, both sides in the order in which they lie. Rows of one key that differ are noted; as soon as the order itself differs,
 * what is left of both sides goes into buckets, where what was already found equal need not go. `copy`: the target's rows, where they are under way already.
 */
export async function compareInStep(reading: Reading, copy = openCopy(reading)): Promise<LockStep> {
  const { comparison, signal, maxMismatches } = reading
  const keyed = comparison.keyCells.length > 0
  const tuples = readTuples(comparison.widths)
  const cursor = openCursor(reading, true)
  const mismatches: Mismatch[] = []
  const hasher = hashRows(comparison, false)
  let buckets: Buckets | null = null
  let inStep = true
  let different = 0
  let targetRows = 0

  const sourceToBucket = (row: SourceRow): void => {
    hasher.ofSource(row)
    buckets ??= openBuckets()
    buckets.add(hasher.hash, 1)
  }
  const tupleToBucket = (): void => {
    hasher.ofTuple(tuples)
    buckets ??= openBuckets()
    buckets.add(hasher.hash, -1)
  }
  const unlike = (row: SourceRow, cell: number): void => {
    sourceToBucket(row)
    tupleToBucket()
    if (keyed && sameKey(comparison, row, tuples)) {
      different += 1
      if (mismatches.length < maxMismatches) mismatches.push(differentRow(comparison, row, cursor.rows, tuples, cell))
    } else inStep = false
  }
  try {
    for await (const piece of copy) {
      signal?.throwIfAborted()
      tuples.feed(piece)
      while (tuples.next()) {
        targetRows += 1
        let row = inStep ? cursor.next() : undefined
        while (row === undefined && inStep) {
          inStep = await cursor.refill()
          row = cursor.next()
        }
        if (row === undefined) tupleToBucket()
        else {
          const cell = firstDifference(comparison, row, tuples)
          if (cell >= 0) unlike(row, cell)
        }
      }
    }
    tuples.finish()
    do {
      for (let row = cursor.next(); row !== undefined; row = cursor.next()) {
        inStep = false
        sourceToBucket(row)
      }
    } while (await cursor.refill())
  } finally {
    await cursor.close()
  }
  const { rows: sourceRows, rejected } = cursor
  const unequal = inStep ? null : ((buckets as Buckets | null)?.unequal() ?? null)
  return { sourceRows, targetRows, rejected, different, mismatches, unequal }
}
