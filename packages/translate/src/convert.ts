import { asText } from './arithmetic.ts'
import { type Affinity, affinityOf } from './pg-type.ts'
import type { ComparisonOperator } from './syntax.ts'
import { asInteger, isNumber, stringOf, type Term, term } from './term.ts'
import { Refusal } from './translation.ts'

const blanks = String.raw` \t\n\v\f\r`
const numeral = String.raw`^[${blanks}]*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?[${blanks}]*$`
const mirrored = { '=': '=', '<>': '<>', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const

/**
 * A number compared with text, of which one is a column: its affinity decides what becomes of the other side. Null for everything else.
 * https://www.sqlite.org/datatype3.html#type_conversions_prior_to_comparison
 */
export function compareConverted(operator: ComparisonOperator, left: Term, right: Term): Term | null {
  if (left.kind === 'text' && (right.kind === 'boolean' || isNumber(right)))
    return compareConverted(mirrored[operator], right, left)
  const number = asInteger(left)
  if (
    right.kind !== 'text' ||
    stringOf(right) !== null ||
    number.kind !== 'integer' ||
    number.numberClass !== 'integer'
  )
    return null
  if (right.mixed) throw new Refusal('it compares numbers with text')
  const [ofNumber, ofText] = [affinity(left), affinity(right)]
  if (ofNumber !== null && ofNumber !== 'text' && ofNumber !== 'blob') {
    if (ofText !== null && ofText !== 'text' && ofText !== 'blob') return null
    return asNumbers(operator, number, right)
  }
  // Neither side has an affinity: whatever the text says, it comes after the number
  if (ofText !== 'text' || (right.collation?.name ?? 'BINARY') !== 'BINARY' || left.collation?.explicit) return null
  const collation = operator === '=' || operator === '<>' ? '' : ' COLLATE "C"'
  return term('boolean', `(${asText(number).sql} ${operator} ${right.sql}${collation})`)
}

function affinity(of: Term): Affinity | null {
  return of.column?.declaredType === undefined ? null : affinityOf(of.column.declaredType)
}

/** The text becomes a number where it is one, and is greater than all numbers where it is none. */
function asNumbers(operator: ComparisonOperator, number: Term, text: Term): Term {
  const otherwise = operator === '<' || operator === '<=' || operator === '<>'
  const value = `btrim(${text.sql}, E'${blanks}')::numeric`
  return term(
    'boolean',
    `(CASE WHEN ${text.sql} ~ '${numeral}' THEN ${number.sql} ${operator} ${value} WHEN ${text.sql} IS NULL OR ${number.sql} IS NULL THEN NULL ELSE ${otherwise} END)`,
  )
}
