import { readJson } from './json.ts'

interface OpenElement {
  readonly isObject: boolean
  readonly end: number
  parts: number
}

/** Levels that SQLite reads. */
const deepest = 1000
const words = ['null', 'true', 'false']
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A blob in SQLite's JSONB as JSON text, as SQLite's `json()` writes it; undefined for any other. No recursion. https://sqlite.org/jsonb.html */
export function jsonbText(blob: Buffer): string | undefined {
  const open: OpenElement[] = []
  let text = ''
  let at = 0
  do {
    const limit = open.at(-1)?.end ?? blob.length
    const element = headOf(blob, at, limit)
    if (element === undefined || open.length > deepest) return undefined
    const { type, start, end } = element
    const parent = open.at(-1)
    if (parent !== undefined) {
      const isKey = parent.isObject && parent.parts % 2 === 0
      if (isKey && (type < 7 || type > 10)) return undefined
      if (parent.parts > 0) text += parent.isObject && !isKey ? ':' : ','
      parent.parts += 1
    }
    if (type === 11 || type === 12) {
      text += type === 12 ? '{' : '['
      open.push({ isObject: type === 12, end, parts: 0 })
      at = start
    } else {
      const scalar = scalarText(type, blob.subarray(start, end))
      if (scalar === undefined) return undefined
      text += scalar
      at = end
    }
    for (let last = open.at(-1); last !== undefined && last.end === at; last = open.at(-1)) {
      if (last.isObject && last.parts % 2 === 1) return undefined
      text += last.isObject ? '}' : ']'
      open.pop()
    }
  } while (open.length > 0)
  return at === blob.length && isJson(text) ? text : undefined
}

/** Escapes that PostgreSQL cannot use are the column's business, not the blob's. */
function isJson(text: string): boolean {
  if (readJson(text, { lastKeyWins: true }) !== undefined) return true
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function headOf(blob: Buffer, at: number, limit: number): { type: number; start: number; end: number } | undefined {
  if (at >= limit) return undefined
  const head = blob.readUInt8(at)
  const told = head >> 4
  const width = told < 12 ? 0 : 2 ** (told - 12)
  const start = at + 1 + width
  if (start > limit) return undefined
  const size = width === 0 ? told : width === 8 ? Number(blob.readBigUInt64BE(at + 1)) : blob.readUIntBE(at + 1, width)
  return start + size > limit ? undefined : { type: head & 15, start, end: start + size }
}

function scalarText(type: number, payload: Buffer): string | undefined {
  if (type < 3) return payload.length === 0 ? words[type] : undefined
  if (type > 10) return undefined
  let text: string
  try {
    text = utf8.decode(payload)
  } catch {
    return undefined
  }
  if (type === 3 || type === 5) return text
  if (type === 4) return hexText(text)
  if (type === 6) return floatText(text)
  if (type === 9) return `"${json5Text(text)}"`
  return type === 10 ? JSON.stringify(text) : `"${text}"`
}

function hexText(text: string): string | undefined {
  const negative = text.startsWith('-')
  const digits = text.replace(/^[+-]/, '')
  if (/^\d+$/.test(digits)) return (negative ? '-' : '') + digits
  if (!/^0x[\da-f]+$/i.test(digits)) return undefined
  const value = BigInt(digits)
  return (negative ? '-' : '') + (value >> 64n === 0n ? String(value) : '9.0e999')
}

function floatText(text: string): string {
  const sign = text.startsWith('-') ? '-' : ''
  const digits = text.slice(/^[+-]/.test(text) ? 1 : 0)
  const led = digits.startsWith('.') ? `0${digits}` : digits
  const point = led.indexOf('.')
  const next = point < 0 ? '0' : led.charAt(point + 1)
  return sign + (/^\d$/.test(next) ? led : `${led.slice(0, point + 1)}0${led.slice(point + 1)}`)
}

function json5Text(text: string): string {
  let json = ''
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character !== '\\') {
      json += character === '"' || character < ' ' ? JSON.stringify(character).slice(1, -1) : character
      continue
    }
    at += 1
    const escaped = text.charAt(at)
    if (escaped === 'x') {
      json += `\\u00${text.slice(at + 1, at + 3)}`
      at += 2
    } else if (escaped === '\r') at += text.charAt(at + 1) === '\n' ? 1 : 0
    else if (escaped === "'") json += "'"
    else if (escaped === 'v') json += String.raw`\u000b`
    else if (escaped === '0') json += String.raw`\u0000`
    else if (!'\n\u2028\u2029'.includes(escaped)) json += `\\${escaped}`
  }
  return json
}
