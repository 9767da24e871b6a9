import { InvalidText, type SourceRow, type SourceValue } from '@rowferry/introspect'
import type { KeyColumn, Layout } from './layout.ts'
import { columnOf } from './quote.ts'

/** The rows after a key, as one range of the table's b-tree. */
export interface Range {
  /** `FROM … WHERE … ORDER BY … LIMIT ?`; the limit is the last parameter. */
  readonly tail: string
  readonly parameters: readonly unknown[]
}

/**
 * What comes after a key (a, b), in the key's own order: first those with the same a and a later b, then those with a later a. Each is one seek,
 * whatever the directions; a row value comparison would allow one direction only.
 */
export function rangesAfter(layout: Layout, after: SourceRow | undefined): readonly Range[] {
  const { key } = layout
  if (after === undefined) return [{ tail: `FROM ${layout.sql} AS t ${orderOf(key)} LIMIT ?`, parameters: [] }]
  return key.map((_, from) => {
    const level = key.length - 1 - from
    const same = key
      .slice(0, level)
      .map((column, at) => `${sides(column, after[at])[0]} = ${sides(column, after[at])[1]}`)
    const last = key[level] as KeyColumn
    const [column, value] = sides(last, after[level])
    const where = [...same, `${column} ${last.descending ? '<' : '>'} ${value}`].join(' AND ')
    return {
      tail: `FROM ${layout.sql} AS t WHERE ${where} ${orderOf(key.slice(level))} LIMIT ?`,
      parameters: after.slice(0, level + 1).map(bindable),
    }
  })
}

/** The table's first rows, in the reading order, in the place of all. */
export function firstRows(layout: Layout, rows: number): Layout {
  const { key, sql } = layout
  return {
    ...layout,
    sql: `(SELECT * FROM ${sql} AS t ${key.length === 0 ? 'NOT INDEXED' : orderOf(key)} LIMIT ${BigInt(rows)})`,
  }
}

function orderOf(key: readonly KeyColumn[]): string {
  const terms = key.map((column) => `${collated(column)}${column.descending ? ' DESC' : ''}`)
  return terms.length === 0 ? '' : `ORDER BY ${terms.join(', ')}`
}

function collated(column: KeyColumn): string {
  return `${columnOf(column.name)} COLLATE ${column.collation}`
}

/** Text that is not valid travels as its bytes; the plus keeps CAST from lending its affinity to the other side. */
function sides(column: KeyColumn, value: SourceValue | undefined): readonly [string, string] {
  return [collated(column), value instanceof InvalidText ? '+CAST(? AS TEXT)' : '?']
}

function bindable(value: SourceValue): unknown {
  return value instanceof InvalidText ? value.bytes : value
}
