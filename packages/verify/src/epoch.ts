import type { SourceValue } from '@rowferry/introspect'
import { dayNumber, microsPerDay } from './calendar.ts'
import { roundDecimal, shifted, toInteger, type Decimal } from './decimal.ts'
import type { EpochUnit } from './expectation.ts'
import { exactDecimal } from './form-number.ts'

/** `power` turns a count into microseconds; `year` is when it began. */
const counted = {
  s: { power: 6, year: 1970 },
  ms: { power: 3, year: 1970 },
  us: { power: 0, year: 1970 },
  ns: { power: -3, year: 1970 },
  apple: { power: 6, year: 2001 },
  'apple-ns': { power: -3, year: 2001 },
  webkit: { power: 0, year: 1601 },
  ticks: { power: -1, year: 1 },
}

const originOf = (year: number): number => dayNumber(year, 1, 1)! * microsPerDay

/** The count in whole microseconds, for numbers that stay exact as doubles; undefined for units that need care. */
export function quickEpoch(unit: EpochUnit): { readonly perUnit: number; readonly origin: number } | undefined {
  if (unit === 'julian' || counted[unit].power < 0) return undefined
  const origin = originOf(counted[unit].year)
  return Number.isSafeInteger(origin) ? { perUnit: 10 ** counted[unit].power, origin } : undefined
}

/** The instant that a number names, in microseconds since 2000-01-01T00:00Z; undefined for what is no number, or finer than the column keeps. */
export function epochMicros(
  value: SourceValue,
  unit: EpochUnit,
  rules: { readonly lossy: boolean; readonly digits: number },
): bigint | undefined {
  const number = exactDecimal(value)
  if (number === undefined) return undefined
  if (unit === 'julian') return julianMicros(number, rules)
  const { power, year } = counted[unit]
  const micros = shifted(number, power)
  const whole = toInteger(rules.lossy ? roundDecimal(micros, rules.digits - 6) : micros)
  return whole === undefined ? undefined : whole + BigInt(dayNumber(year, 1, 1)!) * BigInt(microsPerDay)
}

/** The length that a number counts, in microseconds; undefined for a count from some day on, and as `epochMicros`. */
export function lengthMicros(
  value: SourceValue,
  unit: EpochUnit,
  { lossy, digits }: { readonly lossy: boolean; readonly digits: number },
): bigint | undefined {
  const number = exactDecimal(value)
  if (number === undefined || unit === 'julian' || (unit !== 'ticks' && counted[unit].year !== 1970)) return undefined
  const micros = shifted(number, counted[unit].power)
  return toInteger(lossy ? roundDecimal(micros, digits - 6) : micros)
}

/** SQLite counts time in whole milliseconds since noon of the first Julian day, and so rounds what it reads (computeJD in its src/date.c). */
function julianMicros(
  days: Decimal,
  { lossy, digits }: { readonly lossy: boolean; readonly digits: number },
): bigint | undefined {
  const exact = days.digits === '' ? days : { ...days, digits: String(BigInt(days.digits) * 86_400_000n) }
  const millis = toInteger(roundDecimal(exact, 0))
  if (millis === undefined) return undefined
  // Within 50 microseconds it is what a double made of that millisecond
  const parts = 10n ** BigInt(Math.max(0, -exact.exponent))
  const off = (toInteger({ ...exact, exponent: Math.max(0, exact.exponent) }) ?? 0n) - millis * parts
  if (!lossy && (off * 20n > parts || off * -20n > parts)) return undefined
  // 2451544.5 days are 2000-01-01T00:00Z
  const micros = millis * 1000n - 4_903_089n * 43_200_000_000n
  return lossy ? roundedTo(micros, 10n ** BigInt(6 - digits)) : micros
}

/** To the nearest multiple, upwards from half. */
function roundedTo(value: bigint, unit: bigint): bigint {
  const moved = value + unit / 2n
  const rest = ((moved % unit) + unit) % unit
  return moved - rest
}
