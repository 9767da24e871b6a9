import type { KeyLedger } from './json-keys.ts'
import { openKeys } from './json-keys.ts'

/** Why text is no JSON that PostgreSQL can use. `unusable escape`: \u0000 or half a surrogate pair, which json takes, and then every use of it fails. */
export type JsonTrouble = 'malformed' | 'unusable escape' | 'too deep' | 'number too large' | 'duplicate key'

/** PostgreSQL recurses; with its default `max_stack_depth` of 2 MB it gives up not far beyond. */
export const deepest = 6000

const mostWholeDigits = 131_072
const largestScale = 16_383

/** Kinds of open containers, innermost last. */
const open = new Uint8Array(deepest)
const inArray = 0
const inObject = 1

let text = ''
let at = 0
let trouble: JsonTrouble | null = null
/** Did the last string hold an escape? */
let escaped = false

function fail(why: JsonTrouble): false {
  trouble ??= why
  return false
}

/**
 * Scans text by RFC 8259 without making values of it, so that digits, spaces and order stay as they are. Null: good.
 * `strict`: also what jsonb cannot keep, numbers past `numeric` and the same key twice in an object (found, yet the scan goes on).
 */
export function scanJson(source: string, strict: boolean): JsonTrouble | null {
  text = source
  at = 0
  trouble = null
  const keys = strict ? openKeys(source) : null
  const good = scanDocument(keys)
  const repeated = good && (keys?.foundRepeated() ?? false)
  text = ''
  return good ? (repeated ? 'duplicate key' : null) : (trouble ?? 'malformed')
}

/** Where text that is `malformed` stops being JSON: an index into it, its length where more should follow. */
export function malformedAt(source: string): number {
  scanJson(source, false)
  return Math.min(at, source.length)
}

function scanDocument(keys: KeyLedger | null): boolean {
  let depth = 0
  for (;;) {
    // A value begins here
    let code = skipBlanks()
    if (code === 123 || code === 91) {
      if (depth === deepest) return fail('too deep')
      const kind = code === 123 ? inObject : inArray
      open[depth++] = kind
      at++
      code = skipBlanks()
      const empty = code === (kind === inObject ? 125 : 93)
      if (kind === inObject) {
        keys?.enter()
        if (!empty && !scanKey(keys)) return false
      }
      if (!empty) continue
    } else if (!scanScalar(code, keys !== null)) return false
    // A value has ended, or an empty container is about to
    for (;;) {
      code = skipBlanks()
      if (depth === 0) return at === text.length
      const kind = open[depth - 1]
      if (code === 44) {
        at++
        if (kind === inObject && !scanKey(keys)) return false
        break
      }
      if (code !== (kind === inObject ? 125 : 93)) return false
      at++
      depth--
      if (kind === inObject) keys?.leave()
    }
  }
}

function skipBlanks(): number {
  let code = text.charCodeAt(at)
  while (code === 32 || code === 10 || code === 13 || code === 9) code = text.charCodeAt(++at)
  return code
}

function scanKey(keys: KeyLedger | null): boolean {
  if (skipBlanks() !== 34) return false
  const start = at
  if (!scanString()) return false
  keys?.add(start + 1, at - 1, escaped)
  if (skipBlanks() !== 58) return false
  at++
  return true
}

function scanScalar(code: number, strict: boolean): boolean {
  if (code === 34) return scanString()
  if (code === 116) return scanWord('true')
  if (code === 102) return scanWord('false')
  if (code === 110) return scanWord('null')
  return scanNumber(strict)
}

function scanWord(word: string): boolean {
  if (!text.startsWith(word, at)) return false
  at += word.length
  return true
}

function scanString(): boolean {
  escaped = false
  for (at++; ; at++) {
    const code = text.charCodeAt(at)
    if (code === 34) {
      at++
      return true
    }
    // Also past the end, where the code is NaN
    if (!(code >= 32)) return false
    if (code === 92 && !scanEscape()) return false
  }
}

/** Leaves `at` on the escape's last character. */
function scanEscape(): boolean {
  escaped = true
  const code = text.charCodeAt(++at)
  if (code !== 117)
    return (
      code === 34 ||
      code === 92 ||
      code === 47 ||
      code === 98 ||
      code === 102 ||
      code === 110 ||
      code === 114 ||
      code === 116
    )
  const unit = hexUnit(at + 1)
  if (unit < 0) return false
  at += 4
  if (unit === 0) return fail('unusable escape')
  if (unit < 0xd800 || unit > 0xdfff) return true
  const low = text.charCodeAt(at + 1) === 92 && text.charCodeAt(at + 2) === 117 ? hexUnit(at + 3) : -1
  if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff) return fail('unusable escape')
  at += 6
  return true
}

function hexUnit(from: number): number {
  let unit = 0
  for (let i = from; i < from + 4; i++) {
    const code = text.charCodeAt(i)
    const digit = code >= 48 && code <= 57 ? code - 48 : (code | 32) >= 97 && (code | 32) <= 102 ? (code | 32) - 87 : -1
    if (digit < 0) return -1
    unit = unit * 16 + digit
  }
  return unit
}

function skipDigits(): number {
  const from = at
  let code = text.charCodeAt(at)
  while (code >= 48 && code <= 57) code = text.charCodeAt(++at)
  return at - from
}

function scanNumber(strict: boolean): boolean {
  if (text.charCodeAt(at) === 45) at++
  const start = at
  const leadingZero = text.charCodeAt(at) === 48
  const whole = skipDigits()
  if (whole === 0) return false
  if (leadingZero && whole > 1) {
    at = start + 1
    return false
  }
  let scale = 0
  if (text.charCodeAt(at) === 46) {
    at++
    scale = skipDigits()
    if (scale === 0) return false
  }
  const mantissaEnd = at
  let exponent = 0
  if ((text.charCodeAt(at) | 32) === 101) {
    const sign = text.charCodeAt(++at)
    if (sign === 43 || sign === 45) at++
    const from = at
    if (skipDigits() === 0) return false
    exponent = Number(text.slice(from, at)) * (sign === 45 ? -1 : 1)
  }
  if (!strict || (exponent === 0 && whole <= mostWholeDigits && scale <= largestScale)) return true
  return fitsNumeric(start, mantissaEnd, whole, scale, exponent) || fail('number too large')
}

function fitsNumeric(start: number, end: number, whole: number, scale: number, exponent: number): boolean {
  if (scale - exponent > largestScale) return false
  let first = start
  while (first < end && (text.charCodeAt(first) === 48 || text.charCodeAt(first) === 46)) first++
  if (first === end) return Math.abs(exponent) < 1_000_000_000
  const zeros = first - start > whole ? first - start - 1 : first - start
  return whole - zeros + exponent <= mostWholeDigits
}
