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

/** Rows of either side as texts that are the same for the same values, sorted. */
export function canonical(rows: readonly (readonly Cell[])[], columns: readonly ViewColumn[]): string[] {
  return rows.map((row) => JSON.stringify(row.map((value, at) => cell(value, columns[at]!)))).toSorted()
}

function cell(value: Cell, { type, fuzzy }: ViewColumn): unknown {
  if (value === null) return null
  if (type === 'boolean') return typeof value === 'string' ? value === 't' : Number(value) === 1
  if (type === 'double precision' || type.startsWith('numeric') || type === 'real') {
    if (typeof value === 'string' && !/^[-\dIN]/.test(value)) return value
    const number = Number(value)
    return fuzzy ? number.toPrecision(11) : String(number + 0)
  }
  if (type === 'bytea') return typeof value === 'string' ? value : `\\x${Buffer.from(value as Buffer).toString('hex')}`
  // A class that is not the type's own must not look the same
  if (type === 'bigint' || type === 'integer') return typeof value === 'number' ? `real ${value}` : value.toString()
  if (type === 'text' && typeof value !== 'string') return `no text ${value.toString()}`
  return value.toString()
}
