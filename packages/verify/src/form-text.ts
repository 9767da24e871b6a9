/// <reference lib="es2024.string" />
import { InvalidText, type SourceValue } from '@rowferry/introspect'
import { neverObvious, type CellForm } from './form.ts'
import { spells } from './same-text.ts'
import { showBytes, showText } from './show.ts'
import { storedText } from './stored-text.ts'

export const readText = (bytes: Buffer, at: number, size: number): string => bytes.toString('utf8', at, at + size)
export const showStored = (bytes: Buffer, at: number, size: number): string => showText(readText(bytes, at, size))

/** text and varchar: code point by code point. `lossy` with a `length` cuts there. */
export function textForm(length: number | null, lossy: boolean, numbersAreReals: boolean): CellForm {
  return {
    obvious: (bytes, at, size, value) => typeof value === 'string' && spells(bytes, at, size, value),
    ofSource(value) {
      const text = storedText(value, numbersAreReals)
      return text !== undefined && lossy && length !== null ? cut(text, length) : text
    },
    ofTarget: readText,
    show: showStored,
  }
}

/** char(n): trailing blanks are padding on both sides. */
export function bpcharForm(length: number | null, lossy: boolean, numbersAreReals: boolean): CellForm {
  return {
    obvious: neverObvious,
    ofSource(value) {
      const text = storedText(value, numbersAreReals)
      if (text === undefined) return undefined
      return withoutPadding(lossy && length !== null ? cut(text, length) : text)
    },
    ofTarget: (bytes, at, size) => withoutPadding(readText(bytes, at, size)),
    show: showStored,
  }
}

function withoutPadding(text: string): string {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) === 32) end -= 1
  return text.slice(0, end)
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : [...text].slice(0, length).join('')
}

/** An enum's label, exact to case and blanks. */
export function enumForm(labels: readonly string[], numbersAreReals: boolean): CellForm {
  const known = new Set(labels)
  return {
    obvious: (bytes, at, size, value) => typeof value === 'string' && spells(bytes, at, size, value),
    ofSource(value) {
      const label = storedText(value, numbersAreReals)
      return label !== undefined && known.has(label) ? label : undefined
    },
    ofTarget: readText,
    show: showStored,
  }
}

/** bytea: the very bytes; of a text its UTF-8. */
export const byteaForm: CellForm = {
  obvious: (bytes, at, size, value) =>
    value instanceof Uint8Array && value.length === size && bytes.compare(value, 0, size, at, at + size) === 0,
  ofSource(value) {
    if (value instanceof Uint8Array) return value
    if (value instanceof InvalidText) return value.encoding === 'utf-8' ? value.bytes : undefined
    return typeof value === 'string' && value.isWellFormed() ? Buffer.from(value) : undefined
  },
  ofTarget: (bytes, at, size) => bytes.subarray(at, at + size),
  show: (bytes, at, size) => showBytes(bytes.subarray(at, at + size)),
}

// What is no digit takes any sum below nought
const hexValue = new Int16Array(128).fill(-1000)
for (let i = 0; i < 16; i += 1) {
  hexValue['0123456789abcdef'.charCodeAt(i)] = i
  hexValue['0123456789ABCDEF'.charCodeAt(i)] = i
}

/** Where each byte's two digits are. */
const digitPlaces = Uint8Array.of(0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34)

function isHyphened(text: string): boolean {
  return (
    text.length === 36 &&
    text.charCodeAt(8) === 45 &&
    text.charCodeAt(13) === 45 &&
    text.charCodeAt(18) === 45 &&
    text.charCodeAt(23) === 45
  )
}

/** uuid: sixteen bytes, or their hexadecimal digits with hyphens or braces where PostgreSQL allows them. */
export const uuidForm: CellForm = {
  obvious(bytes, at, _size, value) {
    if (typeof value !== 'string' || !isHyphened(value)) return false
    for (let i = 0; i < 16; i += 1) {
      const from = digitPlaces[i]!
      if (bytes[at + i] !== hexValue[value.charCodeAt(from)]! * 16 + hexValue[value.charCodeAt(from + 1)]!) return false
    }
    return true
  },
  ofSource: uuidOf,
  ofTarget: (bytes, at) => bytes.toString('hex', at, at + 16),
  show: (bytes, at) => bytes.toString('hex', at, at + 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
}

function uuidOf(value: SourceValue): string | undefined {
  if (value instanceof Uint8Array) return value.length === 16 ? Buffer.from(value).toString('hex') : undefined
  if (typeof value !== 'string') return undefined
  const inner = /^\{(.*)\}$/.exec(value)?.[1] ?? value
  return /^(?:[0-9a-f]{4}-?){7}[0-9a-f]{4}$/i.test(inner) ? inner.replaceAll('-', '').toLowerCase() : undefined
}
