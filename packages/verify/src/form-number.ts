import type { SourceValue } from '@rowferry/introspect'
import { formatExact, formatPlain, parseDecimal, roundDecimal, toInteger, type Decimal } from './decimal.ts'
import type { CellForm } from './form.ts'
import { halve, highHalf, lowHalf } from './halves.ts'
import { spellsNumeric } from './numeric-digits.ts'
import { int16, int32, int64, int64Text, uint32 } from './wire.ts'

const yes = new Set(['1', 't', 'true', 'y', 'yes', 'on'])
const no = new Set(['0', 'f', 'false', 'n', 'no', 'off'])

export const boolForm: CellForm = {
  obvious: (bytes, at, _size, value) => bytes[at] === (typeof value === 'bigint' ? Number(value) : value),
  ofSource(value) {
    if (value === null || typeof value === 'object') return undefined
    const word = typeof value === 'string' ? value.trim().toLowerCase() : String(Number(value))
    return yes.has(word) ? 't' : no.has(word) ? 'f' : undefined
  },
  ofTarget: (bytes, at) => (bytes[at] === 1 ? 't' : 'f'),
  show: (bytes, at) => (bytes[at] === 1 ? 'true' : 'false'),
}

/**
 * int2, int4, int8 and oid, which has no sign. Integral reals and integral decimal text are the integers they name;
 * `lossy` rounds reals half to even and text half away from nought, as PostgreSQL's casts from float8 and numeric do.
 */
export function integerForm(kind: 'int2' | 'int4' | 'int8' | 'oid', lossy: boolean): CellForm {
  const read = { int2: int16, int4: int32, int8: int64, oid: uint32 }[kind]
  const ofTarget = kind === 'int8' ? int64Text : (bytes: Buffer, at: number): string => String(read(bytes, at))
  return {
    obvious(bytes, at, _size, value) {
      if (typeof value === 'number') return read(bytes, at) === value && Number.isSafeInteger(value)
      if (typeof value !== 'bigint' || !halve(value)) return false
      if (kind === 'int8') return highHalf() === int32(bytes, at) && lowHalf() === uint32(bytes, at + 4)
      return read(bytes, at) === highHalf() * 4294967296 + lowHalf()
    },
    ofSource(value) {
      if (typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))) return String(value)
      if (typeof value === 'number') {
        const whole = lossy ? halfEven(value) : value
        return Number.isInteger(whole) ? String(BigInt(whole)) : undefined
      }
      const decimal = exactDecimal(value)
      if (decimal === undefined) return undefined
      const whole = toInteger(lossy ? roundDecimal(decimal, 0) : decimal)
      return whole === undefined ? undefined : String(whole)
    },
    ofTarget,
    show: ofTarget,
  }
}

function halfEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  return rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1
}

/** The exact decimal a source value names: of a real, the fewest digits that read back as the same double. */
export function exactDecimal(value: SourceValue): Decimal | undefined {
  if (typeof value === 'string') return parseDecimal(value)
  return typeof value === 'number' || typeof value === 'bigint' ? parseDecimal(String(value)) : undefined
}

/** `numeric`. Where precision and scale are free, a fraction's scale is part of the value (1.10 is not 1.1); of a whole number never. */
export function numericForm(scale: number | null, lossy: boolean, scaleCounts: boolean): CellForm {
  const canonical = (value: Decimal): string =>
    scaleCounts && value.exponent < 0 ? `${formatExact(value)}:${value.scale}` : formatExact(value)
  return {
    obvious(bytes, at, _size, value) {
      if (typeof value === 'string') return spellsNumeric(bytes, at, value, scaleCounts)
      if (typeof value === 'number' && obviousNumber(bytes, at, value, scaleCounts)) return true
      return typeof value !== 'object' && spellsNumeric(bytes, at, String(value), scaleCounts)
    },
    ofSource(value) {
      const special = specialWord(value)
      if (special !== undefined) return special
      const decimal = exactDecimal(value)
      if (decimal === undefined) return undefined
      return canonical(lossy && scale !== null ? roundDecimal(decimal, scale) : decimal)
    },
    ofTarget(bytes, at) {
      const value = readNumeric(bytes, at)
      return typeof value === 'string' ? value : canonical(value)
    },
    show(bytes, at) {
      const value = readNumeric(bytes, at)
      return typeof value === 'string' ? value : formatPlain(value)
    },
  }
}

/** NaN and the infinities, one spelling each; undefined for all else. */
export function specialWord(value: SourceValue): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : String(value)
  if (typeof value !== 'string') return undefined
  const word = /^\s*(?:(nan)|([+-]?)inf(?:inity)?)\s*$/i.exec(value)
  if (word === null) return undefined
  return word[1] === undefined ? `${word[2] === '-' ? '-' : ''}Infinity` : 'NaN'
}

// Layout: ndigits, weight, sign, dscale as int16, then base-10000 digits (numeric_send in PostgreSQL's numeric.c)
function readNumeric(bytes: Buffer, at: number): Decimal | string {
  const groups = int16(bytes, at)
  const sign = int16(bytes, at + 4) & 0xffff
  if (sign === 0xc000) return 'NaN'
  if (sign === 0xd000) return 'Infinity'
  if (sign === 0xf000) return '-Infinity'
  let digits = ''
  for (let i = 0; i < groups; i += 1) digits += String(int16(bytes, at + 8 + 2 * i)).padStart(4, '0')
  const exponent = 4 * (int16(bytes, at + 2) - groups + 1)
  const scale = int16(bytes, at + 6)
  return { ...trimmedGroups(digits, exponent, sign === 0x4000), scale }
}

function trimmedGroups(digits: string, exponent: number, negative: boolean): Decimal {
  const value = parseDecimal(`${digits || '0'}e${exponent}`)!
  return { ...value, negative: negative && value.digits !== '' }
}

const tens = Array.from({ length: 16 }, (_, power) => 10 ** power)

/** Is the numeric ±`mantissa` × 10^-`scale`? Answers false when that would not fit a double. */
function obviouslyIs(bytes: Buffer, at: number, mantissa: number, scale: number): boolean {
  const groups = int16(bytes, at)
  const sign = int16(bytes, at + 4)
  if (groups > 4 || sign < 0) return false
  let value = 0
  for (let i = 0; i < groups; i += 1) value = value * 10_000 + int16(bytes, at + 8 + 2 * i)
  const magnitude = mantissa < 0 ? -mantissa : mantissa
  if (value === 0 || magnitude === 0) return value === magnitude
  if ((sign === 0x4000) !== mantissa < 0) return false
  const power = 4 * (int16(bytes, at + 2) - groups + 1) + scale
  if (power > 15 || power < -15) return false
  const left = power < 0 ? value : value * tens[power]!
  const right = power < 0 ? magnitude * tens[-power]! : magnitude
  return left === right && left <= Number.MAX_SAFE_INTEGER
}

function obviousNumber(bytes: Buffer, at: number, value: number, scaleCounts: boolean): boolean {
  const scale = int16(bytes, at + 6)
  if (scale > 15) return false
  const mantissa = Math.round(value * tens[scale]!)
  // Up to 15 digits no two decimals share a double, so this one is the shortest
  if (!(Math.abs(mantissa) < 1e15) || mantissa / tens[scale]! !== value) return false
  if (scaleCounts && mantissa % 10 === 0) return false
  return obviouslyIs(bytes, at, mantissa, scale)
}
