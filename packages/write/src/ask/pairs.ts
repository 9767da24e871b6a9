import { compileRow, createCopyBuffer } from '@rowferry/coerce'
import type { Cast } from '@rowferry/coerce'
import type { SourceRow } from '@rowferry/introspect'
import type { RowKey, RowRules, Session } from '@rowferry/postgres'
import type { Tuple } from '../isolate.ts'
import type { RowRequest } from '../reading.ts'
import { integersOf, readingOf, readRows, valuesOf, writtenCasts } from '../reading.ts'
import { givenRows, PLACE } from './given.ts'
import { keyColumns, keyParts, matches, ROWS, withSources } from './questions.ts'
import { askReadOnly } from './read-only.ts'

/** Two rows of the source, by their numbers from 1. */
export type Pair = readonly [row: number, first: number]

const PAIRS = 500

/** Reads these rows once more, by their numbers; stops when it has them all. */
export async function readRowsAt(request: RowRequest, ordinals: ReadonlySet<number>): Promise<Map<number, SourceRow>> {
  const found = new Map<number, SourceRow>()
  let ordinal = 0
  if (ordinals.size === 0) return found
  for await (const batch of readRows(request, readingOf(request.table))) {
    for (const row of batch) if (ordinals.has(++ordinal)) found.set(ordinal, row)
    if (found.size === ordinals.size) break
  }
  return found
}

/** Which of these pairs the key's own operators hold equal: equal hashes only make it likely. `rows` are as `readRowsAt` gave them. */
export async function confirmPairs(
  session: Session,
  request: RowRequest,
  rules: RowRules,
  key: RowKey,
  pairs: readonly Pair[],
  rows: ReadonlyMap<number, SourceRow>,
): Promise<Pair[]> {
  const { table } = request
  const wanted = withSources(keyColumns(rules, key), rules)
  const casts = writtenCasts(table).filter(({ target }) => wanted.includes(target))
  const values = valuesOf(table, casts)
  const given = givenRows(casts, rules)
  const encoder = compileRow(casts, { integers: integersOf(table) })
  const size = Math.max(1, Math.min(PAIRS, Math.floor(given.limit / 2)))
  const confirmed: Pair[] = []
  for (let at = 0; at < pairs.length; at += size) {
    const some = pairs.slice(at, at + size)
    const buffer = createCopyBuffer()
    const tuples = some.flat().map((ordinal): Tuple => {
      const row = rows.get(ordinal)!
      const start = buffer.position
      encoder.encode(
        values.map((valueOf) => valueOf(row)),
        buffer,
      )
      return { start, end: buffer.position, row, ordinal }
    })
    const found = await askReadOnly(session, () =>
      session.query(
        `WITH sent AS MATERIALIZED (SELECT ${[...keyParts(key).map((part, index) => `${part} AS k${index}`), `${ROWS}.${PLACE} AS place`].join(', ')} FROM ${given.from(tuples.length, keyColumns(rules, key))})
         SELECT a.place FROM sent AS a JOIN sent AS b ON b.place = a.place + 1 AND a.place % 2 = 1 AND ${matches(
           key,
           (index) => `a.k${index}`,
           key.keys.map((_, index) => `b.k${index}`),
         )} ORDER BY 1`,
        given.parameters(tuples, buffer.bytes),
      ),
    )
    for (const { place } of found) confirmed.push(some[(Number(place) - 1) / 2]!)
  }
  return confirmed
}

/** The rows that an EXCLUDE constraint would refuse beside an earlier one, each with the first such. All of them are sent at once. */
export async function excludedPairs(
  session: Session,
  casts: readonly Cast[],
  rules: RowRules,
  key: RowKey,
  tuples: readonly Tuple[],
  bytes: Buffer,
): Promise<Pair[]> {
  const given = givenRows(casts, rules)
  const where = key.where === null ? '' : ` WHERE (${key.where})`
  const found = await askReadOnly(session, () =>
    session.query(
      `WITH sent AS MATERIALIZED (SELECT ${[...keyParts(key).map((part, index) => `${part} AS k${index}`), `${ROWS}.${PLACE} AS place`].join(', ')} FROM ${given.from(tuples.length, keyColumns(rules, key))}${where})
       SELECT a.place, pg_catalog.min(b.place) AS first FROM sent AS a JOIN sent AS b ON b.place < a.place AND ${matches(
         key,
         (index) => `a.k${index}`,
         key.keys.map((_, index) => `b.k${index}`),
       )} GROUP BY a.place ORDER BY a.place`,
      given.parameters(tuples, bytes),
    ),
  )
  return found.map(({ place, first }) => [tuples[Number(place) - 1]!.ordinal, tuples[Number(first) - 1]!.ordinal])
}
