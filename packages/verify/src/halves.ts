const whole = new BigInt64Array(1)
const halves = new Int32Array(whole.buffer)
whole[0] = 1n
const [low, high] = halves[0] === 1 ? [0, 1] : [1, 0]

/** Lays an integer out for `highHalf` and `lowHalf`, without allocation; false when 64 bits with a sign do not hold it. */
export function halve(value: bigint): boolean {
  whole[0] = value
  return whole[0] === value
}

/** With the sign. */
export const highHalf = (): number => halves[high]!
/** Without a sign. */
export const lowHalf = (): number => halves[low]! >>> 0
