import type { Cast } from '@rowferry/coerce'
import { goesThroughText, inputType } from '@rowferry/coerce'
import type { RowRules, SessionParameters } from '@rowferry/postgres'
import { quoteIdentifier, quoteTable } from '@rowferry/postgres'
import { fromText } from '../from-text.ts'
import type { Tuple } from '../isolate.ts'
import { ROWS, withSources } from './questions.ts'

/** The place of a row among those that were sent, from 1. */
export const PLACE = '"rowferry place"'
const TEXT_OID = 25

/** Rows sent along with a question, as what they would be once they are in the table, with what it fills in itself. */
export interface Given {
  /** A FROM item named `child`, with the wanted columns; its parameters are `$1` to `$n`. */
  from(rows: number, wanted: readonly string[]): string
  parameters(tuples: readonly Tuple[], bytes: Buffer): SessionParameters
  /** How many rows one question takes. */
  readonly limit: number
}

/**
 * Each column goes as one array in PostgreSQL's own binary form, made of the very cells that COPY would send
 * (https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"; `array_recv` in arrayfuncs.c). There is no array of arrays: with
 * such a column each cell is a parameter. `casts` are the columns sent.
 */
export function givenRows(casts: readonly Cast[], rules: RowRules): Given {
  const cells = casts.some(({ type }) => !goesThroughText(type) && inputType(type).kind === 'array')
  const names = casts.map(({ target }) => quoteIdentifier(target))
  const sent = (rows: number): string => {
    if (!cells) {
      const arrays = casts.map((cast, at) => `pg_catalog.unnest(CAST($${at + 1} AS ${wireType(cast)}[]))`).join(', ')
      return `ROWS FROM (${arrays}) WITH ORDINALITY AS sent(${[...names, PLACE].join(', ')})`
    }
    const row = (place: number) =>
      `(${[...casts.map((cast, at) => `CAST($${place * casts.length + at + 1} AS ${wireType(cast)})`), place + 1].join(', ')})`
    return `(VALUES ${Array.from({ length: rows }, (_, place) => row(place)).join(', ')}) AS sent(${[...names, PLACE].join(', ')})`
  }
  return {
    limit: cells ? Math.max(1, Math.floor(20_000 / casts.length)) : Number.POSITIVE_INFINITY,
    from(rows, wanted) {
      const needed = withSources(wanted, rules)
      const columns = rules.columns.filter(({ name }) => needed.includes(name))
      const filled = columns.flatMap((column) => {
        if (column.generated !== null) return []
        const cast = casts.find(({ target }) => target === column.name)
        return [
          `${cast ? asStored(cast, rules, `sent.${quoteIdentifier(cast.target)}`) : ownValue(column)} AS ${quoteIdentifier(column.name)}`,
        ]
      })
      const generated = columns.flatMap(({ name, generated: expression }) =>
        expression === null ? [] : [`(${expression}) AS ${quoteIdentifier(name)}`],
      )
      const base = `(SELECT ${[...filled, `sent.${PLACE}`].join(', ')} FROM ${sent(rows)}) AS ${ROWS}`
      return generated.length === 0 ? base : `(SELECT *, ${generated.join(', ')} FROM ${base}) AS ${ROWS}`
    },
    parameters: (tuples, bytes) =>
      cells
        ? tuples.flatMap((tuple) =>
            cellsOf(tuple, bytes).map((cell) =>
              cell.length === 4 && cell.readInt32BE(0) < 0 ? null : cell.subarray(4),
            ),
          )
        : arraysOf(casts, tuples, bytes),
  }
}

function wireType(cast: Cast): string {
  return goesThroughText(cast.type) ? 'pg_catalog.text' : quoteTable(inputType(cast.type))
}

/** The value as an assignment to the column makes it: a modifier is met or the value refused, where a cast would cut. */
export function asStored(cast: Cast, rules: RowRules, value: string): string {
  const column = rules.columns.find(({ name }) => name === cast.target)
  const collated = column?.collation ? `(${value} COLLATE ${column.collation})` : value
  if (!goesThroughText(cast.type)) return collated
  // An assignment meets an array's modifier element by element; so does the array's own input, to which JSON's strings are handed with it
  if (column && cast.type.kind === 'array' && cast.type.typmod !== -1)
    return `(SELECT made.value FROM pg_catalog.json_to_record(pg_catalog.json_build_object('value', ${value})) AS made(value ${column.type}))`
  const made = fromText(value, cast.type)
  if (!column?.fit) return made
  const { name, modifier, told } = column.fit
  return `${name}(${made}, ${modifier}${told ? ', false' : ''})`
}

function ownValue(column: RowRules['columns'][number]): string {
  return `CAST(${column.default === null ? 'NULL' : `(${column.default})`} AS ${column.type})`
}

function arraysOf(casts: readonly Cast[], tuples: readonly Tuple[], bytes: Buffer): Buffer[] {
  const rows = tuples.map((tuple) => cellsOf(tuple, bytes))
  return casts.map((cast, at) => {
    const head = Buffer.alloc(tuples.length === 0 ? 12 : 20)
    head.writeInt32BE(tuples.length === 0 ? 0 : 1, 0)
    head.writeInt32BE(1, 4)
    head.writeUInt32BE(goesThroughText(cast.type) ? TEXT_OID : inputType(cast.type).oid, 8)
    if (tuples.length === 0) return head
    head.writeInt32BE(tuples.length, 12)
    head.writeInt32BE(1, 16)
    return Buffer.concat([head, ...rows.map((row) => row[at]!)])
  })
}

/** A tuple's cells, each with the length before it. */
export function cellsOf({ start }: Pick<Tuple, 'start'>, bytes: Buffer): Buffer[] {
  let at = start + 2
  return Array.from({ length: bytes.readInt16BE(start) }, () => {
    const from = at
    at += 4 + Math.max(bytes.readInt32BE(at), 0)
    return bytes.subarray(from, at)
  })
}
