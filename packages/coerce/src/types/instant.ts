import { putInt32, reserve } from '../buffer.ts'
import type { CellOptions } from '../cell.ts'
import type { CopyBuffer } from '../encoder.ts'
import type { Refusal } from '../refusal.ts'
import { impossible, lossy } from '../refusal.ts'
import { formatType } from '../type-name.ts'
import { dayMicros, firstDay, lastDateDay, lastTimestampDay, putMicros } from './calendar.ts'

export const outOfRange = impossible('OUT_OF_RANGE', ({ type }) => `is out of range for ${formatType(type)}`)
export const timeWouldBeLost = lossy('TIME_WOULD_BE_LOST', 'has a time of day, which a date does not keep')
export const losesPrecision = lossy('LOSES_PRECISION', ({ type }) => `is finer than ${formatType(type)} keeps`)

/** Digits of a second that a time, timestamp or timestamptz keeps. */
export function secondDigits(typmod: number): number {
  return typmod >= 0 && typmod <= 6 ? typmod : 6
}

/** Where the last `shift` led: [days, micros]. */
export const shifted = new Float64Array(2)

/** Moves a moment by seconds. */
export function shift(days: number, micros: number, seconds: number): void {
  if (seconds === 0) {
    shifted[0] = days
    shifted[1] = micros
    return
  }
  const moved = micros + seconds * 1_000_000
  const carry = Math.floor(moved / dayMicros)
  shifted[0] = days + carry
  shifted[1] = moved - carry * dayMicros
}

export type PutMoment = (days: number, micros: number, out: CopyBuffer) => Refusal | null

/** Writes an instant, given in UTC: to a timestamp or date as what the zone's clock showed (UTC's without one). */
export function instantWriter({ type, zone }: CellOptions): PutMoment {
  const put = type.name === 'date' ? putDate : putTimestamp
  if (type.name === 'timestamptz' || zone === null || zone.isUtc) return put
  return (days, micros, out) => {
    if (days < firstDay || days > lastTimestampDay) return outOfRange
    shift(days, micros, zone.offsetAt(days * 86_400 + Math.floor(micros / 1_000_000)))
    return put(shifted[0] as number, shifted[1] as number, out)
  }
}

export function putTimestamp(days: number, micros: number, out: CopyBuffer): Refusal | null {
  if (days < firstDay || days > lastTimestampDay) return outOfRange
  reserve(out, 12)
  putInt32(out.bytes, out.position, 8)
  putMicros(out.bytes, out.position + 4, days, micros)
  out.position += 12
  return null
}

export function putDate(days: number, micros: number, out: CopyBuffer): Refusal | null {
  if (days < firstDay || days > lastDateDay) return outOfRange
  reserve(out, 8)
  putInt32(out.bytes, out.position, 4)
  putInt32(out.bytes, out.position + 4, days)
  out.position += 8
  return micros === 0 ? null : timeWouldBeLost
}
