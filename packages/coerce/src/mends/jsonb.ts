import { scanJson } from '../types/json-text.ts'

/** SQLite itself reads no deeper (JSON_MAX_DEPTH in its src/json.c). */
const deepest = 1000

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Where the next element begins. One reading at a time. */
let at = 0

/**
 * The JSON text of a blob in SQLite's JSONB (since 3.45), as its own `json()` writes it; null when the blob is not wholly that.
 * https://sqlite.org/jsonb.html
 */
export function readJsonb(blob: Uint8Array): string | null {
  at = 0
  let text: string | null
  try {
    text = readElement(blob, blob.length, 0)
  } catch (error) {
    // What is not UTF-8
    if (!(error instanceof TypeError)) throw error
    return null
  }
  return text !== null && at === blob.length && scanJson(text, false) !== 'malformed' ? text : null
}

function readElement(blob: Uint8Array, limit: number, depth: number): string | null {
  if (at >= limit || depth > deepest) return null
  const head = blob[at++] as number
  const size = readSize(blob, head >> 4, limit)
  const end = at + size
  if (size < 0 || end > limit) return null
  const type = head & 15
  if (type === 11 || type === 12) return readContainer(blob, end, type === 12, depth)
  const payload = decoder.decode(blob.subarray(at, end))
  at = end
  return scalars[type]?.(payload) ?? null
}

/** Up to 11 the size stands in the first byte; 12 to 15 say how many bytes of size follow. */
function readSize(blob: Uint8Array, nibble: number, limit: number): number {
  if (nibble < 12) return nibble
  const count = 1 << (nibble - 12)
  if (at + count > limit) return -1
  let size = 0
  for (let i = 0; i < count; i++) size = size * 256 + (blob[at++] as number)
  return size
}

function readContainer(blob: Uint8Array, end: number, isObject: boolean, depth: number): string | null {
  const parts: string[] = []
  while (at < end) {
    const isKey = isObject && parts.length % 2 === 0
    const type = (blob[at] as number) & 15
    const part = isKey && (type < 7 || type > 10) ? null : readElement(blob, end, depth + 1)
    if (part === null) return null
    parts.push(part)
  }
  if (!isObject) return `[${parts.join(',')}]`
  if (parts.length % 2 === 1) return null
  return `{${parts.map((part, i) => (i === 0 ? part : i % 2 === 1 ? `:${part}` : `,${part}`)).join('')}}`
}

const word =
  (text: string) =>
  (payload: string): string | null =>
    payload === '' ? text : null

const scalars: readonly ((payload: string) => string | null)[] = [
  word('null'),
  word('true'),
  word('false'),
  (payload) => payload,
  hexNumber,
  (payload) => payload,
  looseNumber,
  (payload) => `"${payload}"`,
  (payload) => `"${payload}"`,
  looseString,
  (payload) => quote(payload),
]

/** JSON5's `0x1F`; SQLite writes what is past 64 bits as 9.0e999. */
function hexNumber(payload: string): string | null {
  const [, sign, digits] = /^([+-]?)0x([0-9a-f]+)$/i.exec(payload) ?? []
  if (digits === undefined) return /^[+-]?[0-9]+$/.test(payload) ? payload.replace('+', '') : null
  const value = BigInt(`0x${digits}`)
  return `${sign === '-' ? '-' : ''}${value > 0xffff_ffff_ffff_ffffn ? '9.0e999' : value}`
}

/** JSON5's `.5`, `5.` and `+5.0`. */
function looseNumber(payload: string): string {
  return payload
    .replace(/^\+/, '')
    .replace(/^(-?)\./, '$10.')
    .replace(/\.(?![0-9])/, '.0')
}

const loose = /\\(?:x([0-9a-f]{2})|\r\n|([^]))|"|\p{Cc}/giu

/** JSON5's escapes said in JSON. */
function looseString(payload: string): string {
  const text = payload.replace(loose, (found, hex: string | undefined, character: string | undefined) => {
    if (hex !== undefined) return `\\u00${hex}`
    if (found === '\\\r\n') return ''
    if (character === undefined) return JSON.stringify(found).slice(1, -1)
    if (/[\n\r\u2028\u2029]/.test(character)) return ''
    const other = { "'": "'", v: String.raw`\u000b`, '0': String.raw`\u0000` }[character]
    return other ?? found
  })
  return `"${text}"`
}

function quote(payload: string): string {
  return JSON.stringify(payload)
}
