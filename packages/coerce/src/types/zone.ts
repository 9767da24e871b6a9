import { CoerceError } from '../error.ts'
import { unixEpochDay } from './calendar.ts'

/** Why a wall clock's time has no single instant. */
type LocalTrouble = 'skipped' | 'repeated'

/** A time zone's rules. Times are whole seconds since 2000-01-01T00:00:00, of UTC or of the zone's wall clock. */
export interface Zone {
  readonly name: string
  readonly isUtc: boolean
  /** Seconds east of UTC at an instant. */
  offsetAt(utc: number): number
  /** Seconds east of UTC when the wall clock shows `local`; or why there is no one answer. */
  offsetOfLocal(local: number): number | LocalTrouble
}

const daySeconds = 86_400
const unixEpoch = unixEpochDay * daySeconds
/** The calendar repeats after 400 years, and so do the rules of zones. */
const cycle = 146_097 * daySeconds
const year1800 = -6_311_520_000
const year2400 = 12_622_780_800

/**
 * A zone by its IANA name, by the rules that this Node.js carries (`process.versions.tz`).
 * @throws CoerceError `TIMEZONE_UNKNOWN`
 */
export function openZone(name: string): Zone {
  const format = openFormat(name)
  if (format.resolvedOptions().timeZone === 'UTC')
    return { name, isUtc: true, offsetAt: () => 0, offsetOfLocal: () => 0 }

  const measure = (utc: number): number => {
    // Before 1800 every zone keeps its local mean time; JavaScript's dates end before PostgreSQL's
    let instant = Math.max(utc, year1800)
    if (instant > year2400) instant -= Math.ceil((instant - year2400) / cycle) * cycle
    const [month, day, year, hour, minute, second] = format
      .format((instant - unixEpoch) * 1000)
      .match(/\d+/g) as string[]
    const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
    return local / 1000 + unixEpoch - instant
  }
  const resolve = (local: number): number | LocalTrouble => {
    const before = measure(local - daySeconds)
    const after = measure(local + daySeconds)
    const fitsBefore = measure(local - before) === before
    if (before === after) return fitsBefore ? before : 'skipped'
    const fitsAfter = measure(local - after) === after
    if (fitsBefore && fitsAfter) return 'repeated'
    return fitsBefore ? before : fitsAfter ? after : 'skipped'
  }
  const utcDays = new Map<number, number>()
  const localDays = new Map<number, number>()
  return {
    name,
    isUtc: false,
    offsetAt: (utc) => wholeDay(utcDays, utc, measure) ?? measure(utc),
    offsetOfLocal: (local) => wholeDay(localDays, local, resolve) ?? resolve(local),
  }
}

function openFormat(name: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch (cause) {
    throw new CoerceError('TIMEZONE_UNKNOWN', `${JSON.stringify(name)} is no time zone.`, {
      remedy: 'Use an IANA name such as UTC or Europe/Paris.',
      cause,
    })
  }
}

/** Days that are kept at most; a table rarely spans so many. */
const mostDays = 100_000

/** The offset of the whole day around `time`, when it has one and only one; asked of `measure` once a day. */
function wholeDay(
  days: Map<number, number>,
  time: number,
  measure: (time: number) => number | LocalTrouble,
): number | undefined {
  const day = Math.floor(time / daySeconds)
  let offset = days.get(day)
  if (offset === undefined) {
    const samples = [0, 0.25, 0.5, 0.75, 1].map((part) => measure((day + part) * daySeconds))
    const first = samples[0] as number | LocalTrouble
    offset = typeof first === 'number' && samples.every((sample) => sample === first) ? first : Number.NaN
    if (days.size >= mostDays) days.clear()
    days.set(day, offset)
  }
  return Number.isNaN(offset) ? undefined : offset
}
