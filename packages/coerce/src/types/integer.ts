import type { Cell } from '../cell.ts'
import type { CopyBuffer } from '../encoder.ts'
import { putInt32, putInt64, reserve } from '../buffer.ts'
import { formatType } from '../type-name.ts'
import { impossible, lossy } from '../refusal.ts'

const notAnInteger = impossible('NOT_AN_INTEGER', 'is no integer')
const fraction = lossy('NOT_AN_INTEGER', 'has a fraction and would be rounded')
const outOfRange = impossible('OUT_OF_RANGE', ({ type }) => `is out of range for ${formatType(type)}`)
const pastExactness = lossy('LOSES_PRECISION', 'is a real past 2^53, whose last digits were lost before')

const ranges = {
  int2: [-32_768, 32_767],
  int4: [-2_147_483_648, 2_147_483_647],
  oid: [0, 4_294_967_295],
} as const

const canonical = /^-?(?:0|[1-9][0-9]*)$/

/** int2, int4 and oid: integers, integral reals, and text in canonical spelling. */
export function integerCell(name: keyof typeof ranges): Cell {
  const [low, high] = ranges[name]
  const size = name === 'int2' ? 2 : 4
  const put = (value: number, out: CopyBuffer): void => {
    reserve(out, 8)
    const { bytes, position } = out
    putInt32(bytes, position, size)
    if (size === 4) putInt32(bytes, position + 4, value)
    else {
      bytes[position + 4] = value >>> 8
      bytes[position + 5] = value
    }
    out.position = position + 4 + size
  }
  const encode: Cell['encode'] = (value, out) => {
    let number: number
    if (typeof value === 'number') number = value
    else if (typeof value === 'bigint') number = Number(value)
    else if (typeof value === 'string' && canonical.test(value)) number = Number(value)
    else return notAnInteger
    if (Number.isInteger(number)) {
      if (number < low || number > high) return outOfRange
      put(number, out)
      return null
    }
    const rounded = roundHalfEven(number)
    if (rounded < low || rounded > high) return outOfRange
    put(rounded, out)
    return fraction
  }
  return { encode }
}

const int8Low = -(2n ** 63n)
const int8High = 2n ** 63n - 1n

export function bigintCell(): Cell {
  const put = (value: number, out: CopyBuffer): void => {
    reserve(out, 12)
    putInt32(out.bytes, out.position, 8)
    putInt64(out.bytes, out.position + 4, value)
    out.position += 12
  }
  const putBig = (value: bigint, out: CopyBuffer): boolean => {
    if (value < int8Low || value > int8High) return false
    reserve(out, 12)
    putInt32(out.bytes, out.position, 8)
    out.bytes.writeBigInt64BE(value, out.position + 4)
    out.position += 12
    return true
  }
  const encode: Cell['encode'] = (value, out) => {
    if (typeof value === 'number') {
      // 2^53 itself is still told apart from its neighbour below
      if (Number.isInteger(value) && Math.abs(value) <= 9_007_199_254_740_992) {
        put(value, out)
        return null
      }
      if (!Number.isFinite(value)) return outOfRange
      const integral = Number.isInteger(value)
      if (!putBig(BigInt(integral ? value : roundHalfEven(value)), out)) return outOfRange
      return integral ? pastExactness : fraction
    }
    if (typeof value === 'bigint') return putBig(value, out) ? null : outOfRange
    if (typeof value !== 'string' || !canonical.test(value)) return notAnInteger
    if (value.length <= 15) {
      put(Number(value), out)
      return null
    }
    // No int8 has more than 20 characters, and BigInt takes its time with a million digits
    return value.length <= 20 && putBig(BigInt(value), out) ? null : outOfRange
  }
  return { encode }
}

/** As PostgreSQL turns float8 into an integer. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1
}
