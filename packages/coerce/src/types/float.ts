import type { Cell, CellValue } from '../cell.ts'
import type { CopyBuffer } from '../encoder.ts'
import { putFloat32, putFloat64, putInt32, reserve } from '../buffer.ts'
import { formatType } from '../type-name.ts'
import type { Refusal } from '../refusal.ts'
import { impossible, lossy } from '../refusal.ts'

const notANumber = impossible('NOT_A_NUMBER', 'is no number')
const outOfRange = impossible('OUT_OF_RANGE', ({ type }) => `is out of range for ${formatType(type)}`)
const losesPrecision = lossy('LOSES_PRECISION', ({ type }) => `is not the same number in ${formatType(type)}`)

const decimal = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/

/** The refusal of the last `toDouble`, or null. */
let refusal: Refusal | null = null

/** The nearest double, and in `refusal` what is wrong with it. */
function toDouble(value: CellValue): number {
  refusal = null
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') {
    const number = Number(value)
    if (!Number.isFinite(number)) refusal = outOfRange
    else if (BigInt(number) !== value) refusal = losesPrecision
    return number
  }
  if (typeof value !== 'string' || !decimal.test(value)) {
    refusal = notANumber
    return 0
  }
  const number = Number(value)
  const vanished = number === 0 && /[1-9]/.test(value.replace(/[eE].*/, ''))
  if (vanished || !Number.isFinite(number)) refusal = outOfRange
  else if (!isSpelledExactly(number, value)) refusal = losesPrecision
  return number
}

/** The text has the digits with which the number is written, with or without an exponent (PostgreSQL writes 1e-07, JavaScript 1e-7), so it can be had back. */
function isSpelledExactly(number: number, text: string): boolean {
  const plain = text.endsWith('.0') ? text.slice(0, -2) : text
  const written = Object.is(number, -0) ? '-0' : String(number)
  return plain === written || (text.length < 400 && scientific(text) === scientific(written))
}

const mantissa = /^(-?)([0-9]+)(?:\.(0|[0-9]*[1-9]))?(?:e([+-]?[0-9]+))?$/i

/** `-12500` and `-1.25e4` as `-125e2`; NaN, equal to nothing, for text with zeros at the end that no number keeps. */
function scientific(text: string): string | number {
  const [, sign, whole = '', fraction = '', exponent = '0'] = mantissa.exec(text) ?? []
  if (sign === undefined) return Number.NaN
  const digits = (whole + fraction).replace(/0+$/, '')
  const power = Number(exponent) + whole.length - digits.length
  const significant = digits.replace(/^0+/, '')
  return significant === '' ? `${sign}0` : `${sign}${significant}e${power}`
}

/** Reals by their bits, integers that a double holds exactly, and decimal text that reads back the same. */
export function float8Cell(): Cell {
  const put = (number: number, out: CopyBuffer): void => {
    reserve(out, 12)
    putInt32(out.bytes, out.position, 8)
    putFloat64(out.bytes, out.position + 4, number)
    out.position += 12
  }
  const encode: Cell['encode'] = (value, out) => {
    if (typeof value === 'number') {
      put(value, out)
      return null
    }
    const number = toDouble(value)
    if (refusal?.verdict !== 'impossible') put(number, out)
    return refusal
  }
  return { encode }
}

/** Lossless when it is the same number, or written the same: 0.15 stays 0.15, though the nearest float4 and float8 differ. */
export function float4Cell(): Cell {
  const encode: Cell['encode'] = (value, out) => {
    const number = toDouble(value)
    if (refusal?.verdict === 'impossible') return refusal
    const nearest = Math.fround(number)
    if ((nearest === 0 && number !== 0) || (!Number.isFinite(nearest) && Number.isFinite(number))) return outOfRange
    putSingle(nearest, out)
    return refusal ?? (nearest === number || shortest(nearest) === number ? null : losesPrecision)
  }
  return { encode }
}

function putSingle(number: number, out: CopyBuffer): void {
  reserve(out, 8)
  putInt32(out.bytes, out.position, 4)
  putFloat32(out.bytes, out.position + 4, number)
  out.position += 8
}

/** The double that is written like the float4 is: the fewest digits that are nearer to it than to any other (nine always are). */
function shortest(single: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(rounded(single, digits))
    if (Math.fround(candidate) === single && !isHalfway(single, candidate)) return candidate
  }
  return Number(single.toPrecision(9))
}

/** To so many digits, a half to the even one, as PostgreSQL writes it; toPrecision takes the larger. */
function rounded(single: number, digits: number): string {
  const longer = single.toExponential(digits)
  const [shown = '', exponent] = longer.split('e')
  const isHalf = shown.endsWith('5') && Number(longer) === single
  return isHalf && /[02468]\.?5$/.test(shown) ? `${shown.slice(0, -1)}e${exponent}` : single.toPrecision(digits)
}

/** Does the double lie in the middle of this float4 and the next? It reads as the even one of them, but PostgreSQL writes neither like that. */
function isHalfway(single: number, double: number): boolean {
  const opposite = single + 2 * (double - single)
  return double !== single && Math.fround(opposite) === opposite
}
