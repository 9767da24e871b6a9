import { double, doubleSql } from './double.ts'
import { asInteger, integerOf, isNumber, type Term } from './term.ts'
import { Refusal } from './translation.ts'

const longest = 4000

/**
 * round(): SQLite rounds the exact value of a double half away from zero, so that round(2.675, 2) is 2.67. PostgreSQL rounds decimals, and makes decimals
 * of fifteen digits out of doubles; the exact value is had by taking its bits below the point as an integer.
 */
export function round(of: Term, digits: Term | undefined): Term {
  const places = digits ? integerOf(digits) : 0n
  if (places === null || places < 0n || places > 8n)
    throw new Refusal('round() is not given a number of digits from 0 to 8')
  const operand = asInteger(of)
  if (!isNumber(operand) || operand.kind === 'wide') throw new Refusal('round() takes for a number what is none')
  const { fuzzy } = operand
  const value = doubleSql(operand)
  if (operand.kind === 'integer' && operand.numberClass === 'integer') return double(value, { numberClass: 'real' })
  if (value.length > longest) throw new Refusal('round() is given an expression that is too long')
  const rounded =
    places === 0n
      ? `trunc(${value} + (CASE WHEN ${value} < 0 THEN -0.5 ELSE 0.5 END))`
      : `round(trunc(${value})::bigint + ${belowPoint(value, places)}, ${places})::double precision`
  return double(`(CASE WHEN abs(${value}) < 4503599627370496 THEN ${rounded} ELSE ${value} END)`, {
    numberClass: 'real',
    fuzzy,
  })
}

/** What is small enough to be rounded to nothing may lose bits. */
function belowPoint(value: string, places: bigint): string {
  const bits = (sql: string, power: number): string =>
    `(${sql} * ${2n ** BigInt(power)}::double precision)::bigint * ${negativePower(power)}`
  const whole = bits(`(${value} - trunc(${value}))`, 62)
  if (places <= 2n) return whole
  const small = `WHEN abs(${value}) < ${negativePower(10)} THEN ${bits(value, 72)}`
  const smaller = places <= 5n ? '' : `WHEN abs(${value}) < ${negativePower(20)} THEN ${bits(value, 82)} `
  return `(CASE ${smaller}${small} ELSE ${whole} END)`
}

/** 2 to a negative power, whole: 5^n in the n-th place. */
function negativePower(power: number): string {
  return `0.${String(5n ** BigInt(power)).padStart(power, '0')}`
}
