import type { SourceRow } from '@rowferry/introspect'
import type { Comparison } from './comparison.ts'
import type { Mismatch } from './expectation.ts'
import { showRow, showSource } from './show.ts'
import type { Tuple } from './tuples.ts'

export function differentRow(
  comparison: Comparison,
  row: SourceRow,
  position: number,
  tuple: Tuple,
  cell: number,
): Mismatch {
  const { expected } = comparison
  return {
    kind: 'different',
    key: nameRow(comparison, row, position),
    column: expected.columns[cell]!.target,
    source: showAgreed(comparison, row, cell),
    target: showCell(comparison, tuple, cell),
  }
}

export function missingRow(comparison: Comparison, row: SourceRow, position: number): Mismatch {
  const cells = comparison.from.map((_, cell) => showAgreed(comparison, row, cell))
  return {
    kind: 'missing',
    key: nameRow(comparison, row, position),
    column: null,
    source: showRow(cells),
    target: null,
  }
}

export function extraRow(comparison: Comparison, tuple: Tuple, position: number): Mismatch {
  const { expected, forms, keyCells } = comparison
  const key = keyCells.map(
    (cell, i) => `${expected.key[i] ?? expected.columns[cell]!.target}=${bare(showCell(comparison, tuple, cell))}`,
  )
  return {
    kind: 'extra',
    key: key.length === 0 ? `target row ${position}` : key.join(', '),
    column: null,
    source: null,
    target: showRow(forms.map((_, cell) => showCell(comparison, tuple, cell))),
  }
}

/** `id=3`, or `row 17`: its row identifier, or its place in the reading where there is none. */
function nameRow(comparison: Comparison, row: SourceRow, position: number): string {
  const { expected, keyFrom } = comparison
  const shown = keyFrom.map((from) => bare(showStored(comparison, row, from)))
  if (expected.key.length > 0) return expected.key.map((column, i) => `${column}=${shown[i]}`).join(', ')
  return `row ${shown[0] ?? position}`
}

function showAgreed(comparison: Comparison, row: SourceRow, cell: number): string {
  const fill = comparison.fills[cell]
  return fill === undefined ? showStored(comparison, row, comparison.from[cell]!) : showSource(fill, false)
}

function showStored({ numbersAreReals }: Comparison, row: SourceRow, from: number): string {
  return showSource(row[from] ?? null, numbersAreReals[from] ?? false)
}

const bare = (shown: string): string => shown.replace(/^"(.*)"$/, '$1')

function showCell({ forms }: Comparison, { bytes, at, size }: Tuple, cell: number): string {
  return size[cell]! < 0 ? 'NULL' : forms[cell]!.show(bytes, at[cell]!, size[cell]!)
}

/** A copy that outlives the stream. */
export function keepTuple({ bytes, at, size }: Tuple): Tuple {
  const start = at[0] ?? 0
  const end = at.reduce((furthest, from, i) => Math.max(furthest, from + Math.max(size[i]!, 0)), start)
  return { bytes: Buffer.from(bytes.subarray(start, end)), at: at.map((from) => from - start), size: size.slice() }
}
