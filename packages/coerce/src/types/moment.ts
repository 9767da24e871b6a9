import { putInt32, reserve } from '../buffer.ts'
import type { Cell, CellOptions } from '../cell.ts'
import type { Refusal } from '../refusal.ts'
import { impossible } from '../refusal.ts'
import { formatType } from '../type-name.ts'
import { lastTimestampDay, putMicros } from './calendar.ts'
import {
  readDays,
  readMicros,
  readOffset,
  readTime,
  readTimestamp,
  rounded,
  withOffset,
  withTime,
  writtenDay,
} from './clock.ts'
import {
  instantWriter,
  losesPrecision,
  outOfRange,
  putDate,
  putTimestamp,
  secondDigits,
  shift,
  shifted,
  timeWouldBeLost,
} from './instant.ts'

const notADate = impossible('NOT_A_DATE', 'is no date of the form YYYY-MM-DD')
const notATime = impossible('NOT_A_TIME', 'is no time of the form HH:MM:SS')
const notATimestamp = impossible('NOT_A_TIMESTAMP', 'is no date and time of the form YYYY-MM-DD HH:MM:SS')
const skipped = impossible('NOT_A_TIMESTAMP', 'does not exist in the zone: clocks were put forward over it')
const repeated = impossible('NOT_A_TIMESTAMP', 'happened twice in the zone, when clocks were put back')
const specialWord = impossible('SPECIAL_WORD', 'is a word that PostgreSQL would replace by a date of its own')
const epochUnitNeeded = impossible('EPOCH_UNIT_NEEDED', 'is a number, and nothing says what it counts')
const timezoneNeeded = impossible(
  'TIMEZONE_NEEDED',
  'has no offset, and nothing says whose clock it was',
  'name the zone whose clock it was: --timezone UTC, or Europe/Paris and the like',
)
const offsetWouldBeLost = impossible(
  'OFFSET_WOULD_BE_LOST',
  ({ type }) => `has an offset, which ${formatType(type)} does not keep`,
  '--timezone UTC',
)

const words = new Set([
  'now',
  'today',
  'tomorrow',
  'yesterday',
  'epoch',
  'infinity',
  '-infinity',
  '+infinity',
  'allballs',
  'current',
])

/** What is wrong with text that no reader took. */
function textRefusal(text: string, otherwise: Refusal): Refusal {
  if (text.length > 64) return otherwise
  if (/^-?[0-9]+(?:\.[0-9]+)?$/.test(text) && otherwise !== notATime)
    return text.length < 6 ? otherwise : epochUnitNeeded
  return words.has(text.trim().toLowerCase()) ? specialWord : otherwise
}

/** A date; also a timestamp at midnight. An offset counts only as +00, or with a zone whose midnight it is then. */
export function dateCell(options: CellOptions): Cell {
  const { zone } = options
  const putInstant = instantWriter(options)
  const encode: Cell['encode'] = (value, out) => {
    if (typeof value === 'number' || typeof value === 'bigint') return epochUnitNeeded
    if (typeof value !== 'string') return notADate
    const parts = readTimestamp(value, 6)
    if (parts === 0) return textRefusal(value, notADate)
    if ((parts & withOffset) === 0) return putDate(writtenDay(), parts & withTime, out)
    const offset = readOffset()
    if (zone === null) return offset === 0 ? putDate(writtenDay(), parts & withTime, out) : offsetWouldBeLost
    shift(readDays(), readMicros(), -offset)
    const refusal = putInstant(shifted[0] as number, shifted[1] as number, out)
    return refusal === null && (parts & rounded) !== 0 ? timeWouldBeLost : refusal
  }
  return { encode }
}

/** A wall clock's time. Text with an offset needs a zone, to whose clock it is turned. */
export function timestampCell(options: CellOptions): Cell {
  const { type, zone } = options
  const precision = secondDigits(type.typmod)
  const putInstant = instantWriter(options)
  const encode: Cell['encode'] = (value, out) => {
    if (typeof value === 'number' || typeof value === 'bigint') return epochUnitNeeded
    if (typeof value !== 'string') return notATimestamp
    const parts = readTimestamp(value, precision)
    if (parts === 0) return textRefusal(value, notATimestamp)
    let refusal: Refusal | null
    if ((parts & withOffset) === 0) refusal = putTimestamp(readDays(), readMicros(), out)
    else if (zone === null) return offsetWouldBeLost
    else {
      shift(readDays(), readMicros(), -readOffset())
      refusal = putInstant(shifted[0] as number, shifted[1] as number, out)
    }
    return refusal === null && (parts & rounded) !== 0 ? losesPrecision : refusal
  }
  return { encode }
}

/** An instant. Text without an offset needs a zone, and must be a time that its clock showed once. */
export function timestamptzCell({ type, zone }: CellOptions): Cell {
  const precision = secondDigits(type.typmod)
  const encode: Cell['encode'] = (value, out) => {
    if (typeof value === 'number' || typeof value === 'bigint') return epochUnitNeeded
    if (typeof value !== 'string') return notATimestamp
    const parts = readTimestamp(value, precision)
    if (parts === 0) return textRefusal(value, notATimestamp)
    let offset: number
    if ((parts & withOffset) !== 0) offset = readOffset()
    else if (zone === null) return timezoneNeeded
    else if (zone.isUtc) offset = 0
    else {
      const days = readDays()
      if (days > lastTimestampDay) return outOfRange
      const local = zone.offsetOfLocal(days * 86_400 + Math.floor(readMicros() / 1_000_000))
      if (typeof local === 'string') return local === 'skipped' ? skipped : repeated
      offset = local
    }
    shift(readDays(), readMicros(), -offset)
    const refusal = putTimestamp(shifted[0] as number, shifted[1] as number, out)
    return refusal === null && (parts & rounded) !== 0 ? losesPrecision : refusal
  }
  return { encode }
}

/** A time of day, without a zone. */
export function timeCell({ type }: CellOptions): Cell {
  const precision = secondDigits(type.typmod)
  const encode: Cell['encode'] = (value, out) => {
    if (typeof value !== 'string') return notATime
    const parts = readTime(value, precision)
    if (parts === 0) return textRefusal(value, notATime)
    reserve(out, 12)
    putInt32(out.bytes, out.position, 8)
    putMicros(out.bytes, out.position + 4, 0, readMicros())
    out.position += 12
    return (parts & rounded) === 0 ? null : losesPrecision
  }
  return { encode }
}
