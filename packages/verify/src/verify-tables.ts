import type { TableVerdict } from './expectation.ts'
import { compareInStep } from './lock-step.ts'
import { asksServer, copyStatement } from './reading.ts'
import {
  concludeFrom,
  keptStep,
  openComparison,
  verifyTable,
  type OpenComparison,
  type VerifyTableOptions,
} from './verify-table.ts'

/**
 * `verifyTable` for several tables of one session, whose readings share the way to the server and back; verdicts in the order given. Meant for small
 * tables. Where a table cannot be compared row by row in the order in which it lies, it is read again by itself.
 */
export async function verifyTables(tables: readonly VerifyTableOptions[]): Promise<TableVerdict[]> {
  const verdicts: (TableVerdict | null)[] = tables.map(() => null)
  const session = tables[0]?.session
  if (session?.copyOutAll) {
    const opened: { readonly at: number; readonly open: OpenComparison; readonly started: number }[] = []
    for (const [at, options] of tables.entries()) {
      if (!isPlain(options)) continue
      options.signal?.throwIfAborted()
      const started = performance.now()
      const open = await openComparison(options)
      if (!asksServer(open.reading.comparison)) opened.push({ at, open, started: performance.now() - started })
    }
    const statements = opened.map(({ open: { reading } }) => copyStatement(reading.comparison, reading.target))
    const copies = parts(session.copyOutAll(statements))
    try {
      for (const { at, open, started } of opened) {
        const before = performance.now() - started
        const step = await compareInStep(open.reading, copies.next())
        if (step.unequal !== null) continue
        const findings = await concludeFrom(open, keptStep(step))
        if (findings === null) continue
        const { source, target } = tables[at]!.expected
        const ms = Math.round(performance.now() - before)
        verdicts[at] = { source, target, ...findings, ms }
      }
    } finally {
      await copies.close()
    }
  }
  const settled: TableVerdict[] = []
  for (const [at, options] of tables.entries()) settled.push(verdicts[at] ?? (await verifyTable(options)))
  return settled
}

function isPlain({ level, expected }: VerifyTableOptions): boolean {
  return level === 'full' && expected.extent === 'whole' && expected.columns.length > 0
}

/** The pieces of one statement after the other. */
function parts(pieces: AsyncIterable<Uint8Array | null>): {
  next(): AsyncGenerator<Uint8Array>
  close(): Promise<unknown>
} {
  const iterator = pieces[Symbol.asyncIterator]()
  return {
    async *next() {
      for (;;) {
        const { done, value } = await iterator.next()
        if (done === true || value === null) return
        yield value
      }
    },
    close: async () => iterator.return?.(),
  }
}
