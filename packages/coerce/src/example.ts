import type { SourceValue } from '@rowferry/introspect'
import { InvalidText } from '@rowferry/introspect'
import type { StorageClass } from './misfit.ts'

/** How the reader was asked for integers. `auto`: a number may be either; `bigint`: every number is a real. */
export type IntegerMode = 'auto' | 'bigint'

/**
 * SQLite's storage class of a value. With `auto` (default) an integral number counts as an integer, unless no integer reads like that: -0 and beyond ±(2^53 − 1).
 * https://www.sqlite.org/datatype3.html#storage_classes_and_datatypes
 */
export function storageClassOf(value: SourceValue, integers: IntegerMode = 'auto'): StorageClass {
  if (value === null) return 'null'
  if (typeof value === 'number') return isInteger(value, integers) ? 'integer' : 'real'
  if (typeof value === 'bigint') return 'integer'
  if (typeof value === 'string') return 'text'
  return value instanceof InvalidText ? 'invalid text' : 'blob'
}

function isInteger(value: number, integers: IntegerMode): boolean {
  return integers === 'auto' && Number.isSafeInteger(value) && !Object.is(value, -0)
}

/**
 * A number as text: the shortest decimal that reads back as the same value, as JavaScript writes it (`0.1`, `1e+21`, `-Infinity`).
 * A whole number that is known to be a real keeps its point: `1.0` with `bigint`, `-0.0` and those past 2^53 always.
 */
export function numberText(value: number, integers: IntegerMode): string {
  if (isInteger(value, integers)) return String(value)
  if (Object.is(value, -0)) return '-0.0'
  const text = String(value)
  return /^-?[0-9]+$/.test(text) ? `${text}.0` : text
}

/** A stored value's text; null for NULL, blobs and invalid text, which have none. */
export function storedText(value: SourceValue, integers: IntegerMode): string | null {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return numberText(value, integers)
  return typeof value === 'bigint' ? String(value) : null
}

const longest = 80

/** A value as a person may read it in one line, at most 80 characters: `"text"` with escapes, `12.5`, `x'00ff'`, `NULL`. What had to be cut ends in `…`. */
export function escapeExample(value: SourceValue): string {
  if (value === null) return 'NULL'
  if (typeof value === 'number') return Object.is(value, -0) ? '-0.0' : String(value)
  if (typeof value === 'bigint') return cut(String(value))
  if (typeof value === 'string') return quote(value)
  const bytes = value instanceof InvalidText ? value.bytes : value
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, longest)).toString('hex')
  return hex.length > longest - 3 ? `x'${hex.slice(0, longest - 4)}…'` : `x'${hex}'`
}

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text
}

function quote(text: string): string {
  let quoted = ''
  // What fits beside the quotes, and beside the mark when something follows
  let short = ''
  for (const character of text.slice(0, longest)) {
    quoted += escapeCharacter(character)
    if (quoted.length <= longest - 3) short = quoted
  }
  return quoted.length <= longest - 2 ? `"${quoted}"` : `"${short}…"`
}

function escapeCharacter(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`
  if (character === '\n') return '\\n'
  if (character === '\t') return '\\t'
  // Control, format and lone surrogate characters could rewrite the terminal's line or hide in it
  if (!/[\p{C}\p{Zl}\p{Zp}]/u.test(character)) return character
  const code = character.codePointAt(0) as number
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`
}
