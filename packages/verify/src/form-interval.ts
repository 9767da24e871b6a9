import { formatTime } from './calendar.ts'
import { parseDecimal, roundDecimal, shifted, toInteger } from './decimal.ts'
import { lengthMicros } from './epoch.ts'
import type { EpochUnit } from './expectation.ts'
import { neverObvious, type CellForm } from './form.ts'
import { int32, int64Text } from './wire.ts'

/** PostgreSQL keeps months, days and microseconds apart: a month is no number of days, nor a day of hours. */
interface Interval {
  months: bigint
  days: bigint
  micros: bigint
}

type Part = keyof Interval

const units = new Map<string, readonly [part: Part, size: number]>()
const define = (part: Part, size: number, ...names: string[]): void => {
  for (const name of names) units.set(name, [part, size])
}
define('months', 12_000, 'millennium', 'millennia', 'mil', 'mils')
define('months', 1200, 'century', 'centuries', 'c', 'cent')
define('months', 120, 'decade', 'decades', 'dec', 'decs')
define('months', 12, 'year', 'years', 'y', 'yr', 'yrs')
define('months', 1, 'month', 'months', 'mon', 'mons')
define('days', 7, 'week', 'weeks', 'w')
define('days', 1, 'day', 'days', 'd')
define('micros', 3_600_000_000, 'hour', 'hours', 'h', 'hr', 'hrs')
define('micros', 60_000_000, 'minute', 'minutes', 'm', 'min', 'mins')
define('micros', 1_000_000, 'second', 'seconds', 's', 'sec', 'secs')
define('micros', 1000, 'millisecond', 'milliseconds', 'ms', 'msec', 'msecs')
define('micros', 1, 'microsecond', 'microseconds', 'us', 'usec', 'usecs')

/** interval: ISO 8601 durations, PostgreSQL's words (`1 year 2 mons 3 days 04:05:06`) and bare clocks (`-04:05:06.7`), also with .NET's days before them (`-3.04:05:06.7`); numbers where `unit` says what they count. Only fractions of hours and less have a meaning. */
export function intervalForm(digits: number, lossy: boolean, unit?: EpochUnit): CellForm {
  return {
    obvious: neverObvious,
    ofSource(value) {
      const length = unit === undefined ? undefined : lengthMicros(value, unit, { lossy, digits })
      if (length !== undefined) return `0 0 ${length}`
      if (typeof value !== 'string') return undefined
      const text = value.trim()
      const read = /^[+-]?P/i.test(text) ? parseIso(text) : parseWords(text)
      if (read === undefined) return undefined
      const micros = wholeMicros(read.micros, digits, lossy)
      return micros === undefined ? undefined : `${read.months} ${read.days} ${micros}`
    },
    ofTarget: (bytes, at) => `${int32(bytes, at + 12)} ${int32(bytes, at + 8)} ${int64Text(bytes, at)}`,
    show(bytes, at) {
      const micros = Number(int64Text(bytes, at))
      const clock = `${micros < 0 ? '-' : ''}${formatTime(Math.abs(micros))}`
      return `${int32(bytes, at + 12)} mons ${int32(bytes, at + 8)} days ${clock}`
    },
  }
}

/** `fine` counts 10^-12 s, so that a fraction past the microsecond is seen. */
function wholeMicros(fine: bigint, digits: number, lossy: boolean): bigint | undefined {
  const micros = shifted(parseDecimal(String(fine))!, -6)
  return toInteger(lossy ? roundDecimal(micros, digits - 6) : micros)
}

function add(into: Interval, amount: string, [part, size]: readonly [Part, number]): boolean {
  const decimal = parseDecimal(amount)
  if (decimal === undefined) return false
  const whole = toInteger(part === 'micros' ? shifted(decimal, 6) : decimal)
  if (whole === undefined) return false
  into[part] += whole * BigInt(size)
  return true
}

function parseIso(text: string): Interval | undefined {
  const parts = /^([+-]?)P(?=.)((?:[+-]?[\d.,]+[YMWD])*)(?:T((?:[+-]?[\d.,]+[HMS])+))?$/i.exec(text)
  if (parts === null) return undefined
  const read: Interval = { months: 0n, days: 0n, micros: 0n }
  const fields = (written: string, names: string): boolean => {
    const wanted = new Map(names.split(' ').map((name) => [name[0]!, units.get(name.slice(1))!]))
    for (const [, amount, letter] of written.matchAll(/([+-]?[\d.,]+)([A-Z])/gi)) {
      if (!add(read, amount!.replace(',', '.'), wanted.get(letter!.toUpperCase())!)) return false
    }
    return true
  }
  if (!fields(parts[2] ?? '', 'Yyear Mmonth Wweek Dday') || !fields(parts[3] ?? '', 'Hhour Mminute Ssecond'))
    return undefined
  return parts[1] === '-' ? negated(read) : read
}

function parseWords(text: string): Interval | undefined {
  const read: Interval = { months: 0n, days: 0n, micros: 0n }
  const span = /^(-?)(\d{1,8})\.(\d\d:\d\d:\d\d(?:\.\d{1,7})?)$/.exec(text)
  if (span !== null) return parseWords(`${span[1]}${span[2]} days ${span[1]}${span[3]}`)
  const ago = /\s+ago$/i.test(text)
  let rest = text.replace(/^@\s*/, '').replace(/\s+ago$/i, '')
  let seen = false
  while (rest !== '') {
    const clock = /^([+-]?)(\d+):(\d{1,2})(?::(\d{1,2}(?:\.\d*)?))?$/.exec(rest)
    const pair = /^([+-]?\d*\.?\d+)\s*([a-z]+)(?:\s*,\s*|\s+|$)/i.exec(rest)
    if (clock !== null) {
      if (Number(clock[3]) > 59 || Number(clock[4] ?? '0') >= 60) return undefined
      const sign = clock[1] ?? ''
      const names = ['hour', 'minute', 'second']
      if (!names.every((name, i) => add(read, sign + (clock[i + 2] ?? '0'), units.get(name)!))) return undefined
      rest = ''
    } else if (pair !== null) {
      const unit = units.get(pair[2]!.toLowerCase())
      if (unit === undefined || !add(read, pair[1]!, unit)) return undefined
      rest = rest.slice(pair[0].length)
    } else return undefined
    seen = true
  }
  if (!seen) return undefined
  return ago ? negated(read) : read
}

function negated(read: Interval): Interval {
  return { months: -read.months, days: -read.days, micros: -read.micros }
}
