import { openBuckets } from './buckets.ts'
import type { LockStep } from './lock-step.ts'
import { eachRow, eachTuple, type Reading } from './reading.ts'
import { hashRows } from './row-hash.ts'

/** One side after the other: where the server must be asked about the source's texts, which it cannot be while it sends the target. */
export async function compareInBuckets(reading: Reading): Promise<LockStep> {
  const hasher = hashRows(reading.comparison, false)
  const buckets = openBuckets()
  const { rows, rejected } = await eachRow(reading, true, (row) => {
    hasher.ofSource(row)
    buckets.add(hasher.hash, 1)
    return true
  })
  const targetRows = await eachTuple(reading, (tuple) => {
    hasher.ofTuple(tuple)
    buckets.add(hasher.hash, -1)
  })
  return { sourceRows: rows, targetRows, rejected, different: 0, mismatches: [], unequal: buckets.unequal() }
}
