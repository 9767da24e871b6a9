import { counted } from '@rowferry/report'
import type { TableReport } from '@rowferry/report'
import type { ChunkDigest } from '@rowferry/verify'

/** Rows between two ends of chunks, of which some are not what they were. */
interface Range {
  readonly after: string | null
  readonly upTo: string | null
  /** How many there were, and are. */
  readonly was: number
  readonly is: number
  /** One chunk of the proof against one of now: the same number of rows, and they differ all the same. */
  readonly isOne: boolean
}

/** Null where the proof does not tell: made without keys by an older version. */
export function endsOf(chunks: readonly ChunkDigest[]): string[] | null {
  const ends = chunks.flatMap(({ last }) => (last === null ? [] : [last]))
  return ends.length === chunks.length ? ends : null
}

/** `found` is cut at the ends of the proof's chunks; where one of these is gone, its chunk and the next are one. */
export function differingRanges(proven: readonly ChunkDigest[], found: readonly ChunkDigest[]): Range[] {
  const sum = (chunks: readonly ChunkDigest[]): number => chunks.reduce((all, { rows }) => all + rows, 0)
  const ranges: Range[] = []
  let at = 0
  let after: string | null = null
  for (const [i, chunk] of found.entries()) {
    const end = proven.findLastIndex((each, j) => j >= at && each.last === chunk.last)
    const upTo = end < 0 ? proven.length - 1 : end
    const covered = proven.slice(at, upTo + 1)
    if (covered.length !== 1 || covered[0]!.sha256 !== chunk.sha256) {
      const isOpen = i === found.length - 1 && end < 0
      ranges.push({
        after,
        upTo: isOpen ? null : chunk.last,
        was: sum(covered),
        is: chunk.rows,
        isOne: covered.length === 1,
      })
    }
    at = upTo + 1
    after = chunk.last
  }
  const left = proven.slice(at)
  return left.length > 0 ? [...ranges, { after, upTo: null, was: sum(left), is: 0, isOne: false }] : ranges
}

const LISTED = 20

/** Of a table with a key, which names the ranges. */
export function sayRanges(key: readonly string[], ranges: readonly Range[]): TableReport['mismatches'] {
  return ranges.slice(0, LISTED).map(({ after, upTo, was, is }) => {
    const ends = [
      ...(after === null ? [] : [`after ${named(key, after)}`]),
      ...(upTo === null ? [] : [`up to ${named(key, upTo)}`]),
    ]
    return {
      kind: 'different',
      key: ends.join(', ') || 'all rows',
      column: null,
      source: `${was} rows`,
      target: `${is} rows${was === is ? ', of which some differ' : ''}`,
    }
  })
}

function named(key: readonly string[], values: string): string {
  const cells = values.split('\t')
  return key.map((column, i) => `${column}=${cells[i]}`).join(', ')
}

/** Of a table without a key, of which only digests of rows tell: how many are gone, and how many came, at least. A row that was changed is one of each. */
export function sayLeast(was: number, is: number, ranges: readonly Range[]): TableReport['mismatches'] {
  if (ranges.length === 0) return []
  const least = (from: 'was' | 'is', to: 'was' | 'is'): number => {
    const ofRange = (range: Range): number =>
      range.was === range.is ? Number(range.isOne) : Math.max(0, range[from] - range[to])
    // As many rows as before, and the table is not the same: one at least was taken for another
    return Math.max(
      Number(was === is),
      ranges.reduce((sum, range) => sum + ofRange(range), 0),
    )
  }
  return [
    {
      kind: 'different',
      key: 'all rows',
      column: null,
      source: `${counted(was, 'row')}, at least ${least('was', 'is')} of them not there any more`,
      target: `${counted(is, 'row')}, at least ${least('is', 'was')} of them new`,
    },
  ]
}
