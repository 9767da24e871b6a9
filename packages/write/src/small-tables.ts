import type { CopyBuffer } from '@rowferry/coerce'
import { formatTableName } from '@rowferry/introspect'
import type { TablePlan } from '@rowferry/plan'
import { copyInStatement, type Session, type SmallLoaded } from '@rowferry/postgres'
import { changedBy, filledIn, wrappedBy } from './changed.ts'
import { rowsLost } from './error.ts'
import { wrappedFindings } from './findings.ts'
import { encoderOf, keyOf, orInterrupted, readingOf, readRows, rowName, writtenCasts } from './reading.ts'
import { isRowRefusal } from './refusal.ts'
import { needsStaging } from './staging.ts'
import { misfitOf, type TableWrite, type WriteRequest } from './write-table.ts'

const SMALL_ROWS = 4000
const SMALL_BYTES = 256 * 1024

type Written = Extract<TableWrite, { outcome: 'written' }>

/** A table's rows, encoded and not yet sent. */
export interface Gathered {
  readonly request: Omit<WriteRequest, 'session'>
  readonly tuples: Uint8Array
  readonly read: number
  /** What reading and encoding took. */
  readonly ms: number
  readonly changed: Written['changed']
  readonly findings: Written['findings']
}

/** May its rows share the way to the server with those of other tables? Those that COPY takes straight into one table, and as far as the plan knows few. */
export function isSmall(table: TablePlan): boolean {
  return (table.rows ?? Infinity) <= SMALL_ROWS && !table.partitioned && !needsStaging(table)
}

/**
 * Reads and encodes a whole small table; null when it is not small after all, and `writeTable` is to load it. `buffer` may be shared with other tables.
 * @throws WriteError `INTERRUPTED`; whatever the source throws.
 */
export async function gatherTable(
  request: Omit<WriteRequest, 'session'>,
  buffer: CopyBuffer,
): Promise<Gathered | Extract<TableWrite, { outcome: 'misfit' }> | null> {
  const started = performance.now()
  const { table } = request
  const reading = readingOf(table)
  const encoder = encoderOf(table)
  let read = 0
  buffer.position = 0
  for await (const batch of readRows(request, reading)) {
    for (const row of batch) {
      read++
      if (encoder.encode(row, buffer) !== -1) return misfitOf(encoder.explain(row), rowName(keyOf(reading, row, read)))
    }
    if (buffer.position > SMALL_BYTES) return null
  }
  return {
    request,
    tuples: Buffer.from(buffer.bytes.subarray(0, buffer.position)),
    read,
    ms: performance.now() - started,
    changed: [...changedBy(encoder), ...filledIn(table, read)],
    findings: wrappedFindings(table, wrappedBy(encoder)),
  }
}

/**
 * Loads what was gathered, in its order and in one go, and tells of each table. The first refusal ends it; the caller rolls back.
 * @throws WriteError `ROWS_LOST`, `INTERRUPTED`; `PostgresError` for what does not concern a row.
 */
export async function writeGathered(
  session: Required<Pick<Session, 'copyInAll'>>,
  gathered: readonly Gathered[],
): Promise<readonly Written[] | Extract<TableWrite, { outcome: 'rejected' }>> {
  const [first] = gathered
  if (first === undefined) return []
  let loaded: readonly SmallLoaded[]
  try {
    loaded = await session.copyInAll(
      gathered.map(({ request: { table, freeze }, tuples }) => {
        const columns = writtenCasts(table).map((cast) => cast.target)
        return { sql: copyInStatement(table.target, columns, { freeze }), tuples }
      }),
    )
  } catch (error) {
    if (isRowRefusal(error) && !first.request.signal?.aborted) return { outcome: 'rejected', error }
    throw orInterrupted(first.request, error)
  }
  return gathered.map(({ request: { table }, tuples, read, ms, changed, findings }, at) => {
    const taken = loaded[at]!
    if (taken.rows !== read) throw rowsLost(formatTableName(table.source), read, taken.rows)
    return {
      outcome: 'written',
      read,
      written: read,
      kept: 0,
      bytes: tuples.length,
      ms: ms + taken.ms,
      changed,
      findings,
    }
  })
}
