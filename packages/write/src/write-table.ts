import { compileRow, createCopyBuffer } from '@rowferry/coerce'
import type { CopyIn, Session } from '@rowferry/postgres'
import { copyInStatement, PostgresError } from '@rowferry/postgres'
import type { Changed } from './changed.ts'
import { changedBy } from './changed.ts'
import { WriteError } from './error.ts'
import type { RowRequest } from './reading.ts'
import { keyOf, readingOf, readRows, rowName } from './reading.ts'
import { goesByKey, openStaging } from './staging.ts'

const MESSAGE_BYTES = 64 * 1024

export interface WriteRequest extends RowRequest {
  readonly session: Session
  /** COPY … FREEZE: only for a table that was created or truncated in this very transaction, with no savepoint around. */
  readonly freeze: boolean
}

export type TableWrite =
  | { readonly outcome: 'written'; readonly read: number; readonly written: number; readonly kept: number; readonly bytes: number; readonly ms: number; readonly changed: Changed[] }
  /** A cell does not fit: the COPY was failed at once and the transaction is aborted. */
  | { readonly outcome: 'misfit'; readonly code: string; readonly message: string }
  /** The server refused a row (SQLSTATE class 22 or 23): the transaction is aborted. */
  | { readonly outcome: 'rejected'; readonly error: PostgresError }

/** The plain way: one COPY for the whole table, 64 KiB a message. The first trouble ends it; the caller rolls back. */
export async function writeTable(request: WriteRequest): Promise<TableWrite> {
  const started = performance.now()
  const { table, session } = request
  const reading = readingOf(table)
  const encoder = compileRow(table.casts, { integers: table.classedIntegers ? 'bigint' : 'auto' })
  const staging = goesByKey(table) ? await openStaging(session, table) : null
  const buffer = createCopyBuffer(2 * MESSAGE_BYTES)
  let read = 0
  let bytes = 0
  let copy: CopyIn | null = null
  const flush = async () => {
    bytes += buffer.position
    await copy!.write(buffer.bytes.subarray(0, buffer.position))
    buffer.position = 0
  }
  try {
    copy = await session.copyIn(copyInStatement(staging?.name ?? table.target, table.casts.map((cast) => cast.target), { freeze: request.freeze && !staging }))
    for await (const { batch } of readRows(request, reading)) {
      for (const row of batch) {
        read++
        if (encoder.encode(row, buffer) !== -1) {
          const [misfit] = encoder.explain(row)
          await copy.fail('a row does not fit')
          return { outcome: 'misfit', code: misfit!.code, message: `${rowName(keyOf(reading, row, read))}: ${misfit!.reason}` }
        }
        if (buffer.position >= MESSAGE_BYTES) await flush()
      }
    }
    if (buffer.position > 0) await flush()
    const taken = await copy.finish()
    if (taken !== read) throw rowsLost(table.source.name, read, taken)
    const written = staging ? await staging.moveOn() : taken
    if (staging && table.onExisting === 'merge' && written !== read) throw rowsLost(table.source.name, read, written)
    return { outcome: 'written', read, written, kept: read - written, bytes, ms: performance.now() - started, changed: changedBy(encoder) }
  } catch (error) {
    if (isRowRefusal(error)) return { outcome: 'rejected', error }
    if (!(error instanceof PostgresError)) await copy?.fail('the load was stopped')
    throw error
  }
}

/** Integrity and data exceptions concern rows; everything else (connection, disk, rights, time) never does. https://www.postgresql.org/docs/current/errcodes-appendix.html */
export function isRowRefusal(error: unknown): error is PostgresError {
  return error instanceof PostgresError && /^2[23]/.test(error.code)
}

export function rowsLost(table: string, sent: number, taken: number): WriteError {
  return new WriteError('ROWS_LOST', `${sent} rows of ${table} were sent and the server kept ${taken}: a trigger or rule swallows rows`, { table, remedy: '--triggers disable, or drop the rule' })
}
