import { closeCell, putInt16, putInt32, reserve } from '../buffer.ts'
import type { Cell, CellOptions } from '../cell.ts'
import type { CopyBuffer } from '../encoder.ts'
import type { Refusal } from '../refusal.ts'
import { impossible, lossy } from '../refusal.ts'
import { formatType, numericModifier } from '../type-name.ts'
import { decimal, digits, readDecimal, roundDecimal } from './decimal.ts'

const notANumber = impossible('NOT_A_NUMBER', 'is no number')
const outOfRange = impossible('OUT_OF_RANGE', ({ type }) => `is out of range for ${formatType(type)}`)
const losesScale = lossy('LOSES_SCALE', ({ type }) => `has more digits behind the point than ${formatType(type)} keeps`)

/** https://www.postgresql.org/docs/current/datatype-numeric.html: digits before and behind the decimal point, at most. */
const mostWholeDigits = 131_072
const largestScale = 16_383

const powers = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000] as const

/**
 * numeric, with or without precision and scale. Reals count by their shortest decimal, text to the last digit.
 * The layout (digits to the base 10,000) is that of numeric_send in src/backend/utils/adt/numeric.c.
 */
export function numericCell({ type }: CellOptions): Cell {
  const modifier = numericModifier(type.typmod)
  const scale = modifier?.scale ?? null
  const wholeDigits = modifier === null ? mostWholeDigits : modifier.precision - modifier.scale
  const fastLimit = modifier === null ? 1e15 : Math.min(1e15, 10 ** modifier.precision)

  const putDecimal = (out: CopyBuffer): Refusal | null => {
    const loses = scale !== null && roundDecimal(scale)
    if ((decimal.length > 0 && decimal.point > wholeDigits) || decimal.scale > largestScale) return outOfRange
    putDigits(out)
    return loses ? losesScale : null
  }
  const encode: Cell['encode'] = (value, out) => {
    if (typeof value === 'number') {
      const shown = scale ?? decimalPlaces(value)
      if (shown >= 0 && shown <= 6) {
        const power = powers[shown] as number
        const scaled = Math.round(Math.abs(value) * power)
        if (scaled < fastLimit && scaled / power === Math.abs(value)) {
          putScaled(value < 0, scaled, shown, out)
          return null
        }
      }
      if (!Number.isFinite(value)) return outOfRange
      readDecimal(String(value))
      return putDecimal(out)
    }
    if (typeof value === 'string') {
      const small = readSmall(value)
      const shown = scale ?? places
      if (small >= 0 && shown >= places && shown <= 6) {
        const scaled = small * (powers[shown - places] as number)
        if (scaled < fastLimit) {
          putScaled(value.charCodeAt(0) === 45, scaled, shown, out)
          return null
        }
      }
    }
    if (typeof value === 'bigint') readDecimal(String(value))
    else if (typeof value !== 'string' || !readDecimal(value)) return notANumber
    return putDecimal(out)
  }
  return { encode }
}

/**
 * Digits behind the point of the number's shortest decimal, when there are few and 15 digits say it all; else -1.
 * Of all decimals with up to 15 digits only one is nearest to a given double, so one that divides back to it is the shortest.
 */
function decimalPlaces(value: number): number {
  const size = Math.abs(value)
  for (let places = 0; places <= 6; places++) {
    const power = powers[places] as number
    const scaled = Math.round(size * power)
    if (!(scaled < 1e15)) return -1
    if (scaled / power === size) return places
  }
  return -1
}

/** Digits behind the point of what `readSmall` read. */
let places = 0

/** The digits of `-12.50` as one number without its sign, 15 at most and six of them behind the point; else -1. */
function readSmall(text: string): number {
  const { length } = text
  const from = length > 0 && text.charCodeAt(0) === 45 ? 1 : 0
  if (length - from > 16) return -1
  let point = -1
  let scaled = 0
  for (let at = from; at < length; at++) {
    const code = text.charCodeAt(at)
    if (code >= 48 && code <= 57) scaled = scaled * 10 + (code - 48)
    else if (code === 46 && point < 0) point = at
    else return -1
  }
  places = point < 0 ? 0 : length - point - 1
  const whole = (point < 0 ? length : point) - from
  if (whole === 0 || places > 6 || (point >= 0 && places === 0)) return -1
  return scaled < 1e15 && (whole === 1 || text.charCodeAt(from) !== 48) ? scaled : -1
}

/** Writes scaled / 10^scale, both small. */
function putScaled(negative: boolean, scaled: number, scale: number, out: CopyBuffer): void {
  reserve(out, 28)
  const { bytes, position } = out
  const at = position + 12
  const power = powers[scale] as number
  let whole = Math.floor(scaled / power)
  let fraction = scaled - whole * power
  // Up to 15 whole digits are four groups, up to 6 behind the point two
  let weight = -1
  for (let limit = 1; limit <= whole; limit *= 10_000) weight++
  let count = weight + 1
  for (let i = weight; i >= 0; i--) {
    const rest = Math.floor(whole / 10_000)
    putInt16(bytes, at + i * 2, whole - rest * 10_000)
    whole = rest
  }
  if (fraction !== 0) {
    const groups = scale > 4 ? 2 : 1
    fraction *= 10 ** (groups * 4 - scale)
    const first = groups === 2 ? Math.floor(fraction / 10_000) : fraction
    if (count > 0 || first !== 0) putInt16(bytes, at + count++ * 2, first)
    else weight--
    const second = groups === 2 ? fraction - first * 10_000 : 0
    if (second !== 0) putInt16(bytes, at + count++ * 2, second)
  }
  while (count > 0 && bytes[at + count * 2 - 1] === 0 && bytes[at + count * 2 - 2] === 0) count--
  putHeader(out, count, weight, negative, scale)
  closeCell(out, at + count * 2)
}

/** Writes what `decimal` holds. */
function putDigits(out: CopyBuffer): void {
  const { point } = decimal
  let { length } = decimal
  while (length > 0 && digits[length - 1] === 0) length--
  const weight = Math.ceil(point / 4) - 1
  const groups = length === 0 ? 0 : Math.ceil((length - point) / 4) + weight + 1
  reserve(out, 12 + groups * 2)
  const { bytes } = out
  const at = out.position + 12
  // Digit 0 may stand in the middle of its group
  let digit = point - (weight + 1) * 4
  for (let group = 0; group < groups; group++) {
    let value = 0
    for (let i = 0; i < 4; i++, digit++)
      value = value * 10 + (digit >= 0 && digit < length ? (digits[digit] as number) : 0)
    putInt16(bytes, at + group * 2, value)
  }
  putHeader(out, groups, weight, decimal.negative, decimal.scale)
  closeCell(out, at + groups * 2)
}

function putHeader(out: CopyBuffer, count: number, weight: number, negative: boolean, scale: number): void {
  const at = out.position + 4
  putInt16(out.bytes, at, count)
  putInt16(out.bytes, at + 2, count === 0 ? 0 : weight)
  putInt32(out.bytes, at + 4, (negative && count > 0 ? 0x4000_0000 : 0) + scale)
}
