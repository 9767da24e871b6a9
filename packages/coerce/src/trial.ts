import type { PgType, SourceRow, SourceValue } from '@rowferry/introspect'
import { createCopyBuffer } from './buffer.ts'
import { agreement } from './agreement.ts'
import type { ValueRules } from './cast.ts'
import type { CellEncoder, CellValue } from './cell.ts'
import { goesThroughText, resolveDomain, unsupported } from './compile-cell.ts'
import type { CopyBuffer } from './encoder.ts'
import type { IntegerMode } from './example.ts'
import { escapeExample } from './example.ts'
import { impossible } from './refusal.ts'
import type { QuickWay } from './quick.ts'
import { fitsQuickly, noWay, quickWay } from './quick.ts'
import type { EncoderOptions } from './row.ts'
import { compileLoneColumn } from './row.ts'
import { builtinType, formatType } from './type-name.ts'
import { probeBytes } from './types/bytes.ts'
import { probeText } from './types/text.ts'

export interface TrialColumn {
  readonly name: string
  /**
   * Best first. `text` and then `bytea` are tried after them. Where `text` is among them and no value was seen, it is `text`:
   * a column that may hold anything shall not become a number for want of data.
   */
  readonly candidates: readonly PgType[]
  /** What the user said of the values: they are tried as the mends, the map and the epoch leave them. */
  readonly rules?: Pick<ValueRules, 'mends' | 'map' | 'epoch'>
  /** Text that spells a number may become one: for a column that references numbers. Default false: a postcode is no number. */
  readonly numbersInText?: boolean
}

export interface Contradiction {
  readonly type: PgType
  /** Values seen that the type does not hold losslessly. */
  readonly count: number
  readonly firstExample: string
}

export interface TrialResult {
  /** The first candidate that holds every value seen losslessly; when none does, `text`; `bytea` where that comes first and refuses no more of them. */
  readonly type: PgType
  readonly because: string
  /** The candidates that were passed over, in their order, and what spoke against each; all of them when none holds everything. */
  readonly contradicted: readonly Contradiction[]
  readonly sawNull: boolean
  readonly rows: number
}

/**
 * Rows are shown to it one by one; it then says which types hold them. As long as a column's first candidate holds everything, no other is tried;
 * when it fails, the others have missed the rows before, which then have to be shown again.
 */
export interface Trial {
  /** `row[i]` belongs to column i of the trial; further values are ignored. */
  see(row: SourceRow): void
  /** So many of the first rows are to be shown once more, in the same order, with `seeAgain`; 0 in the usual case. */
  readonly owed: number
  seeAgain(row: SourceRow): void
  /** One entry per column, about the rows seen so far. Throws a RangeError while rows are owed. */
  results(): readonly TrialResult[]
}

interface Candidate {
  readonly type: PgType
  readonly encode: CellEncoder
  count: number
  firstRow: number
  firstExample: string
}

/** Finds the types of created columns: every value is tried on every candidate, so that the answer rests on all of the data and not on a sample. */
export function compileTrial(columns: readonly TrialColumn[], options: EncoderOptions = {}): Trial {
  const integers = options.integers ?? 'auto'
  const trials = columns.map(({ candidates, rules = {}, numbersInText = false }) =>
    withFallbacks(candidates).map((type) => openCandidate(type, rules, integers, numbersInText)),
  )
  const ways = columns.map(({ candidates, rules = {} }): QuickWay =>
    isPlain(rules) && candidates[0] ? quickWay(resolveDomain(candidates[0]).type) : noWay,
  )
  const mended = columns.map(({ candidates, rules = {} }) =>
    agreement({ mends: rules.mends ?? [] }, candidates.find(({ name }) => /^jsonb?$/.test(name)) ?? text, integers),
  )
  const nulls = columns.map(() => 0)
  /** Rows that all candidates but the first have missed; null while the first alone is tried. */
  const missed: (number | null)[] = columns.map(() => null)
  const scratch = createCopyBuffer(4096)
  let rows = 0
  let owed = 0
  let again = 0
  const valueAt = (row: SourceRow, i: number): SourceValue => {
    const stored = row[i] as SourceValue
    const mend = mended[i] ?? null
    return mend === null ? stored : mend(stored)
  }

  return {
    get owed() {
      return owed - again
    },
    see(row) {
      rows++
      for (let i = 0; i < trials.length; i++) {
        const value = valueAt(row, i)
        if (value === null) {
          nulls[i] = (nulls[i] as number) + 1
          continue
        }
        if (missed[i] === null && fitsQuickly(ways[i] as QuickWay, value)) continue
        const candidates = trials[i] as Candidate[]
        if (!fits(candidates[0] as Candidate, value, scratch, rows)) {
          if (missed[i] === null) {
            // NULLs are nothing to miss
            missed[i] = nulls[i] === rows - 1 ? 0 : rows - 1
            owed = Math.max(owed, missed[i] as number)
          }
          tryRest(candidates, value, scratch, rows)
        } else if (missed[i] !== null) tryRest(candidates, value, scratch, rows)
      }
    },
    seeAgain(row) {
      again++
      for (let i = 0; i < trials.length; i++) {
        if ((missed[i] ?? 0) < again) continue
        const value = valueAt(row, i)
        if (value !== null) tryRest(trials[i] as Candidate[], value, scratch, again)
      }
    },
    results() {
      if (owed > again) throw new RangeError(`${owed - again} rows have to be shown again first`)
      return trials.map((candidates, i) => {
        const column = columns[i] as TrialColumn
        const mayBeText = !column.numbersInText && column.candidates.some(({ oid }) => oid === text.oid)
        const asText = rows === nulls[i] && mayBeText
        return conclude(
          asText ? candidates.filter(({ type }) => type.oid === text.oid) : candidates,
          rows,
          nulls[i] as number,
        )
      })
    },
  }
}

const text = builtinType('text')
const bytea = builtinType('bytea')
const numbers = new Set(['int2', 'int4', 'int8', 'float4', 'float8', 'numeric'].map((name) => builtinType(name).oid))
const storedAsText = impossible('NOT_A_NUMBER', 'is stored as text')

function withFallbacks(candidates: readonly PgType[]): readonly PgType[] {
  const missing = [text, bytea].filter(({ oid }) => candidates.every((candidate) => candidate.oid !== oid))
  return [...candidates, ...missing]
}

function isPlain(rules: ValueRules): boolean {
  return rules.map === undefined && rules.epoch === undefined
}

function openCandidate(declared: PgType, rules: ValueRules, integers: IntegerMode, numbersInText: boolean): Candidate {
  const { type } = resolveDomain(declared)
  const plain = isPlain(rules)
  const encode =
    plain && type.oid === text.oid
      ? probeText
      : plain && type.oid === bytea.oid
        ? probeBytes
        : goesThroughText(type)
          ? // What only the server can judge is no answer that rests on the data
            unsupported.encode
          : compileLoneColumn(
              { column: '', target: '', type: declared, notNull: false, rules: { ...rules, mends: [] }, because: '' },
              integers,
            )
  return {
    type: declared,
    encode: plain && !numbersInText && numbers.has(type.oid) ? refusingText(encode) : encode,
    count: 0,
    firstRow: Infinity,
    firstExample: '',
  }
}

/** Text that looks like a number stays text: a postcode is none. Only what is stored as a number makes a column of numbers. */
function refusingText(encode: CellEncoder): CellEncoder {
  return (value, out) => (typeof value === 'string' ? storedAsText : encode(value, out))
}

function fits(candidate: Candidate, value: CellValue, scratch: CopyBuffer, row: number): boolean {
  scratch.position = 0
  if (candidate.encode(value, scratch) === null) return true
  candidate.count++
  if (row < candidate.firstRow) {
    candidate.firstRow = row
    candidate.firstExample = escapeExample(value)
  }
  return false
}

/** All candidates but the first. */
function tryRest(candidates: readonly Candidate[], value: CellValue, scratch: CopyBuffer, row: number): void {
  for (let i = 1; i < candidates.length; i++) fits(candidates[i] as Candidate, value, scratch, row)
}

function conclude(candidates: readonly Candidate[], rows: number, nulls: number): TrialResult {
  const winner = candidates.findIndex(({ count }) => count === 0)
  const passed = winner === -1 ? candidates : candidates.slice(0, winner)
  const contradicted = passed.map(({ type, count, firstExample }) => ({ type, count, firstExample }))
  const because = explainChoice(winner !== -1, contradicted, rows - nulls)
  const { type } = candidates[winner] ?? lesserEvil(candidates)
  return { type, because, contradicted, sawNull: nulls > 0, rows }
}

/** Text, unless bytes were declared and no fewer values are bytes than text. */
function lesserEvil(candidates: readonly Candidate[]): Candidate {
  const [first, second] = candidates.filter(({ type }) => type.oid === text.oid || type.oid === bytea.oid)
  return second && first?.type.oid === bytea.oid && second.count < first.count ? second : (first as Candidate)
}

function explainChoice(holdsAll: boolean, contradicted: readonly Contradiction[], values: number): string {
  if (values === 0) return 'no value speaks against it'
  const all = `all ${values} ${values === 1 ? 'value' : 'values'}`
  const verdict = holdsAll ? `holds ${all}` : `no candidate holds ${all}`
  const [first] = contradicted
  if (first === undefined) return verdict
  return `${verdict}; ${first.count} of ${values} ${first.count === 1 ? 'does' : 'do'} not fit ${formatType(first.type)}, such as ${first.firstExample}`
}
