import { isUtf8 } from 'node:buffer'
import { InvalidText, type SourceValue } from '@rowferry/introspect'
import type { ExpectedType, Mend } from './expectation.ts'
import { readJson } from './json.ts'
import { jsonbText } from './jsonb-text.ts'

/** The value as the agreed mends leave it. */
export function putRight(stored: SourceValue, mends: readonly Mend[], type: ExpectedType): SourceValue {
  const agreed = (mend: Mend): boolean => mends.includes(mend)
  let value = stored
  if (agreed('replace-invalid')) value = replaced(value)
  if (agreed('decode-jsonb') && value instanceof Uint8Array) value = jsonbText(Buffer.from(value)) ?? value
  if (agreed('decode-text') && value instanceof Uint8Array && isUtf8(value)) value = Buffer.from(value).toString('utf8')
  if (typeof value !== 'string') return value
  let text = value
  if (agreed('strip-nul')) {
    text = text.split('\0').join('')
    if (type.kind === 'json' || type.kind === 'jsonb') text = withoutEscape(text)
  }
  if (agreed('trim')) text = trimmed(text)
  if (text === '' && agreed('empty-as-null')) return null
  if (agreed('zero-date-as-null') && isZeroDate(text)) return null
  return agreed('json-unwrap') ? innermost(text) : text
}

/** Node's own decoder follows the Encoding Standard; of a last odd byte of UTF-16 it says nothing. */
function replaced(value: SourceValue): SourceValue {
  if (typeof value === 'string') return value.isWellFormed() ? value : value.toWellFormed()
  if (!(value instanceof InvalidText)) return value
  const bytes = Buffer.from(value.bytes)
  if (value.encoding === 'utf-8') return bytes.toString('utf8')
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 2))
  if (value.encoding === 'utf-16be') whole.swap16()
  const units = whole.toString('utf16le')
  if (whole.length === bytes.length) return units.toWellFormed()
  // A high surrogate and the odd byte behind it are one fault
  const last = units.charCodeAt(units.length - 1)
  const kept = last >= 0xd800 && last <= 0xdbff ? units.slice(0, -1) : units
  return `${kept.toWellFormed()}\uFFFD`
}

const blank = (code: number): boolean => code === 32 || (code >= 9 && code <= 13)

function trimmed(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && blank(text.charCodeAt(start))) start += 1
  while (end > start && blank(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

/** `0000-00-00`, with nothing but noughts behind it where a time and an offset may stand. */
function isZeroDate(text: string): boolean {
  if (!text.startsWith('0000-00-00')) return false
  const rest = text.slice(10)
  return rest === '' || /^[ T][0:.]+(?: ?(?:Z|[+-][0:]+))?$/.test(rest)
    ? rest === '' || isMidnight(rest.slice(1))
    : false
}

function isMidnight(time: string): boolean {
  const [clock = '', offset = ''] = time.split(/ ?(?=[Z+-])/)
  return (
    /^00:00(:00(\.0+)?)?$/.test(clock) && ['', 'Z', '+00', '-00', '+0000', '-0000', '+00:00', '-00:00'].includes(offset)
  )
}

/** JSON text without the escapes of U+0000. */
function withoutEscape(text: string): string {
  let kept = ''
  let from = 0
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', at)) {
    const isNul = text.startsWith('u0000', at + 1)
    if (isNul) {
      kept += text.slice(from, at)
      from = at + 6
    }
    at += isNul ? 6 : 2
  }
  return kept + text.slice(from)
}

/** What is inside strings in strings, if it is an object or array; else the text as it was. */
function innermost(text: string): string {
  let inner = text
  for (;;) {
    const json = readJson(inner, { lastKeyWins: true })
    if (json === undefined) return text
    if (json.kind !== 'string')
      return inner !== text && (json.kind === 'object' || json.kind === 'array') ? inner : text
    inner = JSON.parse(inner) as string
  }
}
