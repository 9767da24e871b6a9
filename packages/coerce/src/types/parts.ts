import type { PgType } from '@rowferry/introspect'
import { createCopyBuffer } from '../buffer.ts'
import type { Cell } from '../cell.ts'
import type { MisfitCode } from '../misfit.ts'
import type { Refusal } from '../refusal.ts'
import { impossible } from '../refusal.ts'
import { readArray } from './array-text.ts'
import { isTimeSpan } from './interval.ts'
import { readBounds, readFields } from './part-text.ts'

export type Judge = (text: string) => Refusal | null

/** Questions that only whole cells are asked; no rule settles a part of one. */
const asked: ReadonlyMap<MisfitCode, MisfitCode> = new Map([
  ['EPOCH_UNIT_NEEDED', 'NOT_A_TIMESTAMP'],
  ['TIMEZONE_NEEDED', 'NOT_A_TIMESTAMP'],
  ['OFFSET_WOULD_BE_LOST', 'NOT_A_TIMESTAMP'],
  ['DURATION_UNIT_NEEDED', 'NOT_AN_INTERVAL'],
])
const notInServersWords = impossible('NOT_AN_INTERVAL', 'has a part in which PostgreSQL would read a fraction of a day')
const notAnArray = impossible('NOT_AN_ARRAY', 'is no array literal as PostgreSQL writes it')

/**
 * Judges the fields of a composite, the bounds of a range and the elements of an array of these by their own types, as cells of those would be:
 * the server's input rounds, cuts and guesses in them as it does everywhere. Text that cannot be taken apart is left to the server.
 * Null where the type has no parts, or the catalog does not tell them.
 */
export function partJudge(type: PgType, compile: (type: PgType) => Cell): Judge | null {
  if (type.kind === 'domain' && type.base) return partJudge(type.base, compile)
  if (type.kind === 'array' && type.element) {
    const judge = partJudge(type.element, compile)
    return judge && ((text) => judgeArray(text, judge))
  }
  if (type.kind === 'composite' && type.fields) {
    const judges = type.fields.map((field) => judgeOf(field, compile))
    return (text) => {
      const fields = readFields(text)
      return fields?.length === judges.length ? first(fields, (field, i) => judges[i]?.(field) ?? null) : null
    }
  }
  if ((type.kind !== 'range' && type.kind !== 'multirange') || !type.subtype) return null
  const judge = judgeOf(type.subtype, compile)
  return (text) => first(readBounds(text), judge)
}

function judgeArray(text: string, judge: Judge): Refusal | null {
  const shape = text.startsWith('{') ? readArray(text, 'text') : null
  if (shape === null) return notAnArray
  return first(
    shape.elements.map((element) => (typeof element === 'string' ? element : null)),
    judge,
  )
}

function first(
  parts: readonly (string | null)[],
  judge: (part: string, index: number) => Refusal | null,
): Refusal | null {
  for (const [i, part] of parts.entries()) {
    const refusal = part === null ? null : judge(part, i)
    if (refusal !== null) return refusal
  }
  return null
}

const keepsBlanks = new Set(['text', 'varchar', 'bpchar', 'name', 'citext', 'char'])
const infinity = /^[+-]?infinity$/i

function judgeOf(type: PgType, compile: (type: PgType) => Cell): Judge {
  const { encode } = compile(type)
  const scratch = createCopyBuffer(256)
  const bare = type.schema === 'pg_catalog' && !keepsBlanks.has(type.name)
  return (given) => {
    const part = bare ? given.trim() : given
    // The server reads bytes in its own notation here, and infinities as they are
    if (type.name === 'bytea' || (bare && infinity.test(part))) return null
    if (type.name === 'interval' && isTimeSpan(part)) return notInServersWords
    scratch.position = 0
    const refusal = encode(part, scratch)
    if (refusal === null) return null
    const code = asked.get(refusal.code) ?? refusal.code
    return impossible(code, `has a part that does not fit: ${refusal.reason({ value: part, type })}`)
  }
}
