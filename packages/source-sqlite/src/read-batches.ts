import { setImmediate } from 'node:timers/promises'
import type { SourceRow, TableName } from '@rowferry/introspect'
import { SourceError, type ReadOptions } from '@rowferry/source'
import { keysetBatches, scanBatches, type Reading } from './batches.ts'
import type { TextEncoding } from './exact.ts'
import type { Handle } from './handle.ts'
import { layoutOf, type Layout } from './layout.ts'
import { columnOf } from './quote.ts'
import { asSourceError, sqliteCode } from './trouble.ts'

/** What every reading of one open source shares. */
export interface Session {
  readonly db: Handle
  readonly label: string
  readonly encoding: TextEncoding
  /** Scans under way: SQLite's handle cannot be closed before they end. */
  readonly scans: Set<Iterator<readonly SourceRow[]>>
  /** Throws `SOURCE_CLOSED`, `SOURCE_CHANGED`. */
  assertReadable(): void
}

/** How long reading may keep the thread before timers and signals get their turn. */
const patienceMs = 20

export async function* readBatches(
  session: Session,
  table: TableName,
  options: ReadOptions,
): AsyncGenerator<readonly SourceRow[], void, undefined> {
  const goOn = (): void => {
    session.assertReadable()
    refuseAborted(options.signal, session.label)
  }
  goOn()
  const layout = layoutOf(session.db, table.name, session.label)
  const reading = readingOf(session, layout, options)
  const batches = layout.key.length === 0 ? scanBatches(reading) : keysetBatches(reading)
  session.scans.add(batches)
  try {
    let pause = performance.now() + patienceMs
    for (;;) {
      const next = nextOf(batches, session, layout, options.columns)
      // Only now is it known that what was read is of one state
      goOn()
      if (next.done === true) return
      yield next.value
      if (performance.now() > pause) {
        await setImmediate()
        pause = performance.now() + patienceMs
      }
      // Whether the file is the same is asked once it has been read
      refuseAborted(options.signal, session.label)
    }
  } finally {
    batches.return()
    session.scans.delete(batches)
  }
}

export function refuseAborted(signal: AbortSignal | undefined, label: string): void {
  if (signal?.aborted === true)
    throw new SourceError('SOURCE_ABORTED', `Reading ${label} was called off`, { cause: signal.reason })
}

function readingOf(session: Session, layout: Layout, options: ReadOptions): Reading {
  const { after, batchRows } = options
  const wanted = layout.key.length === 0 ? layout.primaryKey.length : layout.key.length
  if (after !== undefined && (after.length === 0 || after.length !== wanted)) {
    throw new TypeError(`Rows of ${layout.sql} are found by ${wanted} values, not by ${after.length}`)
  }
  if (batchRows !== undefined && !(Number.isInteger(batchRows) && batchRows > 0))
    throw new TypeError(`batchRows must be a whole number above 0, not ${batchRows}`)
  return {
    db: session.db,
    encoding: session.encoding,
    layout,
    columns: options.columns,
    conditions: options.conditions,
    batchRows,
    after,
    integers: options.integers ?? 'auto',
  }
}

function nextOf(
  batches: Generator<SourceRow[], void, undefined>,
  session: Session,
  layout: Layout,
  columns: readonly string[],
): IteratorResult<SourceRow[], void> {
  try {
    return batches.next()
  } catch (error) {
    // Written to or closed meanwhile: that says more than whatever SQLite said
    session.assertReadable()
    if (sqliteCode(error) === 'SQLITE_TOOBIG') throw tooLarge(session, layout, columns, error)
    throw asSourceError(error, `${session.label}, table ${layout.table}`)
  }
}

/** V8 holds no string or buffer past this, and better-sqlite3 sets SQLite's own limit to it. */
const mostOctets = 536_870_888

function tooLarge(session: Session, layout: Layout, columns: readonly string[], cause: unknown): SourceError {
  const place =
    columns.filter((name) => layout.columns.includes(name)).flatMap((name) => findLarge(session.db, layout, name))[0] ??
    layout.sql
  return new SourceError(
    'SOURCE_VALUE_TOO_LARGE',
    `${session.label}: ${place} is larger than the ${mostOctets} bytes that can be read`,
    {
      remedy: 'Store that value outside of the database, or take its row out of the source.',
      cause,
    },
  )
}

function findLarge(db: Handle, layout: Layout, column: string): string[] {
  const names = layout.key.length === 0 ? layout.primaryKey : layout.key.map((part) => part.name)
  const key = names.map((name) => `quote(${columnOf(name)})`)
  const sql = `SELECT ${[`octet_length(${columnOf(column)})`, ...key].join(', ')} FROM ${layout.sql} AS t WHERE octet_length(${columnOf(column)}) > ${mostOctets} LIMIT 1`
  const found = db.prepare(sql).raw().get() as [number, ...string[]] | undefined
  if (found === undefined) return []
  const [octets, ...values] = found
  const row = values.map((value, at) => `${names[at]} ${value.slice(0, 80)}`).join(', ')
  return [`${layout.table}.${column}${row === '' ? '' : ` (row ${row})`} has ${octets} bytes, which`]
}
