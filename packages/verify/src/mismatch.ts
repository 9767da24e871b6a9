import type { SourceRow } from '@rowferry/introspect'
import { agreedValue, type Comparison } from './comparison.ts'
import type { Mismatch } from './expectation.ts'
import { showRow, showSource, showText } from './show.ts'
import type { Tuple } from './tuples.ts'

export function differentRow(
  comparison: Comparison,
  row: SourceRow,
  position: number,
  tuple: Tuple,
  cell: number,
): Mismatch {
  const { expected } = comparison
  const shown = { source: showAgreed(comparison, row, cell), target: showCell(comparison, tuple, cell) }
  return {
    kind: 'different',
    key: nameRow(comparison, row, position),
    column: expected.columns[cell]!.target,
    ...(shown.source === shown.target ? (showDifference(comparison, row, tuple, cell) ?? shown) : shown),
  }
}

/** Of two long values that look alike where they are cut: what is around the place where they part. */
function showDifference(
  comparison: Comparison,
  row: SourceRow,
  { bytes, at, size }: Tuple,
  cell: number,
): { source: string; target: string } | undefined {
  const form = comparison.forms[cell]!
  const sides = [form.ofSource(agreedValue(comparison, row, cell)), form.ofTarget(bytes, at[cell]!, size[cell]!)].map(
    (side) => (typeof side === 'object' ? Buffer.from(side).toString('hex') : side),
  )
  const [source, target] = sides
  if (source === undefined || target === undefined) return undefined
  let place = 0
  while (place < source.length && source[place] === target[place]) place += 1
  const from = Math.max(0, place - 20)
  const show = (side: string): string => `from ${from + 1}: ${showText(side.slice(from, from + 60))}`
  return { source: show(source), target: show(target) }
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
