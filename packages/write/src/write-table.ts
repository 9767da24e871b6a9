import { createCopyBuffer } from '@rowferry/coerce'
import type { CopyBuffer, Misfit } from '@rowferry/coerce'
import { formatTableName } from '@rowferry/introspect'
import type { Finding } from '@rowferry/plan'
import type { CopyIn, PostgresError, Session } from '@rowferry/postgres'
import { copyInStatement } from '@rowferry/postgres'
import type { Changed } from './changed.ts'
import { changedBy, filledIn, wrappedBy } from './changed.ts'
import { wrappedFindings } from './findings.ts'
import { rowsLost } from './error.ts'
import type { RowRequest } from './reading.ts'
import { encoderOf, keyOf, orInterrupted, readingOf, readRows, rowName, writtenCasts } from './reading.ts'
import { isRowRefusal } from './refusal.ts'
import { openStaging } from './staging.ts'

const MESSAGE_BYTES = 64 * 1024
/** A buffer that one huge row has made larger than this is not kept. */
const KEPT_BYTES = 8 * 1024 * 1024

export interface WriteRequest extends RowRequest {
  readonly session: Session
  /** COPY … FREEZE: only for a table that was created or truncated in this very transaction, with no savepoint around. */
  readonly freeze: boolean
}

export type TableWrite =
  | {
      readonly outcome: 'written'
      readonly read: number
      /** Rows inserted, or updated by `merge`. */
      readonly written: number
      /** Rows of the source whose key was there already and stayed as it was (`skip`). */
      readonly kept: number
      /** Octets sent, as COPY BINARY. */
      readonly bytes: number
      readonly ms: number
      readonly changed: Changed[]
      /** Notes on values that arrived as they were. */
      readonly findings: Finding[]
    }
  /** A cell does not fit: the COPY was failed at once and the transaction is aborted. */
  | { readonly outcome: 'misfit'; readonly code: string; readonly message: string }
  /** The server refused a row: the transaction is aborted. */
  | { readonly outcome: 'rejected'; readonly error: PostgresError }

/**
 * The plain way: one COPY for the whole table, 64 KiB a message. The first trouble ends it; the caller rolls back.
 * @throws WriteError `ROWS_LOST`, `INTERRUPTED`; `PostgresError` for what does not concern a row; whatever the source throws. No COPY is left open.
 */
export async function writeTable(request: WriteRequest): Promise<TableWrite> {
  const started = performance.now()
  const { table, session } = request
  const reading = readingOf(table)
  const encoder = encoderOf(table)
  const buffer = createCopyBuffer(2 * MESSAGE_BYTES)
  let read = 0
  let bytes = 0
  let open: CopyIn | null = null
  // What the source throws is never a refusal of the target, even where it is a PostgreSQL itself
  let asking = true
  try {
    const staging = await openStaging(session, table)
    const columns = writtenCasts(table).map((cast) => cast.target)
    const statement = copyInStatement(staging?.name ?? table.target, columns, { freeze: request.freeze && !staging })
    const copy = (open = await session.copyIn(statement))
    const flush = async () => {
      bytes += buffer.position
      asking = true
      await copy.write(buffer.bytes.subarray(0, buffer.position))
      asking = false
      rewind(buffer)
    }
    asking = false
    for await (const batch of readRows(request, reading)) {
      for (const row of batch) {
        read++
        if (encoder.encode(row, buffer) !== -1) {
          await copy.fail('a row does not fit')
          open = null
          return misfitOf(encoder.explain(row), rowName(keyOf(reading, row, read)))
        }
        if (buffer.position >= MESSAGE_BYTES) await flush()
      }
    }
    if (buffer.position > 0) await flush()
    asking = true
    const taken = await copy.finish()
    open = null
    if (taken !== read) throw rowsLost(formatTableName(table.source), read, taken)
    const written = staging ? await staging.moveOn(read) : taken
    await staging?.close()
    return {
      outcome: 'written',
      read,
      written,
      kept: read - written,
      bytes,
      ms: performance.now() - started,
      changed: [...changedBy(encoder), ...filledIn(table, written)],
      findings: wrappedFindings(table, wrappedBy(encoder)),
    }
  } catch (error) {
    await open?.fail('the load was stopped')
    if (asking && isRowRefusal(error) && !request.signal?.aborted) return { outcome: 'rejected', error }
    throw orInterrupted(request, error)
  }
}

export function misfitOf(misfits: readonly Misfit[], row: string): Extract<TableWrite, { outcome: 'misfit' }> {
  const { code, reason } = misfits[0]!
  return { outcome: 'misfit', code, message: `${row}: ${reason}` }
}

/** Starts the buffer anew. */
export function rewind(buffer: CopyBuffer): void {
  buffer.position = 0
  if (buffer.bytes.length > KEPT_BYTES) buffer.bytes = createCopyBuffer(2 * MESSAGE_BYTES).bytes
}
