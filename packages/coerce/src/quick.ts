import type { PgType } from '@rowferry/introspect'
import type { CellValue } from './cell.ts'
import { putUsualText, usualTextRoom } from './types/text.ts'

export type QuickWay = number

export const noWay: QuickWay = 0
const int2 = 1
const int4 = 2
const int8 = 3
const float8 = 4
const bool = 5
const text = 6

const ways = new Map<string, QuickWay>([
  ['bool', bool],
  ['int2', int2],
  ['int4', int4],
  ['int8', int8],
  ['float8', float8],
  ['text', text],
  ['varchar', text],
  ['bpchar', text],
])

/** Bytes that a quick way may write. */
export const quickRoom = usualTextRoom

/** How the usual values of a type are written without a call through its encoder. Domains resolved. */
export function quickWay(type: PgType): QuickWay {
  return type.schema === 'pg_catalog' && type.kind === 'base' ? (ways.get(type.name) ?? noWay) : noWay
}

/** The longest text that a quick way may take: what a modifier allows. */
export function quickLength(type: PgType): number {
  return type.typmod < 0 ? Infinity : type.typmod - 4
}

/**
 * Writes the cell as the type's encoder would, and returns where it ends; or 0 for whatever is not usual, which the encoder is to judge:
 * the bytes behind `at` then mean nothing. `view` is of the same bytes, and `quickRoom` of them are free.
 */
export function putQuick(
  way: QuickWay,
  longest: number,
  value: CellValue,
  bytes: Uint8Array,
  view: DataView,
  at: number,
): number {
  if (typeof value === 'number') {
    if (way === int4) {
      if ((value | 0) !== value) return 0
      view.setInt32(at, 4)
      view.setInt32(at + 4, value)
      return at + 8
    }
    return putNumber(way, value, view, at)
  }
  if (typeof value === 'string') return way === text && value.length <= longest ? putUsualText(value, bytes, at) : 0
  return way === int8 && typeof value === 'bigint' ? putBigint(value, view, at) : 0
}

function putNumber(way: QuickWay, value: number, view: DataView, at: number): number {
  switch (way) {
    case float8:
      view.setInt32(at, 8)
      view.setFloat64(at + 4, value)
      return at + 12
    case int8: {
      if (!Number.isSafeInteger(value)) return 0
      view.setInt32(at, 8)
      view.setInt32(at + 4, Math.floor(value / 4_294_967_296))
      view.setInt32(at + 8, value)
      return at + 12
    }
    case bool:
      if (value !== 1 && !Object.is(value, 0)) return 0
      view.setInt32(at, 1)
      view.setInt8(at + 4, value)
      return at + 5
    case int2:
      if ((value | 0) !== value || value < -32_768 || value > 32_767) return 0
      view.setInt32(at, 2)
      view.setInt16(at + 4, value)
      return at + 6
    default:
      return 0
  }
}

function putBigint(value: bigint, view: DataView, at: number): number {
  if (BigInt.asIntN(64, value) !== value) return 0
  view.setInt32(at, 8)
  view.setBigInt64(at + 4, value)
  return at + 12
}

/** Is this a usual value, which the type's encoder would take as it is? False means only that the encoder is to judge. */
export function fitsQuickly(way: QuickWay, value: CellValue): boolean {
  if (typeof value === 'number') {
    if (way === int8) return Number.isSafeInteger(value)
    if (way === float8) return true
    if (way === bool) return value === 1 || Object.is(value, 0)
    return way === int4 && (value | 0) === value
  }
  return typeof value === 'bigint' && way === int8 && BigInt.asIntN(64, value) === value
}
