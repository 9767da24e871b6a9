const mostDepth = 16
const mostKeys = 64
/** Shorter than the digits of any number that jsonb refuses. */
const mostBytes = 16_000

/** Per open container: at which key its own begin; -1 for an array. */
const frames = new Int32Array(mostDepth)
const starts = new Int32Array(mostKeys)
const ends = new Int32Array(mostKeys)

/**
 * Are these bytes of UTF-8 JSON of the usual kind, with nothing in it that json or jsonb would refuse or lose? In one pass, and of bytes,
 * which are read faster than the characters of a string. False means only that it is for `scanJson` to say.
 */
export function isPlainJson(bytes: Uint8Array, from: number, end: number): boolean {
  if (end - from > mostBytes) return false
  let depth = 0
  let keys = 0
  let at = from
  for (;;) {
    // A value begins here
    at = skipBlanks(bytes, end, at)
    if (at === end) return false
    const code = bytes[at] as number
    if (code === 34) at = endOfString(bytes, end, at + 1)
    else if (code === 123 || code === 91) {
      if (depth === mostDepth) return false
      const isObject = code === 123
      frames[depth++] = isObject ? keys : -1
      at = skipBlanks(bytes, end, at + 1)
      if (at === end) return false
      if (bytes[at] !== code + 2) {
        if (!isObject) continue
        at = endOfKey(bytes, end, at, keys, keys)
        if (at < 0) return false
        keys++
        continue
      }
    } else
      at = code === 45 || (code >= 48 && code <= 57) ? endOfNumber(bytes, end, at) : endOfWord(bytes, end, at, code)
    if (at < 0) return false
    // A value has ended, or an empty container is about to
    for (;;) {
      at = skipBlanks(bytes, end, at)
      if (depth === 0) return at === end
      if (at === end) return false
      const next = bytes[at]
      const first = frames[depth - 1] as number
      if (next === 44) {
        at++
        if (first < 0) break
        at = endOfKey(bytes, end, skipBlanks(bytes, end, at), first, keys)
        if (at < 0) return false
        keys++
        break
      }
      if (next !== (first < 0 ? 93 : 125)) return false
      if (first >= 0) keys = first
      at++
      depth--
    }
  }
}

function skipBlanks(bytes: Uint8Array, end: number, from: number): number {
  let at = from
  while (at < end) {
    const code = bytes[at]
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) break
    at++
  }
  return at
}

/** Behind the closing quote; -1 where it is not usual. */
function endOfString(bytes: Uint8Array, end: number, from: number): number {
  for (let at = from; at < end; at++) {
    const code = bytes[at] as number
    if (code === 34) return at + 1
    if (code < 32) return -1
    if (code === 92 && (++at === end || !shortEscapes.has(bytes[at] as number))) return -1
  }
  return -1
}

/** `"\\/bfnrt`. */
const shortEscapes = new Set([34, 92, 47, 98, 102, 110, 114, 116])

/** Behind the colon of a key that none of the object's own, from `first` to `count`, is the same as; -1 where it is not usual. */
function endOfKey(bytes: Uint8Array, end: number, quote: number, first: number, count: number): number {
  if (quote >= end || bytes[quote] !== 34 || count === mostKeys) return -1
  const start = quote + 1
  let close = start
  for (; close < end; close++) {
    const code = bytes[close] as number
    if (code === 34) break
    if (code < 32 || code === 92) return -1
  }
  for (let i = first; i < count; i++)
    if (
      (ends[i] as number) - (starts[i] as number) === close - start &&
      isSame(bytes, starts[i] as number, start, close)
    )
      return -1
  starts[count] = start
  ends[count] = close
  const colon = skipBlanks(bytes, end, close + 1)
  return colon < end && bytes[colon] === 58 ? colon + 1 : -1
}

function isSame(bytes: Uint8Array, other: number, start: number, end: number): boolean {
  for (let i = 0; i < end - start; i++) if (bytes[other + i] !== bytes[start + i]) return false
  return true
}

/** Without an exponent. */
function endOfNumber(bytes: Uint8Array, end: number, from: number): number {
  const first = bytes[from] === 45 ? from + 1 : from
  const point = endOfDigits(bytes, end, first)
  if (point === first || (point - first > 1 && bytes[first] === 48)) return -1
  if (point === end || bytes[point] !== 46) return point
  const last = endOfDigits(bytes, end, point + 1)
  return last === point + 1 ? -1 : last
}

function endOfDigits(bytes: Uint8Array, end: number, from: number): number {
  let at = from
  while (at < end) {
    const code = bytes[at] as number
    if (code < 48 || code > 57) break
    at++
  }
  return at
}

const words = ['true', 'false', 'null'].map((word) => Buffer.from(word))

function endOfWord(bytes: Uint8Array, end: number, at: number, code: number): number {
  for (const word of words) {
    if (word[0] !== code) continue
    return at + word.length <= end && word.every((letter, i) => bytes[at + i] === letter) ? at + word.length : -1
  }
  return -1
}
