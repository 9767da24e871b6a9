/// <reference lib="es2024.string" />
import { InvalidText } from '@rowferry/introspect'
import { closeCell } from '../buffer.ts'
import type { Cell, CellOptions } from '../cell.ts'
import type { CopyBuffer } from '../encoder.ts'
import { escapeExample, numberText } from '../example.ts'
import type { Refusal } from '../refusal.ts'
import { impossible, lossy } from '../refusal.ts'
import type { JsonTrouble } from './json-text.ts'
import { deepest, malformedAt, scanJson } from './json-text.ts'
import { isPlainJson } from './plain-json.ts'
import { invalidText, putUtf8, textRefusal, tooLarge } from './text.ts'

const notJson = impossible('NOT_JSON', ({ value }) => `is no JSON${typeof value === 'string' ? whereNot(value) : ''}`)
const blob = impossible('NOT_JSON', 'is a blob, perhaps SQLite’s own JSONB: write it back with json() first')
const troubles: Record<JsonTrouble, Refusal> = {
  malformed: notJson,
  'unusable escape': impossible(
    'NOT_JSON',
    'holds \\u0000 or half a surrogate pair as an escape, on which PostgreSQL fails later',
  ),
  'too deep': impossible('NOT_JSON', `is nested deeper than ${deepest} levels`),
  'number too large': impossible('NOT_JSON', 'holds a number that jsonb cannot keep'),
  'duplicate key': lossy('JSON_DUPLICATE_KEY', 'has the same key twice in an object, of which jsonb keeps the last'),
}

/** Where it stops being JSON, and what stands there. */
function whereNot(text: string): string {
  const at = malformedAt(text)
  if (text.length === 0) return ': it is empty'
  if (at === text.length)
    return `: it ends after ${at === 1 ? '1 character' : `${at} characters`}, and more should follow`
  return `: character ${at + 1} is ${escapeExample(String.fromCodePoint(text.codePointAt(at)!))}`
}

/** What a jsonb string, array or object may hold in bytes: src/include/utils/jsonb.h, JENTRY_OFFLENMASK. */
const largestJsonb = 0x0fff_ffff

/** Longer text is looked at before it is written. */
const mostAtOnce = 16_000

/** json and jsonb: text that is JSON, untouched; numbers, which SQLite makes of the text `5` in a column of numeric affinity. */
export function jsonCell({ integers, type }: CellOptions): Cell {
  const binary = type.name === 'jsonb'
  const put = (text: string, out: CopyBuffer): Refusal | null => {
    if (text.length <= mostAtOnce) {
      const end = putJson(text, out)
      const from = out.position + (binary ? 5 : 4)
      // As many bytes as characters: none of them is half a pair, which takes three
      if (isPlainJson(out.bytes, from, end) && (end - from === text.length || text.isWellFormed())) {
        closeCell(out, end)
        return null
      }
    }
    const trouble = scanJson(text, binary)
    const refusal = trouble === null ? null : troubles[trouble]
    if (refusal?.verdict === 'impossible') return refusal
    const wrong = textRefusal(text)
    if (wrong !== null) return wrong
    if (binary && text.length * 3 > largestJsonb && Buffer.byteLength(text) > largestJsonb) return tooLarge
    closeCell(out, putJson(text, out))
    return refusal
  }
  const putJson = (text: string, out: CopyBuffer): number => {
    const end = putUtf8(text, out, binary ? 5 : 4)
    // jsonb begins with the version of its format
    if (binary) out.bytes[out.position + 4] = 1
    return end
  }
  const encode: Cell['encode'] = (value, out) => {
    if (typeof value === 'string') return put(value, out)
    if (typeof value === 'number') return Number.isFinite(value) ? put(numberText(value, integers), out) : notJson
    if (typeof value === 'bigint') return put(String(value), out)
    return value instanceof InvalidText ? invalidText : blob
  }
  return { encode }
}
