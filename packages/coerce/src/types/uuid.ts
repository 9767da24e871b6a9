import type { Cell } from '../cell.ts'
import { putInt32, reserve } from '../buffer.ts'
import { impossible } from '../refusal.ts'

const notAUuid = impossible('NOT_A_UUID', 'is no UUID')

const hexValues = new Int8Array(128).fill(-1)
for (let digit = 0; digit < 16; digit++) {
  hexValues[digit.toString(16).charCodeAt(0)] = digit
  hexValues[digit.toString(16).toUpperCase().charCodeAt(0)] = digit
}

/** 36 characters with hyphens or 32 without, in braces or not, any case; 16 bytes in the order in which they are written (RFC 9562). */
export function uuidCell(): Cell {
  const encode: Cell['encode'] = (value, out) => {
    // As many bytes as 36 characters may take, to begin with
    reserve(out, 4 + 36 * 3)
    const { bytes, position } = out
    if (typeof value === 'string') {
      if (!putHex(value, bytes, position + 4)) return notAUuid
    } else if (value instanceof Uint8Array && value.length === 16) bytes.set(value, position + 4)
    else return notAUuid
    putInt32(bytes, position, 16)
    out.position = position + 20
    return null
  }
  return { encode }
}

/** Where each octet of the 36 characters stands. */
const places = Uint8Array.of(0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34)

/** The 36 characters, written as they are and then drawn together in place: bytes are read faster than the characters of a string. */
function putUsual(text: string, bytes: Buffer, at: number): boolean {
  if (bytes.write(text, at) !== 36) return false
  if (bytes[at + 8] !== 45 || bytes[at + 13] !== 45 || bytes[at + 18] !== 45 || bytes[at + 23] !== 45) return false
  let digits = 0
  for (let octet = 0; octet < 16; octet++) {
    const place = at + (places[octet] as number)
    const high = hexValues[bytes[place] as number] as number
    const low = hexValues[bytes[place + 1] as number] as number
    digits |= high | low
    bytes[at + octet] = (high << 4) | low
  }
  return digits >= 0
}

function putHex(text: string, bytes: Buffer, at: number): boolean {
  if (text.length === 36 && putUsual(text, bytes, at)) return true
  let from = 0
  let end = text.length
  if (text.charCodeAt(0) === 123 && text.charCodeAt(end - 1) === 125) {
    from = 1
    end--
  }
  const hyphens = end - from === 36
  if (!hyphens && end - from !== 32) return false
  let i = from
  for (let octet = 0; octet < 16; octet++) {
    if (hyphens && (octet === 4 || octet === 6 || octet === 8 || octet === 10) && text.charCodeAt(i++) !== 45)
      return false
    const high = hexValues[text.charCodeAt(i)] ?? -1
    const low = hexValues[text.charCodeAt(i + 1)] ?? -1
    if (high < 0 || low < 0) return false
    bytes[at + octet] = (high << 4) | low
    i += 2
  }
  return true
}
