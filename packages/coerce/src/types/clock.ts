import { dayMicros, daysFromCivil, daysInMonth, daysOfUsual } from './calendar.ts'

/** What the last reading found, in a form that allocates nothing. */
const found = new Float64Array(4)

/** Days since 2000-01-01 of the last reading, one later where rounding went past midnight. */
export const readDays = (): number => found[0] as number
/** Microseconds since midnight of the last reading. */
export const readMicros = (): number => found[1] as number
/** Seconds east of UTC of the last reading, when it had `withOffset`. */
export const readOffset = (): number => found[2] as number
/** The day as written, whatever rounding did. */
export const writtenDay = (): number => found[3] as number

/** Parts of a reading, as bits; 0: the text is none of it. `rounded`: digits that count were cut. `withTime`: not all zeros. */
const understood = 1
export const withOffset = 4
export const rounded = 8
export const withTime = 16

const invalid = 0

function digitPair(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48
  const units = text.charCodeAt(at + 1) - 48
  return tens >= 0 && tens <= 9 && units >= 0 && units <= 9 ? tens * 10 + units : -1
}

/** Set by readDate and readClock: where they ended. */
let end = 0
let clockParts = 0

/**
 * `YYYY-MM-DD`, alone or with a time behind a space or T, and then perhaps an offset. Years 1 to 9999 in four digits; later ones in more,
 * with + or without. Nothing is guessed: no other order, no words, no day that the calendar does not have.
 * `precision`: digits of a second that are kept, 0–6.
 */
export function readTimestamp(text: string, precision: number): number {
  const usual = readUsual(text, precision)
  if (usual !== invalid) return usual
  if (!readDate(text)) return invalid
  if (end === text.length) {
    found[1] = 0
    return understood
  }
  const separator = text.charCodeAt(end)
  if (separator !== 32 && separator !== 84) return invalid
  if (!readClock(text, end + 1, precision)) return invalid
  let parts = understood | clockParts
  if (end < text.length) {
    if (!readZone(text, end)) return invalid
    parts |= withOffset
  }
  if ((found[1] as number) >= dayMicros) {
    found[0] = (found[0] as number) + 1
    found[1] = 0
  }
  return parts
}

const fractionUnits = [1_000_000, 100_000, 10_000, 1000, 100, 10, 1] as const

/** `YYYY-MM-DD HH:MM:SS`, perhaps a fraction of which no digit is cut, perhaps an offset; invalid also for what is merely not usual. */
function readUsual(text: string, precision: number): number {
  const { length } = text
  if (length < 19 || length > 33) return invalid
  const century = digitPair(text, 0)
  const rest = digitPair(text, 2)
  const month = digitPair(text, 5)
  const day = digitPair(text, 8)
  const hour = digitPair(text, 11)
  const minute = digitPair(text, 14)
  const second = digitPair(text, 17)
  if ((century | rest | month | day | hour | minute | second) < 0) return invalid
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return invalid
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return invalid
  const separator = text.charCodeAt(10)
  if (separator !== 32 && separator !== 84) return invalid
  const year = century * 100 + rest
  if (year < 1 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return invalid
  if (day > 28 && day > daysInMonth(year, month)) return invalid
  let at = 19
  let fraction = 0
  if (at < length && text.charCodeAt(at) === 46) {
    for (at++; at < length; at++) {
      const digit = text.charCodeAt(at) - 48
      if (digit < 0 || digit > 9) break
      if (at - 20 === precision) return invalid
      fraction = fraction * 10 + digit
    }
    if (at === 20) return invalid
    fraction *= fractionUnits[at - 20] as number
  }
  const days = daysOfUsual(year, month, day)
  const micros = (hour * 3600 + minute * 60 + second) * 1_000_000 + fraction
  let parts = micros === 0 ? understood : understood | withTime
  if (at < length) {
    if (!readZone(text, at)) return invalid
    parts |= withOffset
  }
  found[0] = found[3] = days
  found[1] = micros
  return parts
}

/** `HH:MM`, `HH:MM:SS` or with a fraction, and 24:00, which is a time of its own; :60 is refused, for PostgreSQL would turn it into another time. */
export function readTime(text: string, precision: number): number {
  if (/^24:00(?::00(?:\.0+)?)?$/.test(text)) {
    found[1] = dayMicros
    return understood | withTime
  }
  return readClock(text, 0, precision) && end === text.length ? understood | clockParts : invalid
}

function readDate(text: string): boolean {
  let at = 4
  let year: number
  if (text.charCodeAt(4) === 45) {
    const century = digitPair(text, 0)
    const rest = digitPair(text, 2)
    if (century < 0 || rest < 0) return false
    year = century * 100 + rest
  } else {
    const long = /^(?:\+[0-9]{5,7}|[1-9][0-9]{4,6})(?=-)/.exec(text)
    if (long === null) return false
    year = Number(long[0])
    at = long[0].length
  }
  const month = digitPair(text, at + 1)
  const day = digitPair(text, at + 4)
  if (
    text.charCodeAt(at + 3) !== 45 ||
    year < 1 ||
    month < 1 ||
    month > 12 ||
    day < 1 ||
    day > daysInMonth(year, month)
  )
    return false
  found[0] = found[3] = daysFromCivil(year, month, day)
  end = at + 6
  return true
}

function readClock(text: string, at: number, precision: number): boolean {
  const hour = digitPair(text, at)
  const minute = digitPair(text, at + 3)
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || text.charCodeAt(at + 2) !== 58) return false
  let second = 0
  end = at + 5
  if (text.charCodeAt(end) === 58) {
    second = digitPair(text, end + 1)
    if (second < 0 || second > 59) return false
    end += 3
  }
  found[1] = (hour * 3600 + minute * 60 + second) * 1_000_000
  clockParts = found[1] === 0 ? 0 : withTime
  return text.charCodeAt(end) !== 46 || (end > at + 5 && readFraction(text, precision))
}

function readFraction(text: string, precision: number): boolean {
  const start = ++end
  let micros = 0
  let unit = 100_000
  let up = false
  let any = 0
  for (; ; end++) {
    const digit = text.charCodeAt(end) - 48
    if (!(digit >= 0 && digit <= 9)) break
    any |= digit
    if (end - start < precision) {
      micros += digit * unit
      unit /= 10
    } else {
      if (end - start === precision) up = digit >= 5
      if (digit > 0) clockParts |= rounded
    }
  }
  if (any > 0) clockParts |= withTime
  found[1] = (found[1] as number) + micros + (up ? unit * 10 : 0)
  return end > start
}

/** Z, ±HH, ±HHMM, ±HH:MM or ±HH:MM:SS, to the end of the text, after a space or without. */
function readZone(text: string, from: number): boolean {
  const at = text.charCodeAt(from) === 32 ? from + 1 : from
  const length = text.length - at
  const sign = text.charCodeAt(at)
  if (sign === 90 && length === 1) {
    found[2] = 0
    return true
  }
  if (sign !== 43 && sign !== 45) return false
  const colons = text.charCodeAt(at + 3) === 58
  if (colons ? length !== 6 && !(length === 9 && text.charCodeAt(at + 6) === 58) : length !== 3 && length !== 5)
    return false
  const hours = digitPair(text, at + 1)
  const minutes = length === 3 ? 0 : digitPair(text, colons ? at + 4 : at + 3)
  const seconds = length === 9 ? digitPair(text, at + 7) : 0
  if (hours < 0 || hours > 15 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59) return false
  const offset = hours * 3600 + minutes * 60 + seconds
  found[2] = sign === 45 ? -offset : offset
  return true
}
