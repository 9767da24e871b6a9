import { bucketOf } from './buckets.ts'
import { firstDifference } from './comparison.ts'
import type { Mismatch } from './expectation.ts'
import { differentRow, extraRow, keepTuple, missingRow } from './mismatch.ts'
import { eachRow, eachTuple, type Reading } from './reading.ts'
import { hashRows, type RowHash, type RowHasher } from './row-hash.ts'
import { openRowTable, type RowTable } from './row-table.ts'
import type { Tuple } from './tuples.ts'

export interface Settlement {
  readonly sourceRows: number
  readonly targetRows: number
  readonly rejected: number
  readonly missing: number
  readonly extra: number
  readonly different: number
  readonly mismatches: readonly Mismatch[]
}

export interface SettleOptions {
  /** Only rows of these buckets are looked at. */
  readonly buckets: { readonly marks: Uint8Array; readonly count: number }
  /** Rows of the source, roughly: decides in how many rounds both sides are read, so that memory stays bounded. */
  readonly rows: number
  /** Nobody has read the source before. */
  readonly first: boolean
  /** The target may hold other rows too. */
  readonly othersAllowed: boolean
  /** Only names are compared, not the rest of a row. */
  readonly keyOnly: boolean
  /** Rows held at once, 20 to 40 bytes each (2,000,000). */
  readonly roundRows?: number
}

/** Finds every row's counterpart by hash, wherever it lies, and names those that have none. */
export async function settle(reading: Reading, options: SettleOptions): Promise<Settlement> {
  const { comparison, maxMismatches } = reading
  const { buckets, othersAllowed } = options
  const hasher = hashRows(comparison, options.keyOnly)
  const expectedRows = (options.rows * buckets.count) / buckets.marks.length
  const rounds = Math.max(1, Math.min(buckets.marks.length, Math.ceil(expectedRows / (options.roundRows ?? 2_000_000))))
  let counts = { sourceRows: 0, targetRows: 0, rejected: 0 }
  let missing = 0
  let different = 0
  const named: Mismatch[] = []
  const extras: Mismatch[] = []
  let extra = 0

  for (let round = 0; round < rounds; round += 1) {
    const table = openRowTable(expectedRows / rounds)
    const concerned = (hash: RowHash): boolean =>
      buckets.marks[bucketOf(hash)] === 1 && bucketOf(hash) % rounds === round
    const read = await eachRow(reading, options.first && round === 0, (row) => {
      hasher.ofSource(row)
      if (concerned(hasher.hash)) table.add(hasher.hash)
      return true
    })
    const unlike = new Map<string, Tuple>()
    const targetRows = await eachTuple(reading, (tuple, position) => {
      hasher.ofTuple(tuple)
      if (!concerned(hasher.hash)) return
      const match = table.take(hasher.hash)
      if (match === 'different') {
        different += 1
        if (named.length + unlike.size < maxMismatches) unlike.set(nameOf(hasher.hash), keepTuple(tuple))
      } else if (match === 'absent' && !othersAllowed) {
        extra += 1
        if (extras.length < maxMismatches) extras.push(extraRow(comparison, tuple, position))
      }
    })
    if (round === 0) counts = { sourceRows: read.rows, targetRows, rejected: read.rejected }
    missing += table.left
    if (unlike.size + table.left > 0 && named.length < maxMismatches)
      await nameRows(reading, hasher, table, unlike, named)
  }
  return { ...counts, missing, extra, different, mismatches: [...named, ...extras].slice(0, maxMismatches) }
}

async function nameRows(
  reading: Reading,
  hasher: RowHasher,
  table: RowTable,
  unlike: Map<string, Tuple>,
  named: Mismatch[],
): Promise<void> {
  const { comparison, maxMismatches } = reading
  let missing = table.left
  await eachRow(reading, false, (row, position) => {
    hasher.ofSource(row)
    const name = nameOf(hasher.hash)
    const tuple = unlike.get(name)
    if (tuple !== undefined) {
      unlike.delete(name)
      const cell = firstDifference(comparison, row, tuple)
      if (cell >= 0) named.push(differentRow(comparison, row, position, tuple, cell))
    } else if (missing > 0 && table.has(hasher.hash)) {
      missing -= 1
      // A row that was taken for another one of its kind must not be named a second time
      table.take(hasher.hash)
      named.push(missingRow(comparison, row, position))
    }
    return named.length < maxMismatches && missing + unlike.size > 0
  })
}

const nameOf = (hash: RowHash): string => `${hash.keyHigh} ${hash.keyLow}`
