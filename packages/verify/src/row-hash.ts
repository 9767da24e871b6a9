import type { SourceRow } from '@rowferry/introspect'
import { agreedValue, type Comparison } from './comparison.ts'
import type { Canonical } from './form.ts'
import type { Tuple } from './tuples.ts'

/** 64 bits for what names a row and 64 for all of it, each as two halves. Without a key, the row names itself. */
export interface RowHash {
  keyHigh: number
  keyLow: number
  rowHigh: number
  rowLow: number
}

export interface RowHasher {
  /** The hashes of the last row looked at. */
  readonly hash: RowHash
  ofSource(row: SourceRow): void
  ofTuple(tuple: Tuple): void
}

const nullMark = 0x1_0001
const meaninglessMark = 0x1_0002

/** Equal rows have equal hashes on either side; a row with a meaningless cell has one that no tuple has. `keyOnly`: only names count. */
export function hashRows(comparison: Comparison, keyOnly: boolean): RowHasher {
  const { forms, keyCells } = comparison
  const isKey = forms.map((_, cell) => keyCells.includes(cell))
  const keyed = keyCells.length > 0
  const hash: RowHash = { keyHigh: 0, keyLow: 0, rowHigh: 0, rowLow: 0 }
  const compute = (canonical: (cell: number) => Canonical | null | undefined): void => {
    const key = fresh()
    const row = fresh()
    for (let cell = 0; cell < forms.length; cell += 1) {
      if (keyed && keyOnly && !isKey[cell]) continue
      const value = canonical(cell)
      mixCell(row, value)
      if (isKey[cell]) mixCell(key, value)
    }
    finish(row)
    if (keyed) finish(key)
    hash.rowHigh = row.high
    hash.rowLow = row.low
    hash.keyHigh = keyed ? key.high : row.high
    hash.keyLow = keyed ? key.low : row.low
  }
  return {
    hash,
    ofSource(row) {
      compute((cell) => {
        const value = agreedValue(comparison, row, cell)
        return value === null ? null : forms[cell]!.ofSource(value)
      })
    },
    ofTuple({ bytes, at, size }) {
      compute((cell) => (size[cell]! < 0 ? null : forms[cell]!.ofTarget(bytes, at[cell]!, size[cell]!)))
    },
  }
}

interface Lanes {
  high: number
  low: number
}

const fresh = (): Lanes => ({ high: 0x243f6a88, low: 0x13198a2e })

function mix(lanes: Lanes, word: number): void {
  lanes.high = Math.imul(((lanes.high << 5) | (lanes.high >>> 27)) ^ word, 0x9e3779b1)
  lanes.low = Math.imul(((lanes.low << 13) | (lanes.low >>> 19)) + word, 0x85ebca77)
}

function mixCell(lanes: Lanes, canonical: Canonical | null | undefined): void {
  if (canonical === null) mix(lanes, nullMark)
  else if (canonical === undefined) mix(lanes, meaninglessMark)
  else {
    if (typeof canonical === 'string') for (let i = 0; i < canonical.length; i += 1) mix(lanes, canonical.charCodeAt(i))
    else for (let i = 0; i < canonical.length; i += 1) mix(lanes, canonical[i]!)
    // Above any code unit and both marks, so that no cell can run into the next
    mix(lanes, 0x2_0000 + canonical.length)
  }
}

/** Spreads every bit over both halves (the finalizer of MurmurHash3). */
function finish(lanes: Lanes): void {
  const { high, low } = lanes
  lanes.high = avalanche(high ^ Math.imul(low, 0xc2b2ae35)) >>> 0
  lanes.low = avalanche(low + Math.imul(lanes.high, 0x27d4eb2f)) >>> 0
}

function avalanche(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
