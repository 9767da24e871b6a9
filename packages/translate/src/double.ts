import { asInteger, int64, isNumber, literalTerm, stringOf, type Term, term } from './term.ts'
import { Refusal } from './translation.ts'
import type { ArithmeticOperator } from './arithmetic.ts'

/** The number that leads a text is its value in arithmetic; none is 0. */
const leading = /^[ \t\n\v\f\r]*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)/

/** A double that is computed: real for certain, or an integer wherever SQLite would compute with integers. */
export function double(sql: string, facts: Partial<Term> = {}): Term {
  return term('double', sql, facts)
}

/** A number as SQLite's arithmetic takes it, in PostgreSQL's double precision. Integers past 2^53 are rounded as SQLite rounds them. */
export function doubleSql(of: Term): string {
  if (of.literal?.kind === 'integer') return `${of.sql}::double precision`
  if (of.kind === 'double' && of.literal === null) return of.sql
  return `${of.sql}::double precision`
}

/** Text in arithmetic: the number it begins with. */
export function asNumber(of: Term): Term {
  const text = stringOf(of)
  if (text !== null) {
    const found = leading.exec(text)?.[1] ?? '0'
    return /^[+-]?\d{1,18}$/.test(found)
      ? literalTerm({ kind: 'integer', value: BigInt(found.replace('+', '')) })
      : literalTerm({ kind: 'real', value: Number(found) })
  }
  if (of.kind === 'text' && !of.mixed) {
    const pattern = String.raw`^[ \t\n\v\f\r]*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)`
    return double(
      `CASE WHEN ${of.sql} IS NOT NULL THEN coalesce(substring(${of.sql} from '${pattern}'), '0')::double precision END`.replace(
        /^(.*)$/s,
        '($1)',
      ),
    )
  }
  return asInteger(of)
}

/** In a query: integers in 64 bits (beyond them PostgreSQL fails, it does not round), everything else in floating point. Division by zero is NULL. */
export function computeInQuery(operator: ArithmeticOperator, left: Term, right: Term): Term {
  const [first, second] = [asNumber(left), asNumber(right)]
  for (const one of [first, second])
    if (!isNumber(one) || one.kind === 'wide') throw new Refusal('it computes with what is no number')
  const fuzzy = first.fuzzy || second.fuzzy
  const isWhole = (one: Term): boolean => one.kind === 'integer' && one.numberClass === 'integer'
  if (isWhole(first) && isWhole(second)) return integers(operator, first, second)
  const real = first.numberClass === 'real' || second.numberClass === 'real'
  const [a, b] = [doubleSql(first), doubleSql(second)]
  const facts = { fuzzy, numberClass: real ? 'real' : 'unknown' } as const
  switch (operator) {
    case '+':
    case '-':
    case '*':
      return double(`(${a} ${operator} ${b})`, facts)
    case '/': {
      const quotient = `${a} / nullif(${b}, 0)`
      if (real) return double(`(${quotient})`, facts)
      if (first.numberClass === 'unknown' || second.numberClass === 'unknown')
        throw new Refusal('whether SQLite divides by whole numbers there is not known', `(${quotient})`)
      const both = [first, second]
        .filter((one) => !isWhole(one))
        .map((one) => `${doubleSql(one)} = trunc(${doubleSql(one)})`)
      return double(`(CASE WHEN ${both.join(' AND ')} THEN trunc(${quotient}) ELSE ${quotient} END)`, facts)
    }
    default:
      throw new Refusal('SQLite cuts both sides to integers first')
  }
}

function integers(operator: ArithmeticOperator, first: Term, second: Term): Term {
  const [a, b] = [`${first.sql}::bigint`, second.sql]
  switch (operator) {
    case '+':
    case '-':
    case '*': {
      const bound = operator === '*' ? first.bound * second.bound : first.bound + second.bound
      return term('integer', `(${a} ${operator} ${b})`, { bound: bound < int64 ? bound : int64 })
    }
    case '/':
    case '%':
      return term('integer', `(${a} ${operator} nullif(${b}, 0))`, { bound: first.bound })
    case '&':
    case '|':
      return term('integer', `(${a} ${operator} ${b})`)
    default:
      throw new Refusal('SQLite shifts differently by large and negative amounts')
  }
}
