import type { SourceRow } from '@rowferry/introspect'
import { copyOutStatement, type Session } from '@rowferry/postgres'
import type { Source } from '@rowferry/source'
import type { Account } from './account.ts'
import type { CopyTarget } from './copy-target.ts'
import { askServer, readAs } from './ask-server.ts'
import { rejection, type Comparison } from './comparison.ts'
import { readTuples, type Tuple } from './tuples.ts'

/** Both databases and what is to be read of them. */
export interface Reading {
  readonly comparison: Comparison
  readonly source: Source
  readonly session: Session
  readonly integers: 'auto' | 'bigint'
  /** How COPY is to name the target. */
  readonly target: CopyTarget
  readonly maxMismatches: number
  readonly signal: AbortSignal | undefined
  readonly onProgress: ((rows: number) => void) | undefined
  /** Takes down every row of the first reading, those set aside included. */
  readonly account: Account | null
}

/** Must the server be asked about texts of the source? Then not while it sends the target. */
export function asksServer({ forms }: Comparison): boolean {
  return forms.some((form) => form.asked !== undefined)
}

/** The source's rows one by one, without those that were set aside. */
export interface SourceCursor {
  /** Rows so far, those set aside included. */
  readonly rows: number
  readonly rejected: number
  /** The next row of the batch at hand; undefined when that is used up. */
  next(): SourceRow | undefined
  /** Fetches a batch; false at the end. */
  refill(): Promise<boolean>
  close(): Promise<void>
}

/** `first`: this reading is the one that is accounted for and whose progress is told. */
export function openCursor(reading: Reading, first: boolean): SourceCursor {
  const { comparison, source, integers, signal } = reading
  const account = first ? reading.account : null
  const batches = source.readBatches(comparison.expected.source, {
    columns: comparison.sourceColumns,
    integers,
    ...(signal === undefined ? {} : { signal }),
  })
  const iterator = Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]()
  const isRejected = rejection(comparison)
  const asks = asksServer(comparison)
  let batch: readonly SourceRow[] = []
  let index = 0
  let rows = 0
  let rejected = 0
  return {
    get rows() {
      return rows
    },
    get rejected() {
      return rejected
    },
    next() {
      while (index < batch.length) {
        const row = batch[index]!
        index += 1
        rows += 1
        if (isRejected === null || !isRejected(row, rows)) return row
        rejected += 1
      }
      return undefined
    },
    async refill() {
      signal?.throwIfAborted()
      if (first && rows > 0) reading.onProgress?.(rows)
      const { done, value } = await iterator.next()
      if (done) return false
      batch = value
      index = 0
      account?.add(batch)
      if (asks) {
        const kept = isRejected === null ? batch : batch.filter((row, i) => !isRejected(row, rows + i + 1))
        await askServer(reading.session, comparison, kept)
      }
      return true
    },
    async close() {
      await iterator.return?.()
    },
  }
}

/** Shows each row to `visit` until that returns false. */
export async function eachRow(
  reading: Reading,
  first: boolean,
  visit: (row: SourceRow, position: number) => boolean,
): Promise<{ rows: number; rejected: number }> {
  const cursor = openCursor(reading, first)
  try {
    while (await cursor.refill()) {
      for (let row = cursor.next(); row !== undefined; row = cursor.next()) {
        if (!visit(row, cursor.rows)) return { rows: cursor.rows, rejected: cursor.rejected }
      }
    }
    return { rows: cursor.rows, rejected: cursor.rejected }
  } finally {
    await cursor.close()
  }
}

/** Shows each tuple to `visit`; the number of them. */
export async function eachTuple(reading: Reading, visit: (tuple: Tuple, position: number) => void): Promise<number> {
  const tuples = readTuples(reading.comparison.widths)
  let rows = 0
  for await (const piece of openCopy(reading)) {
    reading.signal?.throwIfAborted()
    tuples.feed(piece)
    while (tuples.next()) visit(tuples, (rows += 1))
  }
  tuples.finish()
  return rows
}

/** The target's rows, as COPY sends them. */
export function openCopy({ comparison, session, target }: Reading): AsyncIterable<Uint8Array> {
  return session.copyOut(copyStatement(comparison, target))
}

export function copyStatement(comparison: Comparison, target: CopyTarget): string {
  const { target: table, columns } = comparison.expected
  const names = columns.map((column) => column.target)
  const expressions = columns.map((column) => readAs(column.target, column.type))
  return copyOutStatement(table, names, asksServer(comparison) ? { ...target, expressions } : target)
}
