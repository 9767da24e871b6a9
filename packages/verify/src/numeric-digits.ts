import { int16 } from './wire.ts'

const longest = 400

/**
 * Is the numeric at `at` what `text` writes plainly, as `-12.50`? Compared where it lies, four digits of the text with one of PostgreSQL's at a time.
 * `scaleCounts`: 1.10 is not 1.1. False also for any other way to write a number.
 */
export function spellsNumeric(bytes: Buffer, at: number, text: string, scaleCounts: boolean): boolean {
  const length = text.length
  if (length > longest) return false
  const groups = int16(bytes, at)
  const weight = int16(bytes, at + 2)
  const sign = int16(bytes, at + 4)
  // NaN and the infinities
  if (sign < 0) return false
  const first = text.charCodeAt(0) === 45 ? 1 : 0
  let point = first
  while (point < length && text.charCodeAt(point) !== 46) point += 1
  const scale = point === length ? 0 : length - point - 1
  if (point === first || (point < length && scale === 0)) return false
  if (scaleCounts && scale !== int16(bytes, at + 6)) return false
  let power = point - first - 1
  if (groups > 0 && (weight > power >> 2 || weight - groups + 1 < -scale >> 2)) return false
  let group = 0
  let nought = true
  for (let i = first; i < length; i += 1) {
    if (i === point) continue
    const digit = text.charCodeAt(i) - 48
    if (!(digit >= 0 && digit <= 9)) return false
    group = group * 10 + digit
    if ((power & 3) === 0 || i === length - 1) {
      for (let rest = power & 3; rest > 0; rest -= 1) group *= 10
      const index = weight - (power >> 2)
      if (group !== (index >= 0 && index < groups ? int16(bytes, at + 8 + 2 * index) : 0)) return false
      if (group > 0) nought = false
      group = 0
    }
    power -= 1
  }
  return nought || (sign === 0x4000) === (first === 1)
}
