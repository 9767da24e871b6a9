import { createCopyBuffer } from '@rowferry/coerce'
import { formatTableName } from '@rowferry/introspect'
import type { TablePlan } from '@rowferry/plan'
import type { Session } from '@rowferry/postgres'
import { copyInStatement } from '@rowferry/postgres'
import type { Changed } from './changed.ts'
import { changedBy, filledIn } from './changed.ts'
import { rowsLost, WriteError } from './error.ts'
import type { RowRequest } from './reading.ts'
import { encoderOf, keyOf, readingOf, readRows, rowName, writtenCasts } from './reading.ts'
import { openStaging } from './staging.ts'
import { misfitOf, rewind } from './write-table.ts'

/** Rows of a table by their numbers in the reading order, from 0. */
export interface RowRange {
  readonly first: number
  readonly rows: number
}

/** Neighbouring rows, encoded and not yet sent. */
export interface Chunk extends RowRange {
  readonly tuples: Uint8Array
  /** No row of the table comes after it; it may hold none itself. */
  readonly last: boolean
  readonly changed: readonly Changed[]
}

export interface ChunkRequest extends RowRequest {
  /** Rows in a chunk at most, */
  readonly chunkRows: number
  /** and octets, as COPY BINARY; one row may be larger. */
  readonly chunkBytes: number
  /** What is left out, in its order, without overlaps. */
  readonly done: readonly RowRange[]
}

/**
 * The table's rows in chunks, but for those that are done; the last chunk comes always. A chunk is encoded when it is asked for, and its octets are its own.
 * @throws WriteError `ROW_MISFIT` for a row that does not fit, `INTERRUPTED`; whatever the source throws.
 */
export async function* readChunks(request: ChunkRequest): AsyncGenerator<Chunk> {
  const { table, chunkRows, chunkBytes } = request
  const reading = readingOf(table)
  const buffer = createCopyBuffer()
  const done = [...request.done]
  let encoder = encoderOf(table)
  let [first, rows, number] = [0, 0, 0]
  const close = (last: boolean): Chunk => {
    const chunk: Chunk = {
      first,
      rows,
      tuples: Buffer.from(buffer.bytes.subarray(0, buffer.position)),
      last,
      changed: [...changedBy(encoder), ...filledIn(table, rows)],
    }
    rewind(buffer)
    encoder = encoderOf(table)
    rows = 0
    return chunk
  }
  for await (const batch of readRows(request, reading)) {
    for (const row of batch) {
      while (done[0] && number >= done[0].first + done[0].rows) done.shift()
      if (done[0] && number >= done[0].first) {
        if (rows > 0) yield close(false)
        number++
        continue
      }
      if (rows === 0) first = number
      number++
      rows++
      if (encoder.encode(row, buffer) !== -1) {
        const { message } = misfitOf(encoder.explain(row), rowName(keyOf(reading, row, number)))
        const name = formatTableName(table.source)
        throw new WriteError('ROW_MISFIT', `a row of ${name} does not fit: ${message}`, { table: name })
      }
      if (rows >= chunkRows || buffer.position >= chunkBytes) yield close(false)
    }
  }
  if (rows === 0) first = number
  yield close(true)
}

/**
 * Sends a chunk, inside a transaction of the caller's.
 * @throws WriteError `ROWS_LOST`; `PostgresError` for whatever the server refuses. No COPY is left open.
 */
export async function writeChunk(session: Session, table: TablePlan, chunk: Chunk): Promise<void> {
  if (chunk.rows === 0) return
  const staging = await openStaging(session, table)
  const columns = writtenCasts(table).map((cast) => cast.target)
  const copy = await session.copyIn(copyInStatement(staging?.name ?? table.target, columns, { freeze: false }))
  try {
    await copy.write(chunk.tuples)
  } catch (error) {
    await copy.fail('the load was stopped')
    throw error
  }
  const taken = await copy.finish()
  const moved = staging ? await staging.moveOn(taken) : taken
  if (moved !== chunk.rows) throw rowsLost(formatTableName(table.source), chunk.rows, moved)
  await staging?.close()
}
