import { asNumber, computeInQuery, double, doubleSql } from './double.ts'
import { asInteger, int64, integerOf, isNumber, stringOf, literalTerm, type Term, term } from './term.ts'
import { Refusal } from './translation.ts'

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '<<' | '>>'

/**
 * Integers only, in 64 bits as in SQLite. Where the result may need more, SQLite turns to floating point and PostgreSQL would fail:
 * such a result is `wide`, or refused. Division by zero is NULL in SQLite. https://www.sqlite.org/lang_expr.html#operators
 */
export function arithmetic(operator: ArithmeticOperator, left: Term, right: Term, inQuery = false): Term {
  if (inQuery) return computeInQuery(operator, left, right)
  const [first, second] = [asInteger(left), asInteger(right)]
  if (first.kind !== 'integer' || second.kind !== 'integer') {
    const plain = isNumber(first) && isNumber(second) ? `(${first.sql} ${operator} ${second.sql})` : null
    throw new Refusal('SQLite computes it in floating point', plain)
  }
  const sql = `(${first.sql}::bigint ${operator} ${second.sql})`
  switch (operator) {
    case '+':
    case '-':
    case '*': {
      const bound = operator === '*' ? first.bound * second.bound : first.bound + second.bound
      if (bound < int64) return term('integer', sql, { bound })
      if (!isSimple(first) || !isSimple(second))
        throw new Refusal('it may need more than 64 bits, where SQLite turns to floating point', sql)
      return term('wide', `(${first.sql}::numeric ${operator} ${second.sql})`)
    }
    case '/':
    case '%':
      return divide(operator, first, second)
    case '&':
    case '|':
      return term('integer', sql)
    case '>>': {
      const by = integerOf(second)
      if (by === null || by < 0n || by > 62n) throw new Refusal('SQLite shifts differently by such an amount')
      return term('integer', sql, { bound: first.bound })
    }
    default:
      throw new Refusal('SQLite shifts differently by large and negative amounts', sql)
  }
}

function isSimple(of: Term): boolean {
  return of.literal !== null || of.column !== null
}

function divide(operator: '/' | '%', left: Term, right: Term): Term {
  const by = integerOf(right)
  if (by === 0n) throw new Refusal('it divides by zero')
  if (operator === '/' && left.bound >= int64 && (by === null || by === -1n)) {
    throw new Refusal('the smallest 64-bit integer divided by -1 is an error in PostgreSQL')
  }
  const divisor = by === null ? `nullif(${right.sql}, 0)` : right.sql
  return term('integer', `(${left.sql}::bigint ${operator} ${divisor})`, { bound: left.bound })
}

export function negative(of: Term, inQuery = false): Term {
  const operand = inQuery ? asNumber(of) : asInteger(of)
  if (operand.literal?.kind === 'integer' && operand.literal.value !== -int64)
    return literalTerm({ kind: 'integer', value: -operand.literal.value })
  if (operand.literal?.kind === 'real') {
    const value = -operand.literal.value
    return literalTerm(value === -(2 ** 63) ? { kind: 'integer', value: -int64 } : { kind: 'real', value })
  }
  if (!inQuery && (operand.kind === 'numeric' || operand.kind === 'double'))
    return term(operand.kind, `(- ${operand.sql})`)
  const { numberClass, fuzzy } = operand
  if (inQuery && isNumber(operand) && (operand.kind !== 'integer' || numberClass === 'real'))
    return double(`(- ${doubleSql(operand)})`, { numberClass: numberClass === 'real' ? 'real' : 'unknown', fuzzy })
  if (operand.kind !== 'integer' || (operand.bound >= int64 && !inQuery))
    throw new Refusal('it turns the sign of what may have no negative')
  return term('integer', `(- ${operand.sql}::bigint)`, { bound: operand.bound })
}

export function complement(of: Term): Term {
  const operand = asInteger(of)
  if (operand.kind !== 'integer') throw new Refusal('it takes the bits of what is no integer')
  return term('integer', `(~ ${operand.sql}::bigint)`)
}

/** `||` */
export function concatenate(left: Term, right: Term): Term {
  return term('text', `(${asText(left).sql} || ${asText(right).sql})`)
}

/** Text, or an integer in SQLite's decimal spelling, which is PostgreSQL's. */
export function asText(of: Term): Term {
  const operand = asInteger(of)
  if (operand.kind === 'text') return stringOf(operand) === null ? term('text', operand.sql) : operand
  if (operand.kind !== 'integer') throw new Refusal('SQLite and PostgreSQL spell such a value differently as text')
  const literal = integerOf(operand)
  return literal === null
    ? term('text', `(${operand.sql}::text)`)
    : literalTerm({ kind: 'string', value: String(literal) })
}
