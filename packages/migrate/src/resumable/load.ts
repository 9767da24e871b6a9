import { formatTableName, sameTable } from '@rowferry/introspect'
import type { TablePlan } from '@rowferry/plan'
import type { Session } from '@rowferry/postgres'
import type { Chunk } from '@rowferry/write'
import { readChunks, writeChunk } from '@rowferry/write'
import { phaseEvent } from '../events.ts'
import { noteChunk, sumChanged } from './ledger.ts'
import type { Run } from './run.ts'
import { inStep } from './run.ts'

const CHUNK_BYTES = 4 * 1024 * 1024

/**
 * What is not there yet of every table: one reader, and each chunk on whichever connection is free, in a transaction with its row of the ledger.
 * While chunks are under way the next one is read. The first error stops it, once what is under way has ended.
 */
export async function loadParts(run: Run): Promise<void> {
  const { plan } = run.beginning
  const left = [...plan.tables.entries()].filter(([place]) => !run.ledger.tables[place]!.whole)
  if (left.length === 0) return
  run.context.onEvent(phaseEvent('data', plan.tables))
  const pool = openPool(run.sessions)
  const ends: Promise<void>[] = []
  try {
    for (const [place, table] of left) {
      if (checksParents(run, table)) await pool.drain()
      const under: Promise<void>[] = []
      for await (const chunk of chunksOf(run, place, table)) {
        const session = await pool.free()
        under.push(pool.start(session, () => load(run, session, place, table, chunk)))
      }
      ends.push(Promise.all(under).then(() => (pool.hasFailed() ? undefined : tell(run, place, table, true))))
    }
    await pool.drain()
  } finally {
    await pool.settled()
    await Promise.all(ends)
  }
}

/** Does a foreign key that stays judge its rows, each against parents that are committed? */
function checksParents({ beginning: { plan } }: Run, table: TablePlan): boolean {
  return plan.foreignKeys.some((key) => key.strategy === 'kept' && sameTable(key.table, table.target))
}

async function* chunksOf({ context, ledger }: Run, place: number, table: TablePlan): AsyncGenerator<Chunk> {
  const { ranges, ended } = ledger.tables[place]!
  const { source, options, signal } = context
  const chunks = readChunks({
    table,
    source,
    chunkRows: options.commitEvery,
    chunkBytes: CHUNK_BYTES,
    done: ranges,
    ...(options.batchSize === null ? {} : { batchRows: options.batchSize }),
    ...(signal ? { signal } : {}),
  })
  // Its end is known where only a gap was left
  for await (const chunk of chunks) if (chunk.rows > 0 || !ended) yield chunk
}

async function load(run: Run, session: Session, place: number, table: TablePlan, chunk: Chunk): Promise<void> {
  const started = performance.now()
  let ms = 0
  await inStep(run, session, async () => {
    await writeChunk(session, table, chunk)
    ms = performance.now() - started
    await noteChunk(session, place, chunk, ms)
  })
  const before = run.ledger.tables[place]!
  run.ledger.tables[place] = {
    ...before,
    rows: before.rows + chunk.rows,
    bytes: before.bytes + chunk.tuples.length,
    ms: before.ms + ms,
    changed: sumChanged([...before.changed, ...chunk.changed]),
  }
  tell(run, place, table, false)
}

function tell(run: Run, place: number, table: TablePlan, done: boolean): void {
  const { rows } = run.ledger.tables[place]!
  const total = done ? rows : table.rows
  run.context.onEvent({ type: 'table', phase: 'data', table: formatTableName(table.source), rows, total, done })
}

/** Connections, each with one thing to do at a time. */
function openPool(sessions: readonly Session[]) {
  const idle = [...sessions]
  const busy = new Set<Promise<void>>()
  const failures: unknown[] = []
  const throwFirst = (): void => {
    if (failures.length > 0) throw failures[0]
  }
  return {
    /** One that is free. Throws as soon as something has failed. */
    async free(): Promise<Session> {
      while (failures.length === 0 && idle.length === 0) await Promise.race(busy)
      throwFirst()
      return idle.pop()!
    },
    hasFailed: () => failures.length > 0,
    /** Resolves when it has ended, whatever came of it. */
    start(session: Session, work: () => Promise<void>): Promise<void> {
      const under = work()
        .then(() => void idle.push(session))
        .catch((error: unknown) => void failures.push(error))
        .finally(() => busy.delete(under))
      busy.add(under)
      return under
    },
    /** Until nothing is under way. Throws the first error. */
    async drain(): Promise<void> {
      await Promise.all(busy)
      throwFirst()
    },
    /** Until nothing is under way, whatever came of it. */
    async settled(): Promise<void> {
      await Promise.all(busy)
    },
  }
}
