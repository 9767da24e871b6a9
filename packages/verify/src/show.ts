import { InvalidText, type SourceValue } from '@rowferry/introspect'
import { storedText } from './stored-text.ts'

const longest = 80

/** Escaped, quoted and cut, safe on any terminal. */
export function showText(text: string): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text
  return JSON.stringify(cut).replace(
    /[\u007f-\u009f\u2028-\u202f\u2066-\u2069]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

export function showBytes(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.subarray(0, longest / 2)).toString('hex')
  return bytes.length > longest / 2 ? `\\x${hex}… (${bytes.length} bytes)` : `\\x${hex}`
}

export function showSource(value: SourceValue, numbersAreReals: boolean): string {
  if (value === null) return 'NULL'
  if (typeof value === 'string') return showText(value)
  if (value instanceof InvalidText) return `invalid ${value.encoding} ${showBytes(value.bytes)}`
  return value instanceof Uint8Array ? showBytes(value) : (storedText(value, numbersAreReals) ?? '')
}

/** `(1, "x", NULL)`, cut. */
export function showRow(cells: readonly string[]): string {
  const text = `(${cells.join(', ')})`
  return text.length > 2 * longest ? `${text.slice(0, 2 * longest)}…` : text
}
