/// <reference lib="es2024.string" />
import { InvalidText } from '@rowferry/introspect'
import { closeCell, putInt32, reserve } from '../buffer.ts'
import type { Cell, CellEncoder, CellOptions } from '../cell.ts'
import type { CopyBuffer } from '../encoder.ts'
import { numberText, storedText } from '../example.ts'
import { formatType } from '../type-name.ts'
import type { Refusal } from '../refusal.ts'
import { impossible, lossy } from '../refusal.ts'

/** A cell past this loads, but then `::text`, COPY TO and so pg_dump fail on it, for a field is at most 1 GB and hex doubles it. */
export const largestCell = 500 * 1024 * 1024

const notText = impossible('NOT_TEXT', 'is a blob, not text')
export const invalidText = impossible('INVALID_TEXT', ({ value }) =>
  typeof value === 'string'
    ? 'holds half a surrogate pair, which is no character'
    : `is no valid ${value instanceof InvalidText ? value.encoding : 'text'}`,
)
const nulInText = impossible('NUL_IN_TEXT', 'holds U+0000, which PostgreSQL cannot store in text')
export const tooLarge = impossible('TOO_LARGE', 'is larger than 500 MiB, more than can be dumped again')
const tooLong = lossy(
  'TOO_LONG',
  ({ value, type }) =>
    `has ${countCharacters(storedText(value, 'auto') ?? '')} characters, and ${formatType(type)} would cut it`,
)

/** Up to so many characters, a loop over them beats the call that writes them. */
const shortText = 24
/** What `putUsualText` needs. */
export const usualTextRoom = 4 + shortText * 3

/** Appends text as a cell. `refusesNul`: false for bytea, whose bytes may be any. */
export function putText(text: string, out: CopyBuffer, refusesNul = true): Refusal | null {
  if (text.length <= shortText) {
    reserve(out, usualTextRoom)
    const end = putUsualText(text, out.bytes, out.position)
    if (end > 0) {
      out.position = end
      return null
    }
  }
  if (text.length > 65_536) {
    const refusal = textRefusal(text, refusesNul)
    if (refusal === null) closeCell(out, putUtf8(text, out, 4))
    return refusal
  }
  if (refusesNul && text.includes('\0')) return nulInText
  const end = putUtf8(text, out, 4)
  // As many bytes as characters: none of them is half a pair, which takes three
  if (end - out.position - 4 !== text.length && !text.isWellFormed()) return invalidText
  closeCell(out, end)
  return null
}

/** Writes a short text as a cell at `at` and returns where it ends; 0 for one that is longer, or holds U+0000 or a surrogate. */
export function putUsualText(text: string, bytes: Uint8Array, at: number): number {
  const { length } = text
  if (length > shortText) return 0
  let end = at + 4
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) {
      if (code === 0) return 0
      bytes[end++] = code
    } else if (code < 0x800) {
      bytes[end++] = 0xc0 | (code >> 6)
      bytes[end++] = 0x80 | (code & 63)
    } else if (code < 0xd800 || code > 0xdfff) {
      bytes[end++] = 0xe0 | (code >> 12)
      bytes[end++] = 0x80 | ((code >> 6) & 63)
      bytes[end++] = 0x80 | (code & 63)
    } else return 0
  }
  putInt32(bytes, at, end - at - 4)
  return end
}

/** What keeps a JavaScript string from being PostgreSQL's text, or null. */
export function textRefusal(text: string, refusesNul = true): Refusal | null {
  if (refusesNul && text.includes('\0')) return nulInText
  if (!text.isWellFormed()) return invalidText
  return text.length * 3 > largestCell && Buffer.byteLength(text) > largestCell ? tooLarge : null
}

/** Writes the text `skip` bytes past the position, without moving it. Returns where it ends. */
export function putUtf8(text: string, out: CopyBuffer, skip: number): number {
  reserve(out, skip + (text.length < 65_536 ? text.length * 3 : Buffer.byteLength(text)))
  const at = out.position + skip
  return at + out.bytes.write(text, at)
}

/** text, varchar(n), character(n), citext: text exactly, numbers as they are written. `limit` counts characters. */
export function textCell({ integers, type }: CellOptions): Cell {
  const limit = type.typmod < 0 ? Infinity : type.typmod - 4
  const put = (text: string, out: CopyBuffer): Refusal | null => {
    if (text.length <= limit || countCharacters(text) <= limit) return putText(text, out)
    return putText(cutCharacters(text, limit), out) ?? tooLong
  }
  const encode: Cell['encode'] = (value, out) => {
    if (typeof value === 'string') return put(value, out)
    if (typeof value === 'number') return put(numberText(value, integers), out)
    if (typeof value === 'bigint') return put(String(value), out)
    return value instanceof InvalidText ? invalidText : notText
  }
  return { encode }
}

/** Would a text column hold the value? As `textCell` judges, without writing. */
export const probeText: CellEncoder = (value) => {
  if (typeof value === 'string') return textRefusal(value)
  if (typeof value !== 'object') return null
  return value instanceof InvalidText ? invalidText : notText
}

const nameBytes = 63

/** PostgreSQL's type `name`: text of at most 63 bytes. */
export function nameCell(options: CellOptions): Cell {
  const plain = textCell(options)
  const encode: Cell['encode'] = (value, out) => {
    if (typeof value !== 'string' || value.length * 3 <= nameBytes || Buffer.byteLength(value) <= nameBytes)
      return plain.encode(value, out)
    let cut = value.slice(0, nameBytes)
    while (Buffer.byteLength(cut) > nameBytes || isHighSurrogate(cut.charCodeAt(cut.length - 1))) cut = cut.slice(0, -1)
    return textRefusal(value) ?? plain.encode(cut, out) ?? tooLong
  }
  return { encode }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff
}

function countCharacters(text: string): number {
  let count = text.length
  for (let i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0xdc00 && code <= 0xdfff && isHighSurrogate(text.charCodeAt(i - 1))) count--
  }
  return count
}

function cutCharacters(text: string, limit: number): string {
  let end = 0
  for (let left = limit; left > 0; left--) end += (text.codePointAt(end) as number) > 0xffff ? 2 : 1
  return text.slice(0, end)
}
