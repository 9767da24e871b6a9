import type { EpochUnit } from '../cast.ts'
import type { Cell, CellOptions, CellValue } from '../cell.ts'
import { storedText } from '../example.ts'
import type { Subject } from '../refusal.ts'
import { dayMicros, unixEpochDay } from './calendar.ts'
import { decimal, digits, readDecimal, roundDecimal } from './decimal.ts'
import { instantWriter, losesPrecision, outOfRange, secondDigits } from './instant.ts'

const microDigits: Record<EpochUnit, number> = { s: 6, ms: 3, us: 0 }

/** Numbers, and text that is one: only these are read as an epoch. */
export function isEpoch(value: CellValue): boolean {
  return (
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    (typeof value === 'string' && /^-?[0-9]+(?:\.[0-9]+)?$/.test(value))
  )
}

/**
 * The option that names the unit which the magnitude suggests: until the year 5138 seconds have fewer than 12 digits.
 * Null for what looks like a Julian day or digits of a date (`20240102`, `240102`): as seconds, those are days of 1970.
 */
export function epochRemedy({ value }: Subject): string | null {
  const size = Math.abs(Number(value))
  if (size >= 10_000 && size < 1e8) return null
  return `--epoch '{column}=${size < 1e11 ? 's' : size < 1e14 ? 'ms' : 'us'}'`
}

/**
 * date, timestamp and timestamptz from numbers that count from 1970-01-01T00:00:00Z. Reals count by their shortest decimal, never by their binary
 * fraction. Into timestamp and date goes what the clock of the zone showed, UTC's when none is given.
 */
export function epochCell(unit: EpochUnit, options: CellOptions): Cell {
  const put = instantWriter(options)
  const shiftDigits = microDigits[unit]
  const perDay = dayMicros / 10 ** shiftDigits
  const precision = options.type.name === 'date' ? 6 : secondDigits(options.type.typmod)
  const coarse = 10 ** (6 - precision)

  const encode: Cell['encode'] = (value, out) => {
    if (typeof value === 'number' && Number.isSafeInteger(value)) {
      const days = Math.floor(value / perDay)
      const micros = (value - days * perDay) * 10 ** shiftDigits
      if (micros % coarse === 0) return put(days + unixEpochDay, micros, out)
    }
    const text = storedText(value, 'auto') ?? ''
    // More digits than any moment has, or a word like Infinity
    if (!readDecimal(text.replace(/^(-?)0+(?=[0-9])/, '$1')) || decimal.point > 20) return outOfRange
    const loses = roundDecimal(shiftDigits - (6 - precision))
    const micros = decimalMicros(shiftDigits)
    const days = micros / BigInt(dayMicros) - (micros % BigInt(dayMicros) < 0n ? 1n : 0n)
    const refusal = put(Number(days) + unixEpochDay, Number(micros - days * BigInt(dayMicros)), out)
    return refusal ?? (loses ? losesPrecision : null)
  }
  return { encode }
}

function decimalMicros(shiftDigits: number): bigint {
  let micros = 0n
  for (let i = 0; i < decimal.point + shiftDigits; i++)
    micros = micros * 10n + BigInt(i < decimal.length ? (digits[i] as number) : 0)
  return decimal.negative ? -micros : micros
}
