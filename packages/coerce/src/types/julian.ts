import type { Cell, CellOptions } from '../cell.ts'
import { storedText } from '../example.ts'
import { decimal, digits, readDecimal } from './decimal.ts'
import { instantWriter, losesPrecision, outOfRange, secondDigits } from './instant.ts'

const dayMillis = 86_400_000n
/** Half a day before 2000-01-01T12:00Z, which is Julian day 2451545. */
const originMillis = 2_451_545n * dayMillis - dayMillis / 2n
/** A double near today's Julian day is this many microseconds away from what it was made of, at most. */
const graceMicros = 50n

/**
 * Days of the Julian count, which begin at noon. As SQLite's own date functions read them, to the nearest millisecond: what `julianday()`
 * made of a time gives that time again. What lies further from a millisecond than a double would is finer than this keeps.
 * https://www.sqlite.org/lang_datefunc.html
 */
export function julianCell(options: CellOptions): Cell {
  const put = instantWriter(options)
  const precision = options.type.name === 'date' ? 6 : secondDigits(options.type.typmod)
  const coarse = 10n ** BigInt(6 - precision)

  const encode: Cell['encode'] = (value, out) => {
    const text = storedText(value, 'auto') ?? ''
    if (!readDecimal(text.replace(/^(-?)0+(?=[0-9])/, '$1')) || decimal.point > 20) return outOfRange
    const { numerator, denominator } = fraction()
    const millis = floor(2n * numerator * dayMillis + denominator, 2n * denominator)
    const off = numerator * dayMillis - millis * denominator
    const exact = (millis - originMillis) * 1000n
    const micros = floor(exact + coarse / 2n, coarse) * coarse
    const loses = micros !== exact || (off < 0n ? -off : off) * 1000n > graceMicros * denominator
    const days = floor(micros, dayMillis * 1000n)
    const refusal = put(Number(days), Number(micros - days * dayMillis * 1000n), out)
    return refusal ?? (loses ? losesPrecision : null)
  }
  return { encode }
}

/** What `decimal` holds. */
function fraction(): { numerator: bigint; denominator: bigint } {
  const { length, point, negative } = decimal
  const whole = BigInt(digits.subarray(0, length).join('') || '0')
  const numerator = (negative ? -whole : whole) * 10n ** BigInt(Math.max(0, point - length))
  return { numerator, denominator: 10n ** BigInt(Math.max(0, length - point)) }
}

function floor(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator
  return numerator < 0n && quotient * denominator !== numerator ? quotient - 1n : quotient
}
