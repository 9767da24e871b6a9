import { int64, integerOf, isNumber, type Term, term } from './term.ts'
import { Refusal } from './translation.ts'

/** One type for several results, or a refusal: PostgreSQL wants one, SQLite keeps each as it is. */
export function unify(terms: readonly Term[], inQuery = false): { as: Term; sql: string[] } {
  const kinds = new Set(terms.filter(({ kind }) => kind !== 'null').map(({ kind }) => kind))
  const bits = terms.every(
    (one) => one.kind === 'boolean' || one.kind === 'null' || integerOf(one) === 0n || integerOf(one) === 1n,
  )
  if (kinds.has('boolean') && bits) {
    return {
      as: term('boolean', ''),
      sql: terms.map((one) => (one.kind === 'integer' ? String(integerOf(one) === 1n) : sqlOf(one))),
    }
  }
  const others = terms.filter((one) => one.kind !== 'null' && integerOf(one) === null)
  const [kind] = [...new Set(others.map((one) => one.kind)), ...kinds]
  const alike =
    (others.every((one) => one.kind === kind) && [...kinds].every((one) => one === kind || one === 'integer')) ||
    // Whatever PostgreSQL makes of them together, no double is changed by it
    (inQuery && [...kinds].every((one) => one === 'integer' || one === 'numeric' || one === 'double'))
  const small = terms.every((one) => integerOf(one) === null || one.bound <= 1n << 53n)
  if (
    kind === undefined ||
    !alike ||
    (kinds.size > 1 && !(isNumber(term(kind, '')) && (small || inQuery))) ||
    kind === 'other' ||
    kind === 'wide'
  ) {
    throw new Refusal('its results have several types')
  }
  const bound = terms.reduce(
    (largest, one) => (one.kind === 'integer' && one.bound > largest ? one.bound : largest),
    0n,
  )
  const floating = kinds.has('double') || (kinds.has('numeric') && kinds.size > 1)
  const classes = new Set(terms.filter((one) => one.kind !== 'null').map((one) => one.numberClass))
  const [only] = classes
  return {
    as: term(inQuery && floating ? 'double' : kind, '', {
      numberClass: classes.size === 1 && only ? only : 'unknown',
      fuzzy: terms.some(({ fuzzy }) => fuzzy),
      bound: kind === 'integer' ? bound : int64,
      mixed: terms.some(({ mixed }) => mixed),
    }),
    sql: terms.map(sqlOf),
  }
}

/** A column that holds nothing but NULL is of some type to PostgreSQL, a bare NULL is of any. */
function sqlOf(of: Term): string {
  return of.kind === 'null' ? 'NULL' : of.sql
}
