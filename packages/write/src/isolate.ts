import type { SourceRow } from '@rowferry/introspect'
import { formatTableName } from '@rowferry/introspect'
import type { PostgresError } from '@rowferry/postgres'
import { copyInStatement } from '@rowferry/postgres'
import { rowsLost } from './error.ts'
import { refuseInterrupted, writtenCasts } from './reading.ts'
import { isRowRefusal, lineOf } from './refusal.ts'
import type { Staging } from './staging.ts'
import type { WriteRequest } from './write-table.ts'

export const BATCH_ROWS = 1000

/** One encoded row: its place among the bytes sent, and where it came from. */
export interface Tuple {
  readonly start: number
  readonly end: number
  readonly row: SourceRow
  readonly ordinal: number
}

export interface Isolation {
  /** All of `tuples` in order, however many COPYs that takes: each row goes in, or is refused by itself after all good rows before it. */
  load(
    tuples: readonly Tuple[],
    bytes: Uint8Array,
    refused: (tuple: Tuple, error: PostgresError) => void | Promise<void>,
  ): Promise<void>
  /** Exactly one COPY: all of `tuples`, or the refusal of one of them. */
  send(tuples: readonly Tuple[], bytes: Uint8Array): Promise<PostgresError | null>
  readonly total: { written: number; kept: number }
}

/**
 * COPYs under a savepoint. A refused COPY is tried again without its culprit: COPY's CONTEXT tells the line, and where it does not (foreign
 * keys, moving on from the stage) halves are tried. The line is taken as a hint only; a row is refused only when it is refused alone.
 */
export function openIsolation(request: Omit<WriteRequest, 'freeze'>, staging: Staging | null): Isolation {
  const { table, session } = request
  const target = staging?.name ?? table.target
  const statement = copyInStatement(
    target,
    writtenCasts(table).map((cast) => cast.target),
    { freeze: false },
  )
  const total = { written: 0, kept: 0 }
  let window = BATCH_ROWS

  const copy = async (tuples: readonly Tuple[], bytes: Uint8Array): Promise<number> => {
    const into = await session.copyIn(statement)
    for (const [start, end] of runs(tuples)) await into.write(bytes.subarray(start, end))
    const taken = await into.finish()
    if (taken !== tuples.length) throw rowsLost(formatTableName(table.source), tuples.length, taken)
    return staging ? staging.moveOn(taken) : taken
  }
  const send: Isolation['send'] = async (tuples, bytes) => {
    refuseInterrupted(request)
    await session.query('SAVEPOINT rowferry_batch')
    try {
      const moved = await copy(tuples, bytes)
      await session.query('RELEASE SAVEPOINT rowferry_batch')
      await staging?.empty()
      total.written += moved
      total.kept += tuples.length - moved
      return null
    } catch (error) {
      if (!isRowRefusal(error)) throw error
      await session.query('ROLLBACK TO SAVEPOINT rowferry_batch; RELEASE SAVEPOINT rowferry_batch')
      return error
    }
  }
  return {
    total,
    send,
    async load(tuples, bytes, refused) {
      // How many rows the next COPYs take, where an earlier one has told; else as many as have gone well lately
      let told: number[] = []
      for (let at = 0; at < tuples.length;) {
        const [size = window, ...rest] = told
        const part = tuples.slice(at, at + size)
        const error = await send(part, bytes)
        if (!error || part.length === 1) {
          if (error) await refused(part[0]!, error)
          else if (told.length === 0) window = Math.min(BATCH_ROWS, window * 2)
          told = rest
          at += part.length
          continue
        }
        if (told.length === 0) window = Math.ceil(window / 2)
        const line = lineOf(error, target.name)
        const half = part.length >> 1
        told =
          line !== null && line <= part.length
            ? [line - 1, 1].filter((rows) => rows > 0)
            : [half, part.length - half, ...rest]
      }
    },
  }
}

/** Neighbouring tuples as single pieces. */
function* runs(tuples: readonly Tuple[]): Generator<[start: number, end: number]> {
  let open: [start: number, end: number] | null = null
  for (const { start, end } of tuples) {
    if (open?.[1] === start) open[1] = end
    else {
      if (open) yield open
      open = [start, end]
    }
  }
  if (open) yield open
}
