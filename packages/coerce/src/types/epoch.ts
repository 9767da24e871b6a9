import type { EpochUnit } from '../cast.ts'
import type { Cell, CellOptions, CellValue } from '../cell.ts'
import { storedText } from '../example.ts'
import { dayMicros, daysFromCivil, unixEpochDay } from './calendar.ts'
import { decimal, digits, readDecimal, roundDecimal } from './decimal.ts'
import { julianCell } from './julian.ts'
import { instantWriter, losesPrecision, outOfRange, secondDigits } from './instant.ts'

/** A number × 10^`digits` is microseconds since the `origin`, a day. */
interface Count {
  readonly digits: number
  readonly origin: number
}

const unix = unixEpochDay
const apple = daysFromCivil(2001, 1, 1)

const counts: Record<Exclude<EpochUnit, 'julian'>, Count> = {
  s: { digits: 6, origin: unix },
  ms: { digits: 3, origin: unix },
  us: { digits: 0, origin: unix },
  ns: { digits: -3, origin: unix },
  apple: { digits: 6, origin: apple },
  'apple-ns': { digits: -3, origin: apple },
  webkit: { digits: 0, origin: daysFromCivil(1601, 1, 1) },
  ticks: { digits: -1, origin: daysFromCivil(1, 1, 1) },
}

/** Numbers, and text that is one: only these are read as an epoch. */
export function isEpoch(value: CellValue): boolean {
  return (
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    (typeof value === 'string' && /^-?[0-9]+(?:\.[0-9]+)?$/.test(value))
  )
}

/**
 * date, timestamp and timestamptz from numbers. Reals count by their shortest decimal, never by their binary
 * fraction. Into timestamp and date goes what the clock of the zone showed, UTC's when none is given.
 */
export function epochCell(unit: EpochUnit, options: CellOptions): Cell {
  if (unit === 'julian') return julianCell(options)
  const put = instantWriter(options)
  const { digits: shiftDigits, origin } = counts[unit]
  const perDay = dayMicros / 10 ** shiftDigits
  const precision = options.type.name === 'date' ? 6 : secondDigits(options.type.typmod)
  const coarse = 10 ** (6 - precision)

  const encode: Cell['encode'] = (value, out) => {
    if (typeof value === 'number' && Number.isSafeInteger(value)) {
      const days = Math.floor(value / perDay)
      const rest = value - days * perDay
      const micros = shiftDigits < 0 ? rest / 10 ** -shiftDigits : rest * 10 ** shiftDigits
      if (micros % coarse === 0) return put(days + origin, micros, out)
    }
    const text = storedText(value, 'auto') ?? ''
    // More digits than any moment has, or a word like Infinity
    if (!readDecimal(text.replace(/^(-?)0+(?=[0-9])/, '$1')) || decimal.point > 20) return outOfRange
    const loses = roundDecimal(shiftDigits - (6 - precision))
    const micros = decimalMicros(shiftDigits)
    const days = micros / BigInt(dayMicros) - (micros % BigInt(dayMicros) < 0n ? 1n : 0n)
    const refusal = put(Number(days) + origin, Number(micros - days * BigInt(dayMicros)), out)
    return refusal ?? (loses ? losesPrecision : null)
  }
  return { encode }
}

/** What the rounded `decimal` comes to, its point moved by so many digits. */
export function decimalMicros(shiftDigits: number): bigint {
  let micros = 0n
  for (let i = 0; i < decimal.point + shiftDigits; i++)
    micros = micros * 10n + BigInt(i < decimal.length ? (digits[i] as number) : 0)
  return decimal.negative ? -micros : micros
}
