import type { SourceValue } from '@rowferry/introspect'
import { formatDay, formatTime, microsPerDay } from './calendar.ts'
import { notQuick, parseClock, parseDateTime, quickDay, quickMicros } from './date-time.ts'
import { epochMicros, quickEpoch } from './epoch.ts'
import type { EpochUnit } from './expectation.ts'
import { neverObvious, type CellForm } from './form.ts'
import { int32, int64, int64Text } from './wire.ts'
import { zoneOf, type Zone } from './zone.ts'

export interface TimeRules {
  readonly epoch: EpochUnit | undefined
  readonly zone: Zone | undefined
  readonly lossy: boolean
  /** Digits after the second that the column keeps. */
  readonly digits: number
}

export function timeRules(
  column: { readonly epoch?: EpochUnit; readonly timezone?: string; readonly lossy?: boolean },
  digits: number,
): TimeRules {
  const zone = column.timezone === undefined ? undefined : zoneOf(column.timezone)
  return { epoch: column.epoch, zone, lossy: column.lossy ?? false, digits }
}

function infinity(value: SourceValue): string | undefined {
  const word = typeof value === 'string' ? /^\s*([+-]?)infinity\s*$/i.exec(value) : null
  return word === null ? undefined : `${word[1] === '-' ? '-' : ''}infinity`
}

const floorDiv = (a: bigint, b: bigint): bigint => (a - (((a % b) + b) % b)) / b
const inSeconds = (micros: bigint): number => Number(floorDiv(micros, 1_000_000n))
const total = (day: number, micros: number): bigint => BigInt(day) * BigInt(microsPerDay) + BigInt(micros)

/** An instant as the wall clock of the agreed zone, else of UTC. */
function wallOf(instant: bigint, rules: TimeRules): bigint {
  return rules.zone === undefined ? instant : instant + BigInt(rules.zone.offsetAt(inSeconds(instant))) * 1_000_000n
}

/** Civil microseconds since 2000-01-01. An offset is turned to the agreed zone's wall clock; without a zone it may only be nought. */
function civilMicros(value: SourceValue, rules: TimeRules): bigint | undefined {
  const epoch = rules.epoch === undefined ? undefined : epochMicros(value, rules.epoch, rules)
  if (epoch !== undefined) return wallOf(epoch, rules)
  if (typeof value !== 'string') return undefined
  const written = parseDateTime(value, rules.digits, rules.lossy)
  if (written === undefined) return undefined
  const micros = total(written.day, written.micros)
  if (written.offset === null) return micros
  if (rules.zone !== undefined) return wallOf(micros - BigInt(written.offset) * 1_000_000n, rules)
  return written.offset === 0 ? micros : undefined
}

/** The instant in microseconds since 2000-01-01T00:00Z; a text without an offset needs the agreed zone. */
function instantMicros(value: SourceValue, rules: TimeRules): bigint | undefined {
  const epoch = rules.epoch === undefined ? undefined : epochMicros(value, rules.epoch, rules)
  if (epoch !== undefined) return epoch
  if (typeof value !== 'string') return undefined
  const written = parseDateTime(value, rules.digits, rules.lossy)
  if (written === undefined) return undefined
  const micros = total(written.day, written.micros)
  const offset = written.offset ?? rules.zone?.offsetOfWall(inSeconds(micros))
  return offset === undefined ? undefined : micros - BigInt(offset) * 1_000_000n
}

export function dateForm(rules: TimeRules): CellForm {
  const ofTarget = (bytes: Buffer, at: number): string => endless(int32(bytes, at), 0x7fffffff, -0x80000000)
  return {
    obvious: (bytes, at, _size, value) =>
      typeof value === 'string' &&
      value.length === 10 &&
      value.charCodeAt(4) === 45 &&
      value.charCodeAt(7) === 45 &&
      rules.epoch === undefined &&
      quickDay(value) === int32(bytes, at),
    ofSource(value) {
      // The day as written, even where a fraction rounds past midnight
      const written =
        rules.zone === undefined && typeof value === 'string' ? parseDateTime(value, 6, rules.lossy) : undefined
      if (written !== undefined)
        return !written.offset && (rules.lossy || written.micros === 0) ? String(written.day) : undefined
      const micros = civilMicros(value, rules)
      if (micros === undefined) return infinity(value)
      const day = floorDiv(micros, BigInt(microsPerDay))
      if (day * BigInt(microsPerDay) === micros) return String(day)
      return rules.lossy ? String(day) : undefined
    },
    ofTarget,
    show(bytes, at) {
      const day = ofTarget(bytes, at)
      return day.endsWith('infinity') ? day : formatDay(Number(day))
    },
  }
}

function endless(value: number, last: number, first: number): string {
  return value === last ? 'infinity' : value === first ? '-infinity' : String(value)
}

export function timeForm(rules: TimeRules): CellForm {
  return {
    obvious: neverObvious,
    ofSource(value) {
      const micros = typeof value === 'string' ? parseClock(value.trim(), rules.digits, rules.lossy) : undefined
      return micros === undefined ? undefined : String(micros)
    },
    ofTarget: int64Text,
    show: (bytes, at) => formatTime(int64(bytes, at)),
  }
}

/** timestamp (civil) and timestamptz (an instant). */
export function timestampForm(kind: 'timestamp' | 'timestamptz', rules: TimeRules): CellForm {
  const zoned = kind === 'timestamptz'
  const read = zoned ? instantMicros : civilMicros
  const epoch = rules.epoch === undefined || (!zoned && rules.zone !== undefined) ? undefined : quickEpoch(rules.epoch)
  const quick = (value: SourceValue): number => {
    if (typeof value === 'number')
      return epoch && Number.isInteger(value) ? value * epoch.perUnit + epoch.origin : notQuick
    if (typeof value !== 'string') return notQuick
    const written = quickMicros(value, zoned)
    if (!zoned || rules.zone === undefined || !Number.isNaN(written)) return written
    const wall = quickMicros(value, false)
    return wall - rules.zone.offsetOfWall(Math.floor(wall / 1e6)) * 1e6
  }
  return {
    obvious(bytes, at, _size, value) {
      const micros = quick(value)
      return micros === int64(bytes, at) && Number.isSafeInteger(micros)
    },
    ofSource(value) {
      const micros = read(value, rules)
      return micros === undefined ? infinity(value) : String(micros)
    },
    ofTarget: momentText,
    show(bytes, at) {
      const moment = momentText(bytes, at)
      if (moment.endsWith('infinity')) return moment
      const day = floorDiv(BigInt(moment), BigInt(microsPerDay))
      const text = `${formatDay(Number(day))} ${formatTime(Number(BigInt(moment) - day * BigInt(microsPerDay)))}`
      return zoned ? `${text}+00` : text
    },
  }
}

function momentText(bytes: Buffer, at: number): string {
  const text = int64Text(bytes, at)
  return text === '9223372036854775807' ? 'infinity' : text === '-9223372036854775808' ? '-infinity' : text
}
