/** An exact decimal: ±`digits` × 10^`exponent`. `digits` has no zero at either end and is empty for nought. */
export interface Decimal {
  readonly negative: boolean
  readonly digits: string
  readonly exponent: number
  /** Digits after the point as it was written; `1.50` has 2. */
  readonly scale: number
}

const grammar = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?\s*$/

/** Reads `12`, `-1.50`, `.5`, `1e3`, blanks around allowed; anything else is undefined. */
export function parseDecimal(text: string): Decimal | undefined {
  const parts = grammar.exec(text)
  if (parts === null) return undefined
  const whole = parts[2] ?? ''
  const fraction = parts[3] ?? ''
  if (whole === '' && fraction === '') return undefined
  const power = parts[4] === undefined ? 0 : Number(parts[4])
  return trimmed(parts[1] === '-', whole + fraction, power - fraction.length, Math.max(0, fraction.length - power))
}

/** Takes the zeros off both ends. */
function trimmed(negative: boolean, digits: string, exponent: number, scale: number): Decimal {
  let start = 0
  let end = digits.length
  while (start < end && digits.charCodeAt(start) === 48) start += 1
  while (end > start && digits.charCodeAt(end - 1) === 48) end -= 1
  if (start === end) return { negative: false, digits: '', exponent: 0, scale }
  return { negative, digits: digits.slice(start, end), exponent: exponent + digits.length - end, scale }
}

/** One text for one number: `-12345e-2`; `0` for nought of either sign. */
export function formatExact(value: Decimal): string {
  if (value.digits === '') return '0'
  return `${value.negative ? '-' : ''}${value.digits}e${value.exponent}`
}

/** The number as people write it, without an exponent unless that would be long. */
export function formatPlain(value: Decimal): string {
  if (value.digits === '') return '0'
  const { digits, exponent } = value
  const sign = value.negative ? '-' : ''
  if (exponent > 40 || exponent < -60) return formatExact(value)
  if (exponent >= 0) return sign + digits + '0'.repeat(exponent)
  const padded = digits.padStart(1 - exponent, '0')
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`
}

/** Rounded to `scale` digits after the point (before it when negative), halves away from nought, as PostgreSQL's numeric rounds. */
export function roundDecimal(value: Decimal, scale: number): Decimal {
  const surplus = -value.exponent - scale
  if (value.digits === '' || surplus <= 0) return value
  const keep = value.digits.length - surplus
  if (keep < 0) return trimmed(false, '', 0, scale)
  const up = value.digits.charCodeAt(keep) >= 53
  const kept = keep === 0 ? '0' : value.digits.slice(0, keep)
  return trimmed(value.negative, up ? String(BigInt(kept) + 1n) : kept, -scale, Math.max(0, scale))
}

/** The value as a whole number, or undefined when it has a fraction (or is beyond any 64-bit use). */
export function toInteger(value: Decimal): bigint | undefined {
  if (value.digits === '') return 0n
  if (value.exponent < 0 || value.digits.length + value.exponent > 40) return undefined
  const magnitude = BigInt(value.digits) * 10n ** BigInt(value.exponent)
  return value.negative ? -magnitude : magnitude
}

/** The value × 10^power. */
export function shifted(value: Decimal, power: number): Decimal {
  return {
    ...value,
    exponent: value.digits === '' ? 0 : value.exponent + power,
    scale: Math.max(0, value.scale - power),
  }
}
