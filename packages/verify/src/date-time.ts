import { dayNumber, microsPerDay } from './calendar.ts'

/** A date and time as written. */
export interface DateTime {
  readonly day: number
  /** Microseconds after midnight; more than a day's where 24:00:00 or a leap second was written. */
  readonly micros: number
  /** A time was written too. */
  readonly timed: boolean
  /** Seconds east of UTC; null where none was written. */
  readonly offset: number | null
}

const dated =
  /^\s*([+-]?\d{4,7})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|\s+)(\d{1,2}:\d{1,2}(?::\d{1,2}(?:[.,]\d*)?)?)\s*(Z|UTC|GMT|[+-]\d{1,2}(?::?\d{2}(?::?\d{2})?)?)?)?(\s+BC|\s+AD)?\s*$/i
const clock = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d*))?)?$/

/**
 * Reads ISO 8601 as databases and languages write it: a blank or T between, fractions of any length, Z, UTC or a numeric offset, years
 * beyond four digits, BC or astronomical negative years. `digits` is where a fraction ends: past it only noughts may follow unless `lossy`, which rounds.
 */
export function parseDateTime(text: string, digits: number, lossy: boolean): DateTime | undefined {
  const parts = dated.exec(text)
  if (parts === null) return undefined
  const written = Number(parts[1])
  const era = parts[6]?.trim().toUpperCase()
  if (era !== undefined && written <= 0) return undefined
  const day = dayNumber(era === 'BC' ? 1 - written : written, Number(parts[2]), Number(parts[3]))
  if (day === undefined) return undefined
  if (parts[4] === undefined) return { day, micros: 0, timed: false, offset: null }
  const micros = parseClock(parts[4], digits, lossy)
  const offset = parts[5] === undefined ? null : parseOffset(parts[5])
  return micros === undefined || offset === undefined ? undefined : { day, micros, timed: true, offset }
}

/** `03:04`, `03:04:05`, `03:04:05.123456`, up to 24:00:00, in microseconds; a leap second only if `lossy`. */
export function parseClock(text: string, digits: number, lossy: boolean): number | undefined {
  const parts = clock.exec(text)
  if (parts === null) return undefined
  const seconds = Number(parts[3] ?? '0')
  const fraction = fractionMicros(parts[4] ?? '', digits, lossy)
  if (fraction === undefined || Number(parts[2]) > 59 || seconds > (lossy ? 60 : 59)) return undefined
  const micros = (Number(parts[1]) * 60 + Number(parts[2])) * 60e6 + seconds * 1e6 + fraction
  return Number(parts[1]) < 24 || micros === microsPerDay ? micros : undefined
}

function fractionMicros(fraction: string, digits: number, lossy: boolean): number | undefined {
  const end = lossy ? digits : 6
  const kept = Number(fraction.slice(0, end).padEnd(6, '0'))
  const rest = fraction.slice(end)
  if (/^0*$/.test(rest)) return kept
  if (!lossy) return undefined
  return rest.charCodeAt(0) >= 53 ? kept + 10 ** (6 - end) : kept
}

function parseOffset(text: string): number | undefined {
  if (/^[a-z]/i.test(text)) return 0
  const parts = /^([+-])(\d{1,2}):?(\d{2})?:?(\d{2})?$/.exec(text)
  if (parts === null) return undefined
  const [hours, minutes, seconds] = [Number(parts[2]), Number(parts[3] ?? '0'), Number(parts[4] ?? '0')]
  if (hours > 15 || minutes > 59 || seconds > 59) return undefined
  return (parts[1] === '-' ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds)
}

/** What `quickMicros` says of a text that it does not read. */
export const notQuick = Number.NaN

/**
 * The common shape `YYYY-MM-DD[ T]HH:MM:SS[.ffffff]` without allocation: microseconds since 2000-01-01 as written, else `notQuick`.
 * `zoned`: whether Z or +00:00 must, or must not, close it.
 */
export function quickMicros(text: string, zoned: boolean): number {
  const length = text.length
  const closing =
    text.charCodeAt(length - 1) === 90 ? 1 : text.charCodeAt(length - 6) === 43 && text.endsWith('+00:00') ? 6 : 0
  const end = length - closing
  if (closing > 0 !== zoned || end < 19 || end > 26) return notQuick
  const separator = text.charCodeAt(10)
  if (separator !== 32 && separator !== 84) return notQuick
  if (
    text.charCodeAt(4) !== 45 ||
    text.charCodeAt(7) !== 45 ||
    text.charCodeAt(13) !== 58 ||
    text.charCodeAt(16) !== 58
  )
    return notQuick
  const hour = two(text, 11)
  const minute = two(text, 14)
  const second = two(text, 17)
  if (hour < 0 || minute < 0 || second < 0 || hour > 23 || minute > 59 || second > 59) return notQuick
  let fraction = 0
  if (end > 19) {
    if (text.charCodeAt(19) !== 46 || end === 20) return notQuick
    for (let i = 20; i < end; i += 1) {
      const digit = text.charCodeAt(i) - 48
      if (digit < 0 || digit > 9) return notQuick
      fraction = fraction * 10 + digit
    }
    for (let i = end; i < 26; i += 1) fraction *= 10
  }
  return quickDay(text) * microsPerDay + ((hour * 60 + minute) * 60 + second) * 1e6 + fraction
}

/** The day of `YYYY-MM-DD`, of which only the digits are looked at; NaN where that is not what stands there. */
export function quickDay(text: string): number {
  const century = two(text, 0)
  const rest = two(text, 2)
  const month = two(text, 5)
  const day = two(text, 8)
  if (century < 0 || rest < 0 || century + rest === 0 || month < 1 || day < 1) return notQuick
  return dayNumber(century * 100 + rest, month, day) ?? notQuick
}

/** Two digits within the text; -1 where something else is. */
function two(text: string, at: number): number {
  const high = text.charCodeAt(at) - 48
  const low = text.charCodeAt(at + 1) - 48
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : -1
}
