import type { ComparisonOperator } from './syntax.ts'
import { isDay } from './day.ts'
import { doubleSql } from './double.ts'
import { affinityOf } from './pg-type.ts'
import { quoteText } from './quote.ts'
import { momentSpelling } from './spelling.ts'
import { compareConverted } from './convert.ts'
import { asInteger, integerOf, isNumber, literalTerm, stringOf, type Term, term, truthOf } from './term.ts'
import { Refusal } from './translation.ts'

/** Two terms that PostgreSQL compares as SQLite does; or `order`, when SQLite decides by the storage classes alone: left is always less (-1) or greater (1). */
type Aligned = { readonly left: string; readonly right: string } | { readonly order: -1 | 1 }

const exactInDouble = 1n << 53n
const mirrored = { '=': '=', '<>': '<>', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const

export function compare(operator: ComparisonOperator, left: Term, right: Term, inQuery = false): Term {
  const equality = operator === '=' || operator === '<>'
  if (left.kind !== 'boolean' && right.kind === 'boolean') return compare(mirrored[operator], right, left, inQuery)
  const bit = integerOf(right)
  if (left.kind === 'boolean' && equality && (bit === 0n || bit === 1n)) {
    return (bit === 1n) === (operator === '=') ? term('boolean', left.sql) : term('boolean', `(NOT ${left.sql})`)
  }
  const suggestion = left.kind === 'other' && right.kind === 'other' ? `(${left.sql} ${operator} ${right.sql})` : null
  const converted = inQuery ? compareConverted(operator, left, right) : null
  if (converted) return converted
  const aligned = align(left, right, equality, suggestion, inQuery)
  if ('left' in aligned) return term('boolean', `(${aligned.left} ${operator} ${aligned.right})`)
  const always = operator === '<>' || operator.startsWith(aligned.order < 0 ? '<' : '>')
  const known = left.literal ? right.sql : left.sql
  return always
    ? term('boolean', `(${known} IS NOT NULL OR NULL)`, { neverFalse: true })
    : term('boolean', `(${known} IS NULL AND NULL)`)
}

/** IS and IS NOT. https://www.sqlite.org/lang_expr.html#the_is_and_is_not_operators */
export function is(left: Term, right: Term, negated: boolean, inQuery = false): Term {
  const not = negated ? 'NOT ' : ''
  if (right.kind === 'null') return term('boolean', `(${left.sql} IS ${not}NULL)`)
  if (left.kind === 'null') return is(right, left, negated, inQuery)
  const bit = integerOf(right)
  if (left.kind === 'boolean' && (bit === 0n || bit === 1n)) return isTruth(left, bit === 1n, negated)
  const aligned = align(left, right, true, null, inQuery)
  if ('left' in aligned) {
    return term('boolean', `(${aligned.left} IS ${negated ? '' : 'NOT '}DISTINCT FROM ${aligned.right})`)
  }
  if (!left.literal && !right.literal) throw new Refusal('it compares numbers with text')
  return term('boolean', String(negated), { neverFalse: negated })
}

export function isTruth(of: Term, value: boolean, negated: boolean): Term {
  return term('boolean', `(${truthOf(of).sql} IS ${negated ? 'NOT ' : ''}${value ? 'TRUE' : 'FALSE'})`)
}

/** `list` stands in parentheses in the source; SQLite uses the left side's collation and affinity. */
export function isIn(left: Term, list: readonly Term[], negated: boolean, inQuery = false): Term {
  const not = negated ? 'NOT ' : ''
  if (list.length === 0) return term('boolean', String(negated), { neverFalse: negated })
  const bare = list.map((item): Term => ({ ...item, column: null, collation: null }))
  if (left.kind === 'boolean') return isInBooleans(left, bare, negated, inQuery)
  const sides = bare.map((item) =>
    item.kind === 'null' ? { left: null, right: 'NULL' } : align(left, item, true, null, inQuery),
  )
  const lefts = new Set(sides.flatMap((side) => ('left' in side && side.left !== null ? [side.left] : [])))
  if (lefts.size > 1) return isOneOf(sides, left, negated)
  const [first] = sides.flatMap((side) => ('left' in side && side.left !== null ? [side.left] : []))
  const rights = sides.flatMap((side) => ('left' in side ? [side.right] : []))
  // What can never be equal leaves nothing but the NULL of the left side
  const found = first === undefined ? `(${left.sql} IS NULL AND NULL)` : `(${first} ${not}IN (${rights.join(', ')}))`
  if (first === undefined && rights.length > 0) throw new Refusal('its list holds nothing but NULL')
  return first === undefined && negated
    ? term('boolean', `(NOT ${found})`, { neverFalse: true })
    : term('boolean', found)
}

/** Where the left side is compared in several forms, each with its own. */
function isOneOf(sides: readonly (Aligned | { left: null; right: string })[], of: Term, negated: boolean): Term {
  const parts = sides.map((side) => {
    if (!('left' in side)) return `(${of.sql} IS NULL AND NULL)`
    return side.left === null ? 'NULL' : `${side.left} = ${side.right}`
  })
  return term('boolean', `(${negated ? 'NOT ' : ''}(${parts.join(' OR ')}))`)
}

function isInBooleans(left: Term, list: readonly Term[], negated: boolean, inQuery: boolean): Term {
  const bits = new Set(list.map((item) => integerOf(item)))
  const either = bits.has(0n) && bits.has(1n)
  if (list.every((item) => integerOf(item) !== null) && either) {
    return negated
      ? term('boolean', `(${left.sql} IS NULL AND NULL)`)
      : term('boolean', `(${left.sql} IS NOT NULL OR NULL)`, { neverFalse: true })
  }
  return isIn(asInteger(left), list, negated, inQuery)
}

/** Both sides of an equality between a value and those of a subquery. */
export function alignedSides(left: Term, right: Term): { readonly left: string; readonly right: string } {
  const aligned = align(left, right, true, null, true)
  if ('left' in aligned) return aligned
  throw new Refusal('it compares numbers with text')
}

function align(left: Term, right: Term, equality: boolean, suggestion: string | null, inQuery: boolean): Aligned {
  if (equality && (left.fuzzy || right.fuzzy)) throw new Refusal('it takes sums of floating-point numbers for equal')
  if (left.kind === 'null' || right.kind === 'null')
    throw new Refusal('it compares with NULL, which is never true', 'IS NULL')
  if (left.kind === 'boolean' && right.kind === 'boolean') return { left: left.sql, right: right.sql }
  if (left.kind === 'boolean' || right.kind === 'boolean')
    return align(asInteger(left), asInteger(right), equality, suggestion, inQuery)
  if (isNumber(left) && isNumber(right)) return alignNumbers(left, right, inQuery)
  const moments = alignMoments(left, right)
  if (moments) return moments
  if (isNumber(left) && right.kind === 'text') return alignNumberWithText(left, right, equality)
  if (isNumber(right) && left.kind === 'text') {
    const swapped = alignNumberWithText(right, left, equality)
    return 'left' in swapped ? { left: swapped.right, right: swapped.left } : { order: 1 }
  }
  if (left.kind === 'text' && right.kind === 'text') return alignText(left, right, equality)
  if (left.kind === 'bytea' && right.kind === 'bytea') return { left: left.sql, right: right.sql }
  throw new Refusal('the two sides it compares have types that SQLite and PostgreSQL compare differently', suggestion)
}

/** Moments in one spelling sort as their texts do. */
function alignMoments(left: Term, right: Term): { readonly left: string; readonly right: string } | null {
  const { moment } = left
  if (!moment) {
    const swapped = right.moment && alignMoments(right, left)
    return swapped ? { left: swapped.right, right: swapped.left } : null
  }
  if (right.moment)
    return right.moment.type === moment.type && right.moment.spelling === moment.spelling
      ? { left: moment.sql, right: right.moment.sql }
      : null
  const text = stringOf(right)
  if (text === null || momentSpelling(text) !== moment.spelling || !isDay(text.slice(0, 10))) return null
  const zoned = /(?:Z|00:00)"$/.test(moment.spelling)
  if (zoned !== (moment.type === 'timestamptz') || !isTime(text.slice(11))) return null
  return { left: moment.sql, right: `${moment.type} ${quoteText(text)}` }
}

function isTime(text: string): boolean {
  return text === '' || /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|\+00:00)?$/.test(text)
}

function alignNumbers(left: Term, right: Term, inQuery = false): Aligned {
  const agreed = agree(left, right) || agree(right, left)
  if (!agreed && inQuery && left.kind !== 'wide' && right.kind !== 'wide')
    return { left: doubleSql(left), right: doubleSql(right) }
  if (!agreed) throw new Refusal('numbers of these types compare differently in their last digits')
  return { left: left.sql, right: right.sql }
}

/** Integers and doubles, each exact, map to decimals in the same order as long as integers stay below 2^53; doubles map to their shortest decimals. */
function agree(left: Term, right: Term): boolean {
  if (left.kind === 'integer' && right.kind === 'integer') return true
  const small = right.literal?.kind === 'integer' && right.bound <= exactInDouble
  if (left.kind === 'wide') return small
  if (left.kind === 'real') return small && right.bound <= 1n << 24n
  if (left.kind !== 'numeric' && left.kind !== 'double') return false
  if (left.literal?.kind === 'real' && right.kind === 'integer')
    return Math.abs(left.literal.value) < Number(exactInDouble)
  if (right.kind === 'integer') return right.bound <= exactInDouble
  return left.kind === right.kind || right.literal?.kind === 'real'
}

/** The column's affinity turns text that looks like a number into one; other text is greater than every number. */
function alignNumberWithText(number: Term, text: Term, equality: boolean): Aligned {
  const value = stringOf(text)
  // A number that was cast has an affinity of its own
  if (text.column && !text.mixed && integerOf(number) !== null && !number.column) {
    const aligned = alignText(text, literalTerm({ kind: 'string', value: String(integerOf(number)) }), equality)
    return { left: aligned.right, right: aligned.left }
  }
  if (value === null || !number.column) throw new Refusal('it compares numbers with text')
  if (/^-?(?:0|[1-9]\d{0,17})$/.test(value))
    return alignNumbers(number, literalTerm({ kind: 'integer', value: BigInt(value) }))
  if (/^[\s\v]*[+-]?[\s\v]*[.\d]/.test(value)) throw new Refusal('it compares numbers with text')
  return { order: -1 }
}

function alignText(left: Term, right: Term, equality: boolean): { readonly left: string; readonly right: string } {
  const collation =
    [left, right].find((side) => side.collation?.explicit)?.collation ?? left.collation ?? right.collation
  for (const [side, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const value = stringOf(other)
    if (side.mixed && (!equality || value === null || /^\s*[+-]?[.\d]/.test(value))) {
      throw new Refusal(
        'its column is not declared as text, so that SQLite may keep numbers there and compares them as such',
      )
    }
  }
  if (!equality)
    for (const [side, other] of [
      [left, right],
      [right, left],
    ] as const)
      refuseNumerals(side, other)
  const name = collation?.name ?? 'BINARY'
  const [first, second] = [collate(left, name), collate(right, name)]
  return { left: equality ? first : `${first} COLLATE "C"`, right: second }
}

/** A column whose affinity is a number's makes numbers of what it is compared with, and every number sorts before every text. */
function refuseNumerals(side: Term, other: Term): void {
  const declared = side.column?.declaredType
  const affinity = declared === undefined ? 'text' : affinityOf(declared)
  if (affinity === 'text' || affinity === 'blob' || other.moment) return
  const same =
    other.column?.declaredType !== undefined && !['text', 'blob'].includes(affinityOf(other.column.declaredType))
  const value = stringOf(other)
  if (same || (value !== null && !/^\s*[+-]?[.\d]+(?:e[+-]?\d+)?\s*$/i.test(value))) return
  throw new Refusal('SQLite compares it with a column of numbers, in which texts come after them')
}

/** A text as SQLite's built-in collations see it, to be compared byte by byte. https://www.sqlite.org/datatype3.html#collation */
export function collate(of: Term, name: string): string {
  const value = stringOf(of)
  switch (name) {
    case 'BINARY':
      return of.sql
    case 'NOCASE':
      return value === null
        ? `lower(${of.sql} COLLATE "C")`
        : literalTerm({ kind: 'string', value: foldAscii(value) }).sql
    case 'RTRIM':
      return value === null
        ? `rtrim(${of.sql}, ' ')`
        : literalTerm({ kind: 'string', value: value.replace(/ +$/, '') }).sql
    default:
      throw new Refusal(`the collation ${name} is not one of SQLite’s own`)
  }
}

export function foldAscii(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}
