/** Days in the proleptic Gregorian calendar, counted from 2000-01-01, and moments in microseconds from its midnight: PostgreSQL's own counting. */

const lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const before = lengths.map((_, month) => lengths.slice(0, month).reduce((sum, days) => sum + days, 0))

export const microsPerDay = 86_400_000_000
/** 1970-01-01 in days. */
export const unixEpochDay = -10_957

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

/** Astronomical years: 0 is 1 BC. Undefined when there is no such day. */
export function dayNumber(year: number, month: number, day: number): number | undefined {
  if (!(month >= 1 && month <= 12 && day >= 1)) return undefined
  const leapDay = month === 2 && isLeap(year) ? 1 : 0
  if (day > lengths[month - 1]! + leapDay) return undefined
  const past = year - 1
  const leaps = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400)
  const thisLeap = month > 2 && isLeap(year) ? 1 : 0
  return past * 365 + leaps + before[month - 1]! + thisLeap + day - 730_120
}

/** `2024-01-02`, with ` BC` where it belongs. */
export function formatDay(day: number): string {
  // 400 years are 146,097 days, so any day has a twin within reach of Date
  const cycles = Math.floor(day / 146_097)
  const twin = new Date((day - cycles * 146_097 - unixEpochDay) * 86_400_000)
  const year = twin.getUTCFullYear() + cycles * 400
  const rest = twin.toISOString().slice(4, 10)
  return year > 0 ? `${String(year).padStart(4, '0')}${rest}` : `${String(1 - year).padStart(4, '0')}${rest} BC`
}

/** `03:04:05.5` of microseconds in a day. */
export function formatTime(micros: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  const seconds = micros / 1e6
  const fraction = String(micros % 1e6)
    .padStart(6, '0')
    .replace(/0+$/, '')
  const clock = `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`
  return fraction === '' ? clock : `${clock}.${fraction}`
}
