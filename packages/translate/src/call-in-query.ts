import { asText } from './arithmetic.ts'
import { compare } from './compare.ts'
import { dateCall } from './date.ts'
import { asNumber, double, doubleSql } from './double.ts'
import type { Affinity } from './pg-type.ts'
import { quoteText } from './quote.ts'
import { round } from './round.ts'
import type { Scope } from './scope.ts'
import { asInteger, isNumber, literalTerm, stringOf, type Term, term } from './term.ts'
import { Refusal } from './translation.ts'

/** Functions that only a query may use: they are not immutable, or fail where SQLite does not. Null for all others. */
export function callInQuery(name: string, parameters: readonly Term[], scope: Scope): Term | null {
  const [first, second] = parameters
  switch (name) {
    case 'date':
    case 'time':
    case 'datetime':
    case 'strftime':
    case 'julianday':
    case 'unixepoch':
      return dateCall(name, parameters, scope)
    case 'round':
      return parameters.length <= 2 && first ? round(first, second) : null
    case 'min':
    case 'max':
      return parameters.length > 1 ? extremeOf(name, parameters) : null
    case 'abs':
      if (first && isNumber(first) && first.kind !== 'wide') return absolute(first)
      return null
    case 'printf':
    case 'format':
      return formatted(parameters)
    case 'hex':
      if (first?.kind === 'bytea') return term('text', `upper(encode(coalesce(${first.sql}, ''), 'hex'))`)
      if (first?.kind === 'text')
        return term('text', `upper(encode(convert_to(coalesce(${first.sql}, ''), 'UTF8'), 'hex'))`)
      return null
    case 'length':
      return parameters.length === 1 && first && (first.kind === 'integer' || first.kind === 'boolean')
        ? term('integer', `length(${asText(first).sql})`, { bound: 1n << 31n })
        : null
    case 'likely':
    case 'unlikely':
      return parameters.length === 1 && first ? { ...first, column: null } : null
    default:
      return null
  }
}

/** NULL as soon as one of them is. */
function extremeOf(name: 'min' | 'max', parameters: readonly Term[]): Term {
  const given = parameters.map((one) => ({ ...asInteger(one), column: null }))
  const several = new Set(given.map(({ kind }) => kind)).size > 1
  const terms =
    several && given.every((one) => isNumber(one) && one.kind !== 'wide')
      ? given.map((one) => ({ ...one, kind: 'double' as const, sql: doubleSql(one) }))
      : given
  const [first] = terms
  if (!first || !terms.every((one) => one.kind === first.kind))
    throw new Refusal(`${name}() compares values of several types`)
  if (terms.some((one) => one.mixed || (one.collation?.name ?? 'BINARY') !== 'BINARY'))
    throw new Refusal(`${name}() compares by a collation`)
  if (first.kind !== 'integer' && first.kind !== 'double' && first.kind !== 'numeric' && first.kind !== 'text')
    throw new Refusal(`${name}() of such values has no proven form`)
  compare('<', { ...first, literal: null }, { ...first, literal: null }, true)
  const list = terms.map(({ sql, kind }) => (kind === 'text' ? `${sql} COLLATE "C"` : sql)).join(', ')
  const missing = terms.filter(({ literal }) => literal === null).map(({ sql }) => `${sql} IS NULL`)
  const said = `${name === 'min' ? 'least' : 'greatest'}(${list})`
  const classes = new Set(terms.map(({ numberClass }) => numberClass))
  return term(
    first.kind,
    missing.length === 0 ? said : `(CASE WHEN ${missing.join(' OR ')} THEN NULL ELSE ${said} END)`,
    {
      numberClass: classes.size === 1 ? first.numberClass : 'unknown',
      fuzzy: terms.some(({ fuzzy }) => fuzzy),
    },
  )
}

function absolute(of: Term): Term {
  if (of.kind === 'integer' && of.numberClass === 'integer')
    return term('integer', `abs(${of.sql}::bigint)`, { bound: of.bound })
  return double(`abs(${doubleSql(of)})`, {
    numberClass: of.numberClass === 'real' ? 'real' : 'unknown',
    fuzzy: of.fuzzy,
  })
}

/** %s, %d and %%, without widths. NULL is the empty text to %s and 0 to %d. */
function formatted(parameters: readonly Term[]): Term {
  const [format, ...values] = parameters
  const picture = format ? stringOf(format) : null
  if (picture === null) throw new Refusal('the format of printf() is not a string')
  const pieces = picture.match(/%0?\d*[sd%]|%|[^%]+/g) ?? []
  const said = pieces.map((piece) => {
    if (piece === '%%') return quoteText('%')
    if (!piece.startsWith('%')) return quoteText(piece)
    const value = values.shift()
    if (!value || value.kind === 'null') throw new Refusal(`the ${piece} of printf() has no proven form here`)
    if (piece === '%s' && (value.kind === 'text' || value.kind === 'integer'))
      return `coalesce(${asText({ ...value, mixed: false }).sql}, '')`
    const width = /^%0(\d)d$/.exec(piece)?.[1]
    if (piece === '%d' && value.kind === 'integer') return `coalesce(${asText(value).sql}, '0')`
    // to_char() keeps a place for the sign, FM takes it away; a number that is too long is given as it is
    if (width !== undefined && value.kind === 'integer')
      return `(CASE WHEN abs(${value.sql}::bigint) < ${10n ** BigInt(width)} AND ${value.sql} >= 0 THEN lpad(${value.sql}::text, ${width}, '0') WHEN ${value.sql} IS NULL THEN '${'0'.repeat(Number(width))}' WHEN ${value.sql} >= 0 THEN ${value.sql}::text ELSE '-' || lpad(abs(${value.sql}::bigint)::text, greatest(${Number(width) - 1}, length(abs(${value.sql}::bigint)::text)), '0') END)`
    throw new Refusal(`the ${piece} of printf() has no proven form`)
  })
  return said.length === 0 ? literalTerm({ kind: 'string', value: '' }) : term('text', `(${said.join(' || ')})`)
}

/** CAST to a number, which never fails in SQLite. https://www.sqlite.org/lang_expr.html#castexpr */
export function castInQuery(of: Term, affinity: Affinity): Term | null {
  const operand = asInteger(of)
  if (affinity === 'real') {
    if (operand.kind === 'text' && !operand.mixed) return double(doubleSql(asNumber(operand)), { numberClass: 'real' })
    if (isNumber(operand) && operand.kind !== 'wide')
      return double(doubleSql(operand), { numberClass: 'real', fuzzy: operand.fuzzy })
    return null
  }
  if (affinity !== 'integer') return null
  if (operand.kind === 'integer' && operand.numberClass === 'integer') return { ...operand, column: null, passed: null }
  // Beyond 64 bits PostgreSQL fails where SQLite takes the nearest
  if (isNumber(operand) && operand.kind !== 'wide')
    return operand.fuzzy ? null : term('integer', `trunc(${doubleSql(operand)})::bigint`)
  if (operand.kind !== 'text' || operand.mixed) return null
  return term(
    'integer',
    String.raw`(CASE WHEN ${operand.sql} IS NOT NULL THEN coalesce(substring(${operand.sql} from '^[ \t\n\v\f\r]*([+-]?\d+)'), '0')::bigint END)`,
  )
}

export function presentMoment(what: 'date' | 'time' | 'timestamp', scope: Scope): Term {
  const name = what === 'timestamp' ? 'datetime' : what
  return dateCall(name, [], scope)
}
