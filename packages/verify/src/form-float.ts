import type { SourceValue } from '@rowferry/introspect'
import { formatExact, parseDecimal, type Decimal } from './decimal.ts'
import { exactDecimal, specialWord } from './form-number.ts'
import type { CellForm } from './form.ts'
import { int32 } from './wire.ts'

const doubleView = new Float64Array(1)
const singleView = new Float32Array(1)
const doubleBytes = new Uint8Array(doubleView.buffer)
const singleBytes = new Uint8Array(singleView.buffer)
const doubleHalves = new Int32Array(doubleView.buffer)
const singleBits = new Int32Array(singleView.buffer)
singleView[0] = 1
const littleEndian = singleBytes[0] === 0
const [lowHalf, highHalf] = littleEndian ? [0, 1] : [1, 0]

function float64(bytes: Buffer, at: number): number {
  for (let i = 0; i < 8; i += 1) doubleBytes[littleEndian ? 7 - i : i] = bytes[at + i]!
  return doubleView[0]!
}

function float32(bytes: Buffer, at: number): number {
  for (let i = 0; i < 4; i += 1) singleBytes[littleEndian ? 3 - i : i] = bytes[at + i]!
  return singleView[0]!
}

/** Bit by bit, which tells the noughts apart. */
function isFloat64(bytes: Buffer, at: number, value: number): boolean {
  doubleView[0] = value
  return doubleHalves[highHalf] === int32(bytes, at) && doubleHalves[lowHalf] === int32(bytes, at + 4)
}

function isFloat32(bytes: Buffer, at: number, value: number): boolean {
  singleView[0] = value
  return singleView[0] === value && singleBits[0] === int32(bytes, at)
}

const doubleText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))

/** `digits`: how many of a computed value count; null for a stored one, of which every bit does. */
export function float8Form(lossy: boolean, digits: number | null = null): CellForm {
  const textOf = digits === null ? doubleText : (value: number): string => (value + 0).toPrecision(digits)
  return {
    obvious: (bytes, at, _size, value) => typeof value === 'number' && isFloat64(bytes, at, value),
    ofSource(value) {
      const double = toDouble(value, lossy)
      return double === undefined ? undefined : textOf(double)
    },
    ofTarget: (bytes, at) => textOf(float64(bytes, at)),
    show: (bytes, at) => doubleText(float64(bytes, at)),
  }
}

/** A float4 holds a double when both print the same shortest decimal, or when it is that very number; `lossy`: when it is the nearest. */
export function float4Form(lossy: boolean): CellForm {
  const show = (bytes: Buffer, at: number): string => doubleText(shortestSingle(float32(bytes, at)))
  return {
    obvious: (bytes, at, _size, value) => typeof value === 'number' && isFloat32(bytes, at, value),
    ofSource(value) {
      const double = toDouble(value, lossy)
      if (double === undefined) return undefined
      const nearest = Math.fround(double)
      if (Number.isFinite(double) !== Number.isFinite(nearest)) return undefined
      const holds = lossy || Object.is(nearest, double) || shortestSingle(nearest) === double || Number.isNaN(double)
      return holds ? doubleText(nearest) : undefined
    },
    ofTarget: (bytes, at) => doubleText(float32(bytes, at)),
    show,
  }
}

/** The double nearest to the decimal that PostgreSQL writes: the shortest that lies nearer to this float4 than to either neighbour. */
function shortestSingle(value: number): number {
  if (!Number.isFinite(value)) return value
  // Six digits always survive a normal float4, so the search for more starts there
  for (let digits = Math.abs(value) < 1.2e-38 ? 1 : 6; digits < 9; digits += 1) {
    const candidate = Number(value.toPrecision(digits))
    if (candidate === value) return candidate
    if (isNearest(candidate, value)) return evenOne(candidate, value, digits)
  }
  return Number(value.toPrecision(9))
}

/** Of two decimals of so many digits that are equally near PostgreSQL writes the one that ends in an even digit. */
function evenOne(candidate: number, value: number, digits: number): number {
  const [whole = '', power] = value.toExponential(digits).split('e')
  const next = Number(whole.at(-2) === '.' ? whole.at(-3) : whole.at(-2))
  if (Number(`${whole}e${power}`) !== value || whole.at(-1) !== '5' || next % 2 === 1) return candidate
  return Number(`${whole.slice(0, -1)}e${power}`)
}

function isNearest(candidate: number, value: number): boolean {
  singleView[0] = value
  const bits = singleBits[0]!
  singleBits[0] = bits + 1
  const outer = singleView[0]
  singleBits[0] = bits - 1
  const [low, high] = value > 0 ? [singleView[0], outer] : [outer, singleView[0]]
  return candidate > (low + value) / 2 && candidate < (value + high) / 2
}

/** The double a value is, or that carries every digit of it; `lossy`: the nearest one. */
function toDouble(value: SourceValue, lossy: boolean): number | undefined {
  if (typeof value === 'number') return value
  const special = specialWord(value)
  if (special !== undefined) return Number(special)
  const decimal = exactDecimal(value)
  if (decimal === undefined) return undefined
  const double = Number(value)
  if (!Number.isFinite(double)) return undefined
  return lossy || carries(double, decimal) ? double : undefined
}

function carries(double: number, decimal: Decimal): boolean {
  const count = decimal.digits.length
  if (count === 0) return true
  if (count > 100) return false
  const printed = parseDecimal(double.toExponential(count - 1))
  return printed !== undefined && formatExact(printed) === formatExact(decimal)
}
