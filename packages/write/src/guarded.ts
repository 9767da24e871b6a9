import { compileRow, createCopyBuffer } from '@rowferry/coerce'
import type { SourceRow } from '@rowferry/introspect'
import type { Finding } from '@rowferry/plan'
import type { PostgresError } from '@rowferry/postgres'
import { copyInStatement } from '@rowferry/postgres'
import type { Changed } from './changed.ts'
import { changedBy } from './changed.ts'
import { collectFindings } from './findings.ts'
import { keyOf, readingOf, readRows, rowName } from './reading.ts'
import type { Reject } from './reject.ts'
import { rejectRow } from './reject.ts'
import { goesByKey, openStaging } from './staging.ts'
import type { WriteRequest } from './write-table.ts'
import { isRowRefusal, rowsLost } from './write-table.ts'

const BATCH_ROWS = 1000
const BATCH_BYTES = 4 * 1024 * 1024

export interface GuardedRequest extends Omit<WriteRequest, 'freeze'> {
  /** Every row set aside, in reading order within its batch. */
  readonly onReject: (reject: Reject) => void | Promise<void>
}

export interface GuardedWrite {
  readonly read: number
  readonly written: number
  readonly rejected: number
  readonly kept: number
  readonly bytes: number
  readonly ms: number
  readonly changed: Changed[]
  readonly findings: Finding[]
}

/** One encoded row of the batch: its bytes in the buffer and where it came from. */
interface Tuple {
  readonly start: number
  readonly end: number
  readonly row: SourceRow
  readonly ordinal: number
}

/**
 * The careful way, for a quarantine or to list everything: batches under savepoints. Rows that do not fit never reach the
 * server; rows that it refuses are isolated by the line number of COPY's CONTEXT, or by halving where there is none
 * (foreign keys). Every good row goes in. Errors that do not concern rows (disk, connection, rights) are thrown.
 */
export async function writeGuarded(request: GuardedRequest): Promise<GuardedWrite> {
  const started = performance.now()
  const { table, session } = request
  const reading = readingOf(table)
  const encoder = compileRow(table.casts, { integers: table.classedIntegers ? 'bigint' : 'auto' })
  const staging = goesByKey(table) ? await openStaging(session, table) : null
  const statement = copyInStatement(staging?.name ?? table.target, table.casts.map((cast) => cast.target), { freeze: false })
  const collector = collectFindings(table)
  const buffer = createCopyBuffer(BATCH_BYTES)
  const total = { read: 0, written: 0, rejected: 0, kept: 0, bytes: 0 }
  let tuples: Tuple[] = []

  const setAside = async (tuple: Pick<Tuple, 'row' | 'ordinal'>, column: string | null, code: string, reason: string) => {
    total.rejected++
    await request.onReject(rejectRow(table, reading.columns, tuple.row, { column, code, reason }, tuple.ordinal))
  }
  const refused = async (tuple: Tuple, error: PostgresError) => {
    const { code, column, reason } = refusalOf(error, table.casts)
    collector.refusal({ code, column, reason, remedy: null }, rowName(keyOf(reading, tuple.row, tuple.ordinal)))
    await setAside(tuple, column, code, [error.message, error.detail].filter((part) => part !== null).join('; '))
  }
  const send = async (list: readonly Tuple[]): Promise<PostgresError | null> => {
    await session.query('SAVEPOINT rowferry_batch')
    try {
      const copy = await session.copyIn(statement)
      for (const [start, end] of runs(list)) await copy.write(buffer.bytes.subarray(start, end))
      const taken = await copy.finish()
      if (taken !== list.length) throw rowsLost(table.source.name, list.length, taken)
      const moved = staging ? await staging.moveOn() : taken
      await session.query('RELEASE SAVEPOINT rowferry_batch')
      total.written += moved
      total.kept += taken - moved
      return null
    } catch (error) {
      if (!isRowRefusal(error)) throw error
      await session.query('ROLLBACK TO SAVEPOINT rowferry_batch')
      await session.query('RELEASE SAVEPOINT rowferry_batch')
      return error
    }
  }
  const load = async (list: readonly Tuple[]): Promise<void> => {
    let rest = list
    while (rest.length > 0) {
      const error = await send(rest)
      if (!error) return
      if (rest.length === 1) return refused(rest[0]!, error)
      const line = staging ? null : lineOf(error)
      if (line === null || line > rest.length) {
        const half = rest.length >> 1
        await load(rest.slice(0, half))
        rest = rest.slice(half)
        continue
      }
      // What came before the refused line had passed, but for constraints that are checked at the statement's end.
      await load(rest.slice(0, line - 1))
      await refused(rest[line - 1]!, error)
      rest = rest.slice(line)
    }
  }
  const flush = async () => {
    total.bytes += buffer.position
    await load(tuples)
    tuples = []
    buffer.position = 0
  }

  for await (const { batch } of readRows(request, reading)) {
    for (const row of batch) {
      const ordinal = ++total.read
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
      await setAside({ row, ordinal }, table.casts[first.column]!.column, first.code, misfits.map((misfit) => misfit.reason).join('; '))
    }
  }
  await flush()
  return { ...total, ms: performance.now() - started, changed: changedBy(encoder), findings: collector.findings() }
}

/** Neighbouring tuples as single pieces of the buffer. */
function* runs(list: readonly Tuple[]): Generator<[start: number, end: number]> {
  let open: [number, number] | null = null
  for (const { start, end } of list) {
    if (open && open[1] === start) open[1] = end
    else {
      if (open) yield open
      open = [start, end]
    }
  }
  if (open) yield open
}

/** `COPY t, line 3, column c`: also COPY's binary form counts its tuples as lines. */
function lineOf(error: PostgresError): number | null {
  const match = /^COPY .*, line (\d+)/ms.exec(error.where ?? '')
  return match ? Number(match[1]) : null
}

const CODES: Readonly<Record<string, string>> = {
  '23502': 'NOT_NULL_VIOLATION',
  '23503': 'FOREIGN_KEY_VIOLATION',
  '23505': 'UNIQUE_VIOLATION',
  '23514': 'CHECK_VIOLATION',
  '23P01': 'EXCLUSION_VIOLATION',
}

/** The server's refusal in our words. `reason` leaves the values out, so that refusals of one kind are counted together. */
function refusalOf(error: PostgresError, casts: WriteRequest['table']['casts']): { code: string; column: string | null; reason: string } {
  const noPartition = error.code === '23514' && error.constraint === null && /no partition/i.test(error.message)
  const domain = (error.code === '23514' || error.code === '23502') && error.table === null && error.constraint !== null
  const code = noPartition ? 'NO_PARTITION' : domain ? 'DOMAIN_VIOLATION' : (CODES[error.code] ?? 'SERVER_REFUSED')
  const column = casts.find((cast) => cast.target === error.column)?.column ?? null
  return { code, column, reason: error.message }
}
