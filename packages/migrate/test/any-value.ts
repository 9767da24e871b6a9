import fc from 'fast-check'
import type { Target } from './any-type.ts'

/** What SQLite is given, and the text that it is to PostgreSQL where it has one. */
export interface Stored {
  readonly class: 'null' | 'integer' | 'real' | 'text' | 'blob' | 'invalid text'
  readonly bound: bigint | number | string | Buffer | null
  readonly text: string | null
}

const nothing = (): Stored => ({ class: 'null', bound: null, text: null })
const integer = (bound: bigint): Stored => ({ class: 'integer', bound, text: String(bound) })
const text = (bound: string): Stored => ({ class: 'text', bound, text: bound })
const blob = (bytes: Uint8Array): Stored => ({ class: 'blob', bound: Buffer.from(bytes), text: null })
const real = (bound: number): Stored => ({ class: 'real', bound, text: realText(bound) })

/** The shortest decimal that is this double, which no integer reads like. */
function realText(value: number): string {
  if (Object.is(value, -0)) return '-0.0'
  const shortest = String(value)
  return /^-?\d+$/.test(shortest) ? `${shortest}.0` : shortest
}

const edges = [7, 8, 15, 16, 31, 32, 53, 63].flatMap((bits) =>
  [-1n, 0n, 1n].flatMap((by) => [2n ** BigInt(bits) + by, -(2n ** BigInt(bits)) + by]),
)
const integers = fc
  .oneof(
    fc.bigInt({ min: -20n, max: 20n }),
    fc.constantFrom(...edges),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  )
  .filter((value) => value >= -(2n ** 63n) && value < 2n ** 63n)
const reals = fc.oneof(
  fc.double({ noNaN: true }),
  fc.float({ noNaN: true }),
  fc.integer({ min: -9999, max: 9999 }).map((cents) => cents / 100),
  fc.integer({ min: -40_000, max: 40_000 }),
  fc.constantFrom(
    0,
    -0,
    0.1,
    1e21,
    1e-7,
    5e-324,
    1.7976931348623157e308,
    2 ** 53,
    2 ** 63,
    3.4028235e38,
    Infinity,
    -Infinity,
  ),
)

const touches = [
  ...Array.from(' +-.:,;/\\"\'eETZtz_0129{}[]()<>=|x\t\n\u00a0é👢\0'),
  '  ',
  ' BC',
  'Z',
  '00',
  '.0',
  '+02',
  'NaN',
  'now',
]
const change = fc.record({
  at: fc.nat(60),
  kind: fc.constantFrom('insert', 'replace', 'remove', 'double', 'upper', 'lower'),
  touch: fc.constantFrom(...touches),
})

function bend(given: string, changes: readonly { at: number; kind: string; touch: string }[]): string {
  let bent = given
  for (const { at, kind, touch } of changes) {
    const i = at % (bent.length + 1)
    if (kind === 'insert') bent = bent.slice(0, i) + touch + bent.slice(i)
    else if (kind === 'replace') bent = bent.slice(0, i) + touch + bent.slice(i + 1)
    else if (kind === 'remove') bent = bent.slice(0, i) + bent.slice(i + 1)
    else if (kind === 'double') bent = bent.slice(0, i) + bent.slice(Math.max(0, i - 1))
    else bent = kind === 'upper' ? bent.toUpperCase() : bent.toLowerCase()
  }
  return bent.toWellFormed()
}

const unreadable = fc
  .constantFrom('ff', '61ff62', 'c328', 'e28228', 'f0288cbc', 'eda080', 'c0af')
  .map((hex): Stored => ({ class: 'invalid text', bound: Buffer.from(hex, 'hex'), text: null }))

/** A value for a column of the type: often one that fits or nearly does, else of any class and kind. `others`: texts of all types. */
export function valueFor(target: Target, others: fc.Arbitrary<string>): fc.Arbitrary<Stored> {
  const near = fc
    .tuple(target.texts, fc.array(change, { minLength: 1, maxLength: 2 }))
    .map(([given, changes]) => text(bend(given, changes)))
  return fc.oneof(
    { weight: 10, arbitrary: target.texts.map(text) },
    { weight: 7, arbitrary: near },
    { weight: 2, arbitrary: others.map(text) },
    { weight: 3, arbitrary: integers.map(integer) },
    { weight: 3, arbitrary: reals.map(real) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }).map(blob) },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(blob) },
    { weight: 1, arbitrary: unreadable },
    { weight: 1, arbitrary: fc.constant(null).map(nothing) },
  )
}
