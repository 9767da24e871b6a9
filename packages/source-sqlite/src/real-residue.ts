import type { Handle } from './handle.ts'
import type { Layout } from './layout.ts'
import { columnOf } from './quote.ts'

const PRIME = 2147483647
/** 2^62, a multiplication by which is exact, and leaves a residue modulo 2^31 − 1 as it is. SQLite reads these digits exactly. */
const SCALE = '4611686018427387904.0'

/** Exact from 2^-9 to 2^63: the whole part, and 62 binary places. */
function nearResidue(real: string): string {
  const places = `(${real} - CAST(${real} AS INTEGER)) * ${SCALE}`
  return `CAST(${real} AS INTEGER) % ${PRIME} + CAST(${places} AS INTEGER) % ${PRIME}`
}

/** 1 of -0.0, which equals 0.0 and is printed like it. */
const ofNought = (real: string): string => `atan2(${real}, -1) < 0`

const between = (real: string, least: string, most: string): string =>
  `${real} BETWEEN ${least} AND ${most} OR ${real} BETWEEN -${most} AND -${least}`

/**
 * To be summed over reals: `residueOfSum` tells what it means. Most reals take the first branch; some small and large ones are multiplied or divided by 2^62, so
 * that a few of them in a column do not cost it a second pass.
 */
export function realResidue(column: string): string {
  return `CASE WHEN ${between(column, '0.002', '4e18')} THEN ${nearResidue(column)}
    WHEN ${column} = 0 THEN ${ofNought(column)}
    WHEN ${between(column, '1e-21', '0.002')} THEN ${nearResidue(`(${column} * ${SCALE})`)}
    WHEN ${between(column, '4e18', '1e37')} THEN ${nearResidue(`(${column} / ${SCALE})`)} ELSE 0.5 END`
}

/** Null where a real was so near to 0, or so far from it, that `farResidues` is to be asked: then, and only then, the sum is no integer. */
export function residueOfSum(sum: unknown): number | null {
  if (sum === null) return 0
  return typeof sum === 'bigint' ? Number(((sum % BigInt(PRIME)) + BigInt(PRIME)) % BigInt(PRIME)) : null
}

const columnsAtOnce = 40

/** The same of columns with reals of any size, in the order given; slower. */
export function farResidues(db: Handle, layout: Layout, columns: readonly string[]): number[] {
  const residues: number[] = []
  for (let from = 0; from < columns.length; from += columnsAtOnce) {
    const some = columns.slice(from, from + columnsAtOnce)
    const sums = some.map((_, at) => {
      const real = `y${at}`
      return `sum(CASE ${real} WHEN 9e999 THEN 2 WHEN -9e999 THEN 3 WHEN 0 THEN ${ofNought(real)} ELSE ${nearResidue(real)} END)`
    })
    const scaled = some.map((name, at) => `${scaledReal(columnOf(name))} AS y${at}`)
    // A query with a limit is not merged into an aggregate around it, so that each value is scaled once: https://www.sqlite.org/optoverview.html#flattening
    const found = db
      .prepare(`SELECT ${sums.join(', ')} FROM (SELECT ${scaled.join(', ')} FROM ${layout.sql} AS t LIMIT -1)`)
      .raw()
      .safeIntegers()
      .get() as (bigint | null)[]
    residues.push(...found.map((sum) => residueOfSum(sum) ?? 0))
  }
  return residues
}

/** A real with the same residue from 2^-9 to 2^63; 0 and infinities as they are, NULL for anything else. */
function scaledReal(column: string): string {
  const size = `abs(${column})`
  const times = Array.from({ length: 16 }, (_, at) => at + 1)
  const power = (of: number): string => `(${Array.from({ length: of }, () => SCALE).join(' * ')})`
  const up = times.map((of) => `WHEN ${size} >= ${0.004 * 2 ** (-62 * of)} THEN ${column} * ${power(of)}`)
  const down = times.slice(1).map((of) => `WHEN ${size} > ${1e16 * 2 ** (62 * of - 62)} THEN ${column} / ${power(of)}`)
  return `CASE WHEN typeof(${column}) <> 'real' THEN NULL
    WHEN ${size} BETWEEN 0.002 AND 4e18 OR ${column} = 0 OR ${size} = 9e999 THEN ${column}
    WHEN ${size} < 1 THEN CASE ${up.join(' ')} ELSE ${column} * ${power(16)} * ${SCALE} END
    ELSE CASE ${down.toReversed().join(' ')} ELSE ${column} / ${power(1)} END END`
}
