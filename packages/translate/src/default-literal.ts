import { isDay } from './day.ts'
import type { TargetType } from './pg-type.ts'
import { formatReal, quoteBytes, quoteText } from './quote.ts'
import type { Literal } from './syntax.ts'
import { Refusal } from './translation.ts'

const time = /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?$/
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** A literal default of a column of that type. `written` is the type's own text, for the reason. */
export function defaultOfLiteral(literal: Literal, type: TargetType, written: string): string {
  if (literal.kind === 'null') return 'NULL'
  switch (type.kind) {
    case 'boolean':
      return sayBoolean(literal)
    case 'integer':
    case 'numeric':
    case 'double':
    case 'real':
      return sayNumber(literal, type)
    case 'text':
    case 'char':
      return sayText(literal, type)
    case 'bytea':
      if (literal.kind === 'blob') return quoteBytes(literal.hex)
      break
    case 'json':
    case 'jsonb':
      return sayJson(literal, type.kind)
    case 'uuid':
      if (literal.kind === 'string' && uuid.test(literal.value)) return `${quoteText(literal.value)}::uuid`
      break
    case 'timestamp':
    case 'timestamptz':
    case 'date':
    case 'time':
      return sayDate(literal, type.kind)
    case 'other':
      throw new Refusal(`which values a ${written} takes is not known here`, suggestText(literal))
  }
  throw new Refusal(`the value is no ${written}`)
}

function suggestText(literal: Literal): string | null {
  return literal.kind === 'string' ? quoteText(literal.value) : null
}

function sayBoolean(literal: Literal): string {
  if (literal.kind === 'integer' && (literal.value === 0n || literal.value === 1n)) return String(literal.value === 1n)
  if (literal.kind === 'string' && /^(?:1|t|true)$/i.test(literal.value)) return 'true'
  if (literal.kind === 'string' && /^(?:0|f|false)$/i.test(literal.value)) return 'false'
  throw new Refusal('the value is neither 0 nor 1')
}

function sayNumber(literal: Literal, type: TargetType): string {
  if (literal.kind === 'string') {
    if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(literal.value)) throw new Refusal('the value is no number')
    return sayNumber(
      /^-?\d{1,18}$/.test(literal.value)
        ? { kind: 'integer', value: BigInt(literal.value) }
        : { kind: 'real', value: Number(literal.value) },
      type,
    )
  }
  if (literal.kind === 'real' && Number.isSafeInteger(literal.value))
    return sayNumber({ kind: 'integer', value: BigInt(literal.value) }, type)
  if (literal.kind !== 'integer' && literal.kind !== 'real') throw new Refusal('the value is no number')
  const text = literal.kind === 'integer' ? String(literal.value) : formatReal(literal.value)
  if (type.kind === 'integer' && literal.kind === 'integer') {
    if (literal.value >= type.bound || literal.value < -type.bound)
      throw new Refusal('the value is too large for the type')
    return text
  }
  if (literal.kind === 'real' && (type.kind === 'integer' || !Number.isFinite(literal.value)))
    throw new Refusal('the value is no whole number')
  if (type.kind === 'real' && Math.fround(Number(text)) !== Number(text))
    throw new Refusal('the value would be rounded')
  if (type.kind === 'double' && literal.kind === 'integer' && BigInt(Number(text)) !== literal.value) {
    throw new Refusal('the value would be rounded')
  }
  if (type.kind === 'numeric' && type.length !== null && !fitsNumeric(text, type.length, type.scale ?? 0))
    throw new Refusal('the value does not fit the precision and scale')
  return text
}

function fitsNumeric(text: string, precision: number, scale: number): boolean {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  return !/e/i.test(text) && fraction.length <= scale && whole.replace(/^0+/, '').length <= precision - scale
}

function sayText(literal: Literal, type: TargetType): string {
  if (literal.kind !== 'string' && literal.kind !== 'integer') throw new Refusal('the value is no text')
  const text = String(literal.value)
  if (text.includes('\0')) throw new Refusal('PostgreSQL’s text holds no NUL')
  const characters = [...text].length
  if (type.length !== null && characters > type.length)
    throw new Refusal(`the value is longer than ${type.length} characters`)
  return quoteText(text)
}

function sayJson(literal: Literal, type: 'json' | 'jsonb'): string {
  if (literal.kind !== 'string' || !isJson(literal.value)) throw new Refusal('the value is no JSON text')
  // jsonb holds neither U+0000 nor half a surrogate pair
  if (type === 'jsonb' && /\\u(?:0000|d[89a-f]..)/i.test(literal.value))
    throw new Refusal('jsonb cannot hold one of its characters')
  return `${quoteText(literal.value)}::${type}`
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function sayDate(literal: Literal, type: 'timestamp' | 'timestamptz' | 'date' | 'time'): string {
  if (literal.kind === 'integer' || literal.kind === 'real') {
    throw new Refusal(
      'what a number means as a date is not said',
      type === 'time' ? null : `to_timestamp(${String(literal.value)})`,
    )
  }
  const text = literal.kind === 'string' ? literal.value : ''
  const [date = '', hours] = text.split(/[T ]/)
  const isDate = isDay(date) && (hours === undefined || (type !== 'date' && time.test(hours)))
  if (type === 'time' ? !time.test(text) : !isDate)
    throw new Refusal(`the value is no ${type === 'time' ? 'time' : 'date'} as ISO 8601 writes it`)
  if (type === 'timestamptz') throw new Refusal('the value names no time zone', quoteText(`${text}+00`))
  return `${type} ${quoteText(text)}`
}
