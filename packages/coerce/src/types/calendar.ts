/** Days from 2000-01-01, PostgreSQL's own origin, in the proleptic Gregorian calendar. */
export function daysFromCivil(year: number, month: number, day: number): number {
  // The year begins in March, so that the leap day is its last
  const marchYear = month <= 2 ? year - 1 : year
  const century = Math.floor(marchYear / 100)
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  return marchYear * 365 + Math.floor(marchYear / 4) - century + Math.floor(century / 4) + dayOfYear - 730_425
}

/** Days of the year, which begins in March, before each month from January on. */
const daysBefore = Int16Array.of(306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275)

/** The same for the years 1 to 9999, in whole numbers alone. */
export function daysOfUsual(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year
  const century = (marchYear / 100) | 0
  return (
    marchYear * 365 + (marchYear >> 2) - century + (century >> 2) + (daysBefore[month - 1] as number) + day - 730_426
  )
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** 1970-01-01 seen from 2000-01-01. */
export const unixEpochDay = -10_957
export const dayMicros = 86_400_000_000

// https://www.postgresql.org/docs/current/datatype-datetime.html: 4713 BC to 5874897 AD (date), to 294276 AD (timestamp)
export const firstDay = -2_451_545
export const lastDateDay = 2_145_031_948
export const lastTimestampDay = 106_751_982

/** Microseconds since 2000-01-01 as 64 bits. A day has 10,546,875 × 2^13 of them, so doubles suffice where one product would not be exact. */
export function putMicros(bytes: Uint8Array, at: number, days: number, micros: number): void {
  const coarse = Math.floor(micros / 8192)
  const total = days * 10_546_875 + coarse
  const high = Math.floor(total / 524_288)
  const low = (total - high * 524_288) * 8192 + (micros - coarse * 8192)
  bytes[at] = high >>> 24
  bytes[at + 1] = high >>> 16
  bytes[at + 2] = high >>> 8
  bytes[at + 3] = high
  bytes[at + 4] = low >>> 24
  bytes[at + 5] = low >>> 16
  bytes[at + 6] = low >>> 8
  bytes[at + 7] = low
}
