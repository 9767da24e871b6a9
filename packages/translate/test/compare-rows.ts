import { tableRelation } from '../src/select/relation.ts'
import type { ViewColumn } from '../src/view.ts'
import { tables } from './sample.ts'

export const relations = tables.map(({ name, columns }) =>
  tableRelation({
    name,
    target: { schema: 'public', name },
    columns,
    rowid: columns[0]!.name,
    keys: [[columns[0]!.name]],
  }),
)

export type Cell = number | bigint | string | Buffer | null

type Rows = readonly (readonly Cell[])[]

/**
 * Rows of both sides as texts that are the same for the same values, sorted. Sums that differ only in their last digits may round to different sides of a
 * boundary: they are the same if they round alike on one of two grids that lie half a step apart.
 */
export function canonical(
  ours: Rows,
  theirs: Rows,
  columns: readonly ViewColumn[],
): { ours: string[]; theirs: string[] } {
  const onGrid = (stretch: number) => {
    const texts = (rows: Rows): string[] =>
      rows.map((row) => JSON.stringify(row.map((value, at) => cell(value, columns[at]!, stretch)))).toSorted()
    return { ours: texts(ours), theirs: texts(theirs) }
  }
  const plain = onGrid(1)
  return plain.ours.join() === plain.theirs.join() || columns.every(({ fuzzy }) => !fuzzy) ? plain : onGrid(1 + 3e-11)
}

function cell(value: Cell, { type, fuzzy }: ViewColumn, stretch: number): unknown {
  if (value === null) return null
  if (type === 'boolean') return typeof value === 'string' ? value === 't' : Number(value) === 1
  if (type === 'double precision' || type.startsWith('numeric') || type === 'real') {
    if (typeof value === 'string' && !/^[-\dIN]/.test(value)) return value
    const number = Number(value)
    return fuzzy ? (number * stretch).toPrecision(11) : String(number + 0)
  }
  if (type === 'bytea') return typeof value === 'string' ? value : `\\x${Buffer.from(value as Buffer).toString('hex')}`
  // A class that is not the type's own must not look the same
  if (type === 'bigint' || type === 'integer') return typeof value === 'number' ? `real ${value}` : value.toString()
  if (type === 'text' && typeof value !== 'string') return `no text ${value.toString()}`
  return value.toString()
}
