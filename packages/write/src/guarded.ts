import { createCopyBuffer } from '@rowferry/coerce'
import type { RowEncoder } from '@rowferry/coerce'
import type { SourceRow } from '@rowferry/introspect'
import { formatTableName } from '@rowferry/introspect'
import type { Finding } from '@rowferry/plan'
import type { PostgresError, RowRules } from '@rowferry/postgres'
import { readRowRules } from '@rowferry/postgres'
import type { Changed } from './changed.ts'
import { changedBy, filledIn, wrappedBy } from './changed.ts'
import { readyConstraints } from './constraints.ts'
import { rowsLost } from './error.ts'
import { collectFindings } from './findings.ts'
import { refusedColumn } from './ask/texts.ts'
import type { Tuple } from './isolate.ts'
import { BATCH_ROWS, openIsolation } from './isolate.ts'
import { openPostponed } from './postponed.ts'
import { encoderOf, keyOf, orInterrupted, readingOf, readRows, rowName, writtenCasts } from './reading.ts'
import { refusalOf } from './refusal.ts'
import type { Reject } from './reject.ts'
import { rejectRow } from './reject.ts'
import { openStaging } from './staging.ts'
import type { WriteRequest } from './write-table.ts'
import { rewind } from './write-table.ts'

const BATCH_BYTES = 4 * 1024 * 1024

export interface GuardedRequest extends Omit<WriteRequest, 'freeze'> {
  /** Every row set aside, once: one that does not fit as soon as it is read, one that the server refuses once its batch was sent. */
  readonly onReject: (reject: Reject) => void | Promise<void>
}

/** `read` is `written` + `kept` + `rejected`. */
export interface GuardedWrite {
  readonly read: number
  /** Rows inserted, or updated by `merge`. */
  readonly written: number
  readonly rejected: number
  /** Rows of the source whose key was there already and stayed as it was (`skip`). */
  readonly kept: number
  /** Octets of the rows that fit, as COPY BINARY; what had to be sent twice counts once. */
  readonly bytes: number
  readonly ms: number
  /** Of the rows that were not rejected. */
  readonly changed: Changed[]
  readonly findings: Finding[]
}

/**
 * The careful way, for a quarantine or to list everything: batches of up to 1000 rows or 4 MiB under savepoints. Rows that do not fit never
 * reach the server; rows that it refuses are isolated. Every good row goes in, as if rows had been inserted one by one; rows that reference
 * later rows of their own table are tried again at the end.
 * @throws WriteError `ROWS_LOST`, `INTERRUPTED`; `PostgresError` for what does not concern a row (disk, connection, rights, deadlock);
 *   whatever the source or `onReject` throws. No COPY is left open; the caller rolls back.
 */
export async function writeGuarded(request: GuardedRequest): Promise<GuardedWrite> {
  try {
    return await write(request)
  } catch (error) {
    throw orInterrupted(request, error)
  }
}

async function write(request: GuardedRequest): Promise<GuardedWrite> {
  const started = performance.now()
  const { table, session } = request
  const reading = readingOf(table)
  const casts = writtenCasts(table)
  const encoder = encoderOf(table)
  const ownKeys = await readyConstraints(session, table)
  const staging = await openStaging(session, table)
  const isolation = openIsolation(request, staging)
  const postponed = openPostponed(isolation)
  const collector = collectFindings(table)
  const buffer = createCopyBuffer(BATCH_BYTES)
  let read = 0
  let rejected = 0
  let bytes = 0
  let tuples: Tuple[] = []
  /** Encodes what was refused after it had been counted. */
  let dropped: RowEncoder | null = null

  let rules: RowRules | null = null
  const blamed = async (sent: Uint8Array, cells: { start: number; end: number }) => {
    rules ??= (await readRowRules(session, [table.target]))[0] ?? null
    if (rules === null) return null
    return refusedColumn(session, table, rules, cells, Buffer.from(sent.buffer, sent.byteOffset, sent.byteLength))
  }

  const setAside = async (row: SourceRow, ordinal: number, column: string | null, code: string, reason: string) => {
    rejected++
    await request.onReject(rejectRow(table, reading.columns, row, { column, code, reason }, ordinal))
  }
  const refuse = async ({ row, ordinal, start, end }: Tuple, error: PostgresError, sent: Uint8Array | null = null) => {
    const told = refusalOf(error, table)
    const ask = sent !== null && told.column === null && error.code.startsWith('22')
    const column = ask ? await blamed(sent, { start, end }) : told.column
    const refusal = { ...told, column }
    collector.refusal(refusal, rowName(keyOf(reading, row, ordinal)))
    dropped ??= encoderOf(table)
    dropped.encode(row, createCopyBuffer(0))
    await setAside(row, ordinal, refusal.column, refusal.code, refusal.reason)
  }
  const flush = async () => {
    bytes += buffer.position
    await isolation.load(tuples, buffer.bytes, async (tuple, error) => {
      if (error.code === '23503' && ownKeys.has(error.constraint ?? '')) postponed.add(tuple, buffer.bytes)
      else await refuse(tuple, error, buffer.bytes)
    })
    tuples = []
    rewind(buffer)
  }

  for await (const batch of readRows(request, reading)) {
    for (const row of batch) {
      const ordinal = ++read
      const start = buffer.position
      if (encoder.encode(row, buffer) === -1) {
        tuples.push({ start, end: buffer.position, row, ordinal })
        if (tuples.length >= BATCH_ROWS || buffer.position >= BATCH_BYTES) await flush()
        continue
      }
      const misfits = encoder.explain(row)
      const name = rowName(keyOf(reading, row, ordinal))
      for (const misfit of misfits) collector.misfit(misfit, name)
      const first = misfits[0]!
      const reason = misfits.map((misfit) => `${casts[misfit.column]!.column}: ${misfit.reason}`).join('; ')
      await setAside(
        row,
        ordinal,
        casts[first.column]!.column,
        first.code,
        misfits.length === 1 ? first.reason : reason,
      )
    }
  }
  await flush()
  await postponed.settle((tuple, error) => refuse(tuple, error))
  await staging?.close()
  const { written, kept } = isolation.total
  if (read !== written + kept + rejected) throw rowsLost(formatTableName(table.source), read - rejected, written + kept)
  const changed = [...changedBy(encoder, dropped), ...filledIn(table, written)]
  return {
    read,
    written,
    rejected,
    kept,
    bytes,
    ms: performance.now() - started,
    changed,
    findings: collector.findings(changed, wrappedBy(encoder)),
  }
}
