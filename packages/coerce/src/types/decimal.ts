/**
 * The last decimal read: `digits[0 … length)` without leading zeros, of which `point` stand before the decimal point
 * (a negative `point` is that many zeros behind it), and `scale` digits shown behind it. One record, so that reading allocates nothing.
 */
export const decimal = { negative: false, length: 0, point: 0, scale: 0 }
export let digits = new Uint8Array(1024)

/** Reads `-12.50` or `1.5e-3`, with no sign +, no leading zero and digits on both sides of the point. False for anything else. */
export function readDecimal(text: string): boolean {
  const end = text.length
  if (end > digits.length) digits = new Uint8Array(end * 2)
  let i = text.charCodeAt(0) === 45 ? 1 : 0
  decimal.negative = i === 1
  const start = i
  let length = 0
  let code = text.charCodeAt(i)
  while (code >= 48 && code <= 57) {
    if (length > 0 || code !== 48) digits[length++] = code - 48
    code = text.charCodeAt(++i)
  }
  const whole = i - start
  if (whole === 0 || (whole > 1 && text.charCodeAt(start) === 48)) return false
  let point = length
  let scale = 0
  if (code === 46) {
    code = text.charCodeAt(++i)
    while (code >= 48 && code <= 57) {
      scale++
      if (length > 0 || code !== 48) digits[length++] = code - 48
      else point--
      code = text.charCodeAt(++i)
    }
    if (scale === 0) return false
  }
  if (i < end) {
    const exponent = readExponent(text, i)
    if (Number.isNaN(exponent)) return false
    point += exponent
    scale = Math.max(0, scale - exponent)
  }
  decimal.length = length
  decimal.point = length === 0 ? 0 : point
  decimal.scale = scale
  return true
}

/** Far past every limit, yet sums of it stay exact. */
const hugeExponent = 1_000_000_000

function readExponent(text: string, from: number): number {
  if ((text.charCodeAt(from) | 32) !== 101) return Number.NaN
  let i = from + 1
  const sign = text.charCodeAt(i)
  if (sign === 43 || sign === 45) i++
  if (i === text.length) return Number.NaN
  let exponent = 0
  for (; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    exponent = Math.min(exponent * 10 + digit, hugeExponent)
  }
  return sign === 45 ? -exponent : exponent
}

/** Rounds the decimal to `scale` digits behind the point (negative: before it), half away from zero. True when a digit that counts was lost. */
export function roundDecimal(scale: number): boolean {
  const keep = decimal.point + scale
  decimal.scale = Math.max(0, scale)
  if (keep >= decimal.length) return false
  let loses = false
  for (let i = Math.max(0, keep); i < decimal.length && !loses; i++) loses = digits[i] !== 0
  const up = keep >= 0 && (digits[keep] as number) >= 5
  decimal.length = Math.max(0, keep)
  if (up) increment()
  if (decimal.length === 0) decimal.point = 0
  return loses
}

function increment(): void {
  let i = decimal.length - 1
  while (i >= 0 && digits[i] === 9) i--
  if (i >= 0) {
    digits[i] = (digits[i] as number) + 1
    decimal.length = i + 1
    return
  }
  digits[0] = 1
  decimal.length = 1
  decimal.point++
}
