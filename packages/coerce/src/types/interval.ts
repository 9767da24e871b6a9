import { putInt32, reserve } from '../buffer.ts'
import type { Cell, CellOptions } from '../cell.ts'
import type { CopyBuffer } from '../encoder.ts'
import type { EpochUnit } from '../cast.ts'
import { storedText } from '../example.ts'
import type { Refusal } from '../refusal.ts'
import { impossible, lossy } from '../refusal.ts'
import { formatType } from '../type-name.ts'
import { decimal, readDecimal, roundDecimal } from './decimal.ts'
import { decimalMicros, isEpoch } from './epoch.ts'

const notAnInterval = impossible(
  'NOT_AN_INTERVAL',
  'is no ISO 8601 duration, no HH:MM:SS and no interval as PostgreSQL writes it',
)
const unitNeeded = impossible(
  'DURATION_UNIT_NEEDED',
  'is a number, and nothing says what it counts',
  "--epoch '{column}=<s, ms, us, ns or ticks>'",
)
const noLength = impossible(
  'DURATION_UNIT_NEEDED',
  'is said to count from a day on, and an interval has none',
  "--epoch '{column}=<s, ms, us, ns or ticks>'",
)
const outOfRange = impossible('OUT_OF_RANGE', ({ type }) => `is out of range for ${formatType(type)}`)
const losesPrecision = lossy('LOSES_PRECISION', ({ type }) => `has parts that ${formatType(type)} does not keep`)

interface Duration {
  readonly months: number
  readonly days: number
  /** Seconds as text: sign, digits, perhaps a fraction; they are added up. */
  readonly micros: bigint
  readonly rounded: boolean
}

const int = '([+-]?[0-9]{1,12})'
const iso = new RegExp(
  `^(-?)P(?=.)(?:${int}Y)?(?:${int}M)?(?:${int}W)?(?:${int}D)?(?:T(?=.)(?:${int}H)?(?:${int}M)?(?:([+-]?[0-9]{1,15}(?:\\.[0-9]+)?)S)?)?$`,
)
const clock = '([+-]?)([0-9]{1,12}):([0-5][0-9]):([0-5][0-9](?:\\.[0-9]+)?)'
const verbose = new RegExp(
  `^(?=\\S)(?:${int} years?)?(?:(?:^| )${int} mons?)?(?:(?:^| )${int} days?)?(?:(?:^| )${clock})?$`,
)

/** .NET's TimeSpan of a day and more, whose sign is of all of it. */
const timeSpan = /^(-?)([0-9]{1,8})\.([0-9]{2}):([0-5][0-9]):([0-5][0-9](?:\.[0-9]{1,7})?)$/

/** The server's own input reads it as days and a fraction of one. */
export const isTimeSpan = (text: string): boolean => timeSpan.test(text)

function readInterval(text: string): Duration | null {
  if (text.length > 200) return null
  const [, minus, ...span] = timeSpan.exec(text) ?? []
  if (minus !== undefined) return readInterval(`${minus}P${span[0]}DT${span[1]}H${span[2]}M${span[3]}S`)
  const [, sign, years, months, weeks, days, hours, minutes, seconds] = iso.exec(text) ?? []
  if (sign !== undefined) {
    const turn = sign === '-' ? -1 : 1
    const time = readSeconds(seconds ?? '0')
    const whole = (BigInt(hours ?? 0) * 3600n + BigInt(minutes ?? 0) * 60n) * 1_000_000n
    return {
      months: turn * (Number(years ?? 0) * 12 + Number(months ?? 0)),
      days: turn * (Number(weeks ?? 0) * 7 + Number(days ?? 0)),
      micros: BigInt(turn) * (whole + time.micros),
      rounded: time.rounded,
    }
  }
  const found = verbose.exec(text)
  if (found === null) return null
  const [, year, month, day, clockSign, hour = '0', minute = '0', second = '0'] = found
  const time = readSeconds(second)
  const micros = (BigInt(hour) * 3600n + BigInt(minute) * 60n) * 1_000_000n + time.micros
  return {
    months: Number(year ?? 0) * 12 + Number(month ?? 0),
    days: Number(day ?? 0),
    micros: clockSign === '-' ? -micros : micros,
    rounded: time.rounded,
  }
}

function readSeconds(text: string): { micros: bigint; rounded: boolean } {
  const [whole = '0', fraction = ''] = text.replace(/^[+-]/, '').split('.')
  const up = (fraction.charCodeAt(6) || 48) >= 53 ? 1n : 0n
  const micros = BigInt(whole) * 1_000_000n + BigInt(fraction.slice(0, 6).padEnd(6, '0')) + up
  return { micros: text.startsWith('-') ? -micros : micros, rounded: /[1-9]/.test(fraction.slice(6)) }
}

const minute = 60_000_000n

/** What the server cuts off for `interval(p)` and for fields such as `interval day to hour`; it does so itself on arrival. */
function isCut({ months, days, micros }: Duration, typmod: number): boolean {
  if (typmod === -1) return false
  const precision = typmod & 0xffff
  const fields = (typmod >>> 16) & 0x7fff
  if (precision < 6 && micros % 10n ** BigInt(6 - precision) !== 0n) return true
  if (fields === 0x7fff || fields & (1 << 12)) return false
  if (fields & (1 << 11)) return micros % minute !== 0n
  if (fields & (1 << 10)) return micros % (60n * minute) !== 0n
  if (fields & (1 << 3)) return micros !== 0n
  if (fields & (1 << 1)) return micros !== 0n || days !== 0
  return micros !== 0n || days !== 0 || months % 12 !== 0
}

const int32 = 2_147_483_647

/**
 * ISO 8601 durations, `[-]HH:MM:SS[.ffffff]`, .NET's `[-]d.HH:MM:SS[.fffffff]` and PostgreSQL's own style, each field with its own sign.
 * Numbers are refused, since nothing says what they count.
 */
export function intervalCell({ type }: CellOptions): Cell {
  const encode: Cell['encode'] = (value, out) => {
    const read = typeof value === 'string' ? readInterval(value) : null
    if (read === null) return isEpoch(value) ? unitNeeded : notAnInterval
    return putDuration(read, type.typmod, out)
  }
  return { encode }
}

function putDuration(read: Duration, typmod: number, out: CopyBuffer): Refusal | null {
  const { months, days, micros } = read
  if (Math.abs(months) > int32 || Math.abs(days) > int32 || BigInt.asIntN(64, micros) !== micros) return outOfRange
  reserve(out, 20)
  putInt32(out.bytes, out.position, 16)
  out.bytes.writeBigInt64BE(micros, out.position + 4)
  out.bytes.writeInt32BE(days, out.position + 12)
  out.bytes.writeInt32BE(months, out.position + 16)
  out.position += 20
  return read.rounded || isCut(read, typmod) ? losesPrecision : null
}

/** A number × 10^digits is microseconds. */
const lengths: Partial<Record<EpochUnit, number>> = { s: 6, ms: 3, us: 0, ns: -3, ticks: -1 }

/** interval from numbers that count `unit`: all of it as time, for no number says where a day begins. */
export function durationCell(unit: EpochUnit, { type }: CellOptions): Cell {
  const shift = lengths[unit]
  if (shift === undefined) return { encode: () => noLength }
  const encode: Cell['encode'] = (value, out) => {
    const text = storedText(value, 'auto') ?? ''
    if (!readDecimal(text.replace(/^(-?)0+(?=[0-9])/, '$1')) || decimal.point > 20) return outOfRange
    const rounded = roundDecimal(shift)
    return putDuration({ months: 0, days: 0, micros: decimalMicros(shift), rounded }, type.typmod, out)
  }
  return { encode }
}
