const shortText = 32

/** Do the bytes spell `text` in UTF-8? A short text is compared where it lies, a longer one is decoded by the engine. */
export function spells(bytes: Buffer, at: number, size: number, text: string): boolean {
  const length = text.length
  // A unit of UTF-16 takes up to three bytes
  if (length > size || size > length * 3) return false
  if (size > shortText) return bytes.toString('utf8', at, at + size) === text
  const end = at + size
  let from = at
  for (let i = 0; i < length; i += 1) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) {
      if (from >= end || bytes[from] !== unit) return false
      from += 1
    } else {
      const point = pointAt(text, i)
      from = spellsPoint(bytes, from, end, point)
      if (from < 0) return false
      if (point > 0xffff) i += 1
    }
  }
  return from === end
}

/** As `codePointAt`, which in V8 13.6 reads past the end of a slice once it is compiled. */
export function pointAt(text: string, i: number): number {
  const unit = text.charCodeAt(i)
  if (unit < 0xd800 || unit > 0xdbff || i + 1 >= text.length) return unit
  const low = text.charCodeAt(i + 1)
  return low >= 0xdc00 && low <= 0xdfff ? 0x10000 + ((unit - 0xd800) << 10) + low - 0xdc00 : unit
}

/** Where the code point ends that is spelled at `at`; -1 when it is another, or half a surrogate pair. */
export function spellsPoint(bytes: Buffer, at: number, end: number, point: number): number {
  if (point < 0x80) return at < end && bytes[at] === point ? at + 1 : -1
  if (point < 0x800)
    return at + 2 <= end && bytes[at] === (0xc0 | (point >> 6)) && bytes[at + 1] === (0x80 | (point & 0x3f))
      ? at + 2
      : -1
  if (point < 0x10000) {
    const half = point >= 0xd800 && point <= 0xdfff
    return !half && at + 3 <= end && bytes[at] === (0xe0 | (point >> 12)) && spellsTail(bytes, at + 1, point, 2)
      ? at + 3
      : -1
  }
  return at + 4 <= end && bytes[at] === (0xf0 | (point >> 18)) && spellsTail(bytes, at + 1, point, 3) ? at + 4 : -1
}

function spellsTail(bytes: Buffer, at: number, point: number, count: number): boolean {
  for (let i = 0; i < count; i += 1)
    if (bytes[at + i] !== (0x80 | ((point >> (6 * (count - 1 - i))) & 0x3f))) return false
  return true
}
