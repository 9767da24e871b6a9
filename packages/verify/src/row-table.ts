import type { RowHash } from './row-hash.ts'

type Match = 'equal' | 'different' | 'absent'

/** Source rows by hash, waiting for their counterparts: 20 bytes a slot, no objects. */
export interface RowTable {
  add(hash: RowHash): void
  /** Takes the counterpart of a target row out: an equal one, else one of the same name. */
  take(hash: RowHash): Match
  /** Rows that nothing was taken for. */
  readonly left: number
  has(hash: RowHash): boolean
}

/** Grows as needed; `rows` saves that. */
export function openRowTable(rows: number): RowTable {
  let capacity = 1024
  while (capacity < rows * 2) capacity *= 2
  let slots = makeSlots(capacity)
  let used = 0
  let left = 0

  /** The slot that satisfies `wanted` among those of the row's name; else -1, with `vacant` at the first free one. */
  let vacant = 0
  const find = (hash: RowHash, wanted: (slot: number) => boolean): number => {
    const { keyHigh, keyLow, count } = slots
    let slot = (hash.keyLow & (capacity - 1)) >>> 0
    while (count[slot] !== 0) {
      if (keyHigh[slot] === (hash.keyHigh | 0) && keyLow[slot] === (hash.keyLow | 0) && wanted(slot)) return slot
      slot = (slot + 1) & (capacity - 1)
    }
    vacant = slot
    return -1
  }
  // A count is kept one too high, so that 0 marks a slot never used and 1 an exhausted one
  const insert = (hash: RowHash, count: number): void => {
    const same = find(
      hash,
      (slot) => slots.rowHigh[slot] === (hash.rowHigh | 0) && slots.rowLow[slot] === (hash.rowLow | 0),
    )
    if (same >= 0) {
      slots.count[same]! += count
      return
    }
    slots.keyHigh[vacant] = hash.keyHigh
    slots.keyLow[vacant] = hash.keyLow
    slots.rowHigh[vacant] = hash.rowHigh
    slots.rowLow[vacant] = hash.rowLow
    slots.count[vacant] = count + 1
    used += 1
  }
  const grow = (): void => {
    const old = slots
    capacity *= 2
    slots = makeSlots(capacity)
    used = 0
    for (let i = 0; i < old.count.length; i += 1) {
      const count = old.count[i]!
      if (count === 0) continue
      insert(
        { keyHigh: old.keyHigh[i]!, keyLow: old.keyLow[i]!, rowHigh: old.rowHigh[i]!, rowLow: old.rowLow[i]! },
        count - 1,
      )
    }
  }
  return {
    get left() {
      return left
    },
    add(hash) {
      if (used * 3 > capacity * 2) grow()
      insert(hash, 1)
      left += 1
    },
    take(hash) {
      const { rowHigh, rowLow, count } = slots
      const equal = find(
        hash,
        (slot) => rowHigh[slot] === (hash.rowHigh | 0) && rowLow[slot] === (hash.rowLow | 0) && count[slot]! > 1,
      )
      const slot = equal >= 0 ? equal : find(hash, (candidate) => count[candidate]! > 1)
      if (slot < 0) return 'absent'
      count[slot]! -= 1
      left -= 1
      return equal >= 0 ? 'equal' : 'different'
    },
    has(hash) {
      const { rowHigh, rowLow, count } = slots
      return (
        find(
          hash,
          (slot) => rowHigh[slot] === (hash.rowHigh | 0) && rowLow[slot] === (hash.rowLow | 0) && count[slot]! > 1,
        ) >= 0
      )
    },
  }
}

interface Slots {
  readonly keyHigh: Int32Array
  readonly keyLow: Int32Array
  readonly rowHigh: Int32Array
  readonly rowLow: Int32Array
  readonly count: Int32Array
}

function makeSlots(capacity: number): Slots {
  const column = (): Int32Array => new Int32Array(capacity)
  return { keyHigh: column(), keyLow: column(), rowHigh: column(), rowLow: column(), count: column() }
}
