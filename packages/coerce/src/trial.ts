import type { PgType, SourceRow, SourceValue } from '@rowferry/introspect'
import { createCopyBuffer } from './buffer.ts'
import type { CellEncoder } from './cell.ts'
import { compileCell, goesThroughText, resolveDomain, unsupported } from './compile-cell.ts'
import type { CopyBuffer } from './encoder.ts'
import type { IntegerMode } from './example.ts'
import { escapeExample } from './example.ts'
import type { EncoderOptions } from './row.ts'
import { builtinType, formatType } from './type-name.ts'
import { probeBytes } from './types/bytes.ts'
import { probeText } from './types/text.ts'

export interface TrialColumn {
  readonly name: string
  /** Best first. `text` and then `bytea` are tried after them. */
  readonly candidates: readonly PgType[]
}

export interface Contradiction {
  readonly type: PgType
  /** Values seen that the type does not hold losslessly. */
  readonly count: number
  readonly firstExample: string
}

export interface TrialResult {
  /** The first candidate that holds every value seen losslessly; `text` when none does, not even `bytea`. */
  readonly type: PgType
  readonly because: string
  /** The candidates that were passed over, in their order, and what spoke against each; all of them when none holds everything. */
  readonly contradicted: readonly Contradiction[]
  readonly sawNull: boolean
  readonly rows: number
}

/** Rows are shown to it one by one; it then says which types hold them. */
export interface Trial {
  /** `row[i]` belongs to column i of the trial; further values are ignored. */
  see(row: SourceRow): void
  /** One entry per column, about the rows seen so far. */
  results(): readonly TrialResult[]
}

interface Candidate {
  readonly type: PgType
  readonly encode: CellEncoder
  count: number
  firstExample: string
}

/** Finds the types of created columns: every value is tried on every candidate, so that the answer rests on all of the data and not on a sample. */
export function compileTrial(columns: readonly TrialColumn[], options: EncoderOptions = {}): Trial {
  const integers = options.integers ?? 'auto'
  const trials = columns.map(({ candidates }) => withFallbacks(candidates).map((type) => openCandidate(type, integers)))
  const nulls = columns.map(() => 0)
  const scratch = createCopyBuffer(4096)
  let rows = 0

  return {
    see(row) {
      rows++
      for (let i = 0; i < trials.length; i++) {
        const value = row[i] as SourceValue
        if (value === null) nulls[i] = (nulls[i] as number) + 1
        else tryAll(trials[i] as Candidate[], value, scratch)
      }
    },
    results: () => trials.map((candidates, i) => conclude(candidates, rows, nulls[i] as number)),
  }
}

const text = builtinType('text')
const bytea = builtinType('bytea')

function withFallbacks(candidates: readonly PgType[]): readonly PgType[] {
  const missing = [text, bytea].filter(({ oid }) => candidates.every((candidate) => candidate.oid !== oid))
  return [...candidates, ...missing]
}

function openCandidate(declared: PgType, integers: IntegerMode): Candidate {
  const { type } = resolveDomain(declared)
  const encode =
    type.oid === text.oid
      ? probeText
      : type.oid === bytea.oid
        ? probeBytes
        : // What only the server can judge is no answer that rests on the data
          (goesThroughText(type) ? unsupported : compileCell({ type, integers, zone: null })).encode
  return { type: declared, encode, count: 0, firstExample: '' }
}

function tryAll(candidates: Candidate[], value: Exclude<SourceValue, null>, scratch: CopyBuffer): void {
  for (let i = 0; i < candidates.length; i++) {
    const candidate = candidates[i] as Candidate
    scratch.position = 0
    if (candidate.encode(value, scratch) === null) continue
    if (candidate.count++ === 0) candidate.firstExample = escapeExample(value)
  }
}

function conclude(candidates: readonly Candidate[], rows: number, nulls: number): TrialResult {
  const winner = candidates.findIndex(({ count }) => count === 0)
  const passed = winner === -1 ? candidates : candidates.slice(0, winner)
  const contradicted = passed.map(({ type, count, firstExample }) => ({ type, count, firstExample }))
  const because = explainChoice(winner !== -1, contradicted, rows - nulls)
  return { type: candidates[winner]?.type ?? text, because, contradicted, sawNull: nulls > 0, rows }
}

function explainChoice(holdsAll: boolean, contradicted: readonly Contradiction[], values: number): string {
  if (values === 0) return 'no value speaks against it'
  const all = `all ${values} ${values === 1 ? 'value' : 'values'}`
  const verdict = holdsAll ? `holds ${all}` : `no candidate holds ${all}`
  const [first] = contradicted
  if (first === undefined) return verdict
  return `${verdict}; ${first.count} of ${values} ${first.count === 1 ? 'does' : 'do'} not fit ${formatType(first.type)}, such as ${first.firstExample}`
}
