import type { PgType, SourceValue } from '@rowferry/introspect'
import { closeCell, putInt32, putNull, reserve } from '../buffer.ts'
import type { Cell } from '../cell.ts'
import type { CopyBuffer } from '../encoder.ts'
import type { Refusal, Subject } from '../refusal.ts'
import { impossible, nullNotAllowed } from '../refusal.ts'
import type { ArrayShape, ElementStyle } from './array-text.ts'
import { readArray } from './array-text.ts'
import { largestCell, tooLarge } from './text.ts'

const notAnArray = impossible('NOT_AN_ARRAY', 'is no JSON array and no array literal whose parts are equally long')
const escapedBytes = impossible(
  'NOT_BYTES',
  'holds a backslash, which is an escape to PostgreSQL in its own form of an array of bytea: a JSON array has none',
)

export interface ArrayElement {
  /** As declared: its oid goes into the array. */
  readonly declared: PgType
  /** Domains resolved. */
  readonly type: PgType
  readonly notNull: boolean
  readonly cell: Cell
}

/** Arrays from JSON arrays or PostgreSQL's array literals, each element by its own type's rules. The layout is that of array_send in src/backend/utils/adt/arrayfuncs.c. */
export function arrayCell(element: ArrayElement): Cell {
  const style = elementStyle(element.type)
  const { encode: encodeElement, blame: blamePart } = element.cell
  let culprit: Subject | null = null

  const putElement = (value: SourceValue, out: CopyBuffer): Refusal | null => {
    if (value !== null) return encodeElement(value, out)
    if (element.notNull) return nullNotAllowed
    putNull(out)
    return null
  }
  const putElements = (elements: readonly SourceValue[], out: CopyBuffer): Refusal | null => {
    let allowed: Refusal | null = null
    for (const value of elements) {
      const refusal = putElement(value, out)
      if (refusal === null || (allowed !== null && refusal.verdict === 'lossy')) continue
      culprit = blamePart?.() ?? { value, type: element.type }
      if (refusal.verdict === 'impossible') return refusal
      allowed = refusal
    }
    return allowed
  }
  const encode: Cell['encode'] = (value, out) => {
    culprit = null
    const shape = typeof value === 'string' ? readArray(value, style) : null
    if (shape === null) return notAnArray
    const escaped = element.type.name === 'bytea' ? escapeIn(value as string, shape) : undefined
    if (escaped !== undefined) {
      culprit = { value: escaped, type: element.type }
      return escapedBytes
    }
    const start = out.position
    putHeader(shape, element.declared.oid, out)
    const refusal = putElements(shape.elements, out)
    const end = out.position
    out.position = start
    if (refusal?.verdict === 'impossible') return refusal
    if (end - start > largestCell) return tooLarge
    closeCell(out, end)
    return refusal
  }
  return { encode, blame: () => culprit }
}

function escapeIn(text: string, { elements }: ArrayShape): SourceValue | undefined {
  const literal = text.trimStart().startsWith('{')
  return literal ? elements.find((value) => typeof value === 'string' && value.includes('\\')) : undefined
}

function elementStyle({ name }: PgType): ElementStyle {
  if (name === 'json' || name === 'jsonb') return 'json'
  return ['bool', 'int2', 'int4', 'int8', 'oid', 'float4', 'float8'].includes(name) ? 'number' : 'text'
}

function putHeader({ sizes, elements }: ArrayShape, oid: number, out: CopyBuffer): void {
  reserve(out, 16 + sizes.length * 8)
  const { bytes } = out
  const at = out.position + 4
  putInt32(bytes, at, sizes.length)
  putInt32(bytes, at + 4, elements.includes(null) ? 1 : 0)
  putInt32(bytes, at + 8, oid)
  sizes.forEach((size, i) => {
    putInt32(bytes, at + 12 + i * 8, size)
    // Subscripts begin at 1
    putInt32(bytes, at + 16 + i * 8, 1)
  })
  out.position = at + 12 + sizes.length * 8
}
