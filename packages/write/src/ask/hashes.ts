/** Rows of one key by a 64-bit hash that agrees with the key's own equality: 8 octets a row. 0 stands for a row without a key. */
export interface Hashes {
  add(ordinal: number, hash: bigint): void
  /** The rows, by their number from 1, that come after another of the same hash, each with the first of them. */
  repeated(): Map<number, number>
  /** The rows whose hash is not among the others' and is not 0. */
  absentFrom(others: Hashes): number[]
  sorted(): BigUint64Array
}

export function collectHashes(): Hashes {
  let values = new BigUint64Array(1024)
  let size = 0
  const sorted = () => values.subarray(0, size).toSorted()
  return {
    sorted,
    add(ordinal, hash) {
      if (ordinal > values.length) {
        const larger = new BigUint64Array(Math.max(values.length * 2, ordinal))
        larger.set(values)
        values = larger
      }
      values[ordinal - 1] = BigInt.asUintN(64, hash) || 1n
      size = Math.max(size, ordinal)
    },
    repeated() {
      const order = sorted()
      const twice = new Map<bigint, number>()
      for (let at = 1; at < order.length; at++)
        if (order[at] === order[at - 1] && order[at] !== 0n) twice.set(order[at]!, 0)
      const found = new Map<number, number>()
      if (twice.size === 0) return found
      for (let at = 0; at < size; at++) {
        const first = twice.get(values[at]!)
        if (first === 0) twice.set(values[at]!, at + 1)
        else if (first !== undefined) found.set(at + 1, first)
      }
      return found
    },
    absentFrom(others) {
      const there = others.sorted()
      const missing: number[] = []
      for (let at = 0; at < size; at++) if (values[at] !== 0n && !has(there, values[at]!)) missing.push(at + 1)
      return missing
    },
  }
}

function has(sorted: BigUint64Array, wanted: bigint): boolean {
  let low = 0
  let high = sorted.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const value = sorted[middle]!
    if (value === wanted) return true
    if (value < wanted) low = middle + 1
    else high = middle - 1
  }
  return false
}
