import { unixEpochDay } from './calendar.ts'

/** An IANA time zone: between its wall clock and UTC, in seconds since 2000-01-01. */
export interface Zone {
  /** Seconds east of UTC at a moment. */
  offsetAt(utc: number): number
  /**
   * Seconds east of UTC when the wall clock showed this. As PostgreSQL decides: what a clock put forward left out is read by the
   * offset before, what a clock put back showed twice by the offset after.
   */
  offsetOfWall(wall: number): number
}

const day = 86_400
const zones = new Map<string, Zone>()
const cachedDays = 50_000

/** Throws a RangeError for a name that is no zone. */
export function zoneOf(name: string): Zone {
  const known = zones.get(name)
  if (known !== undefined) return known
  const made = makeZone(name)
  zones.set(name, made)
  return made
}

function makeZone(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    timeZone: name,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const offsetAt = (utc: number): number => {
    // Beyond the reach of Date the same weekday of the same kind of year, 400 years nearer, follows the same rule
    const far = Math.trunc(utc / 6.3e12)
    const near = utc - far * 499 * 146_097 * day
    const moment = new Date((near - unixEpochDay * day) * 1000)
    return wallOf(format, moment) - Math.floor(moment.getTime() / 1000)
  }
  const settled = new Map<number, number | null>()
  const offsetOfWall = (wall: number): number => {
    if (Number.isNaN(wall)) return wall
    const index = Math.floor(wall / day)
    let offset = settled.get(index)
    if (offset === undefined) {
      const earlier = offsetAt((index - 1) * day)
      offset = earlier === offsetAt((index + 2) * day) && earlier === offsetAt(index * day) ? earlier : null
      if (settled.size >= cachedDays) settled.clear()
      settled.set(index, offset)
    }
    return offset ?? nearTransition(offsetAt, wall)
  }
  return { offsetAt, offsetOfWall }
}

function nearTransition(offsetAt: Zone['offsetAt'], wall: number): number {
  const earlier = offsetAt(wall - day)
  const later = offsetAt(wall + day)
  if (offsetAt(wall - later) === later) return later
  return earlier
}

/** The wall clock as if it were UTC, in Unix seconds. */
function wallOf(format: Intl.DateTimeFormat, moment: Date): number {
  const read: Record<string, string> = {}
  for (const part of format.formatToParts(moment)) read[part.type] = part.value
  const written = Number(read['year'])
  const year = read['era']?.startsWith('B') ? 1 - written : written
  const clock = new Date(0)
  clock.setUTCFullYear(year, Number(read['month']) - 1, Number(read['day']))
  clock.setUTCHours(Number(read['hour']), Number(read['minute']), Number(read['second']))
  return clock.getTime() / 1000
}
