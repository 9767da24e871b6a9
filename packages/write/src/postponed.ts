import type { PostgresError } from '@rowferry/postgres'
import type { Isolation, Tuple } from './isolate.ts'

/** Rows whose parent in the same table had not come yet when they were sent. They are held in memory, encoded, until the table has been read. */
export interface Postponed {
  add(tuple: Tuple, bytes: Uint8Array): void
  /** Once no more rows come: sends them again until no further one goes in. Rows that reference each other go in together unless another one is refused. */
  settle(refused: (tuple: Tuple, error: PostgresError) => void | Promise<void>): Promise<void>
}

export function openPostponed(isolation: Isolation): Postponed {
  const pieces: Uint8Array[] = []
  let waiting: Tuple[] = []
  let size = 0
  return {
    add({ start, end, row, ordinal }, bytes) {
      // A Buffer's slice() would be a view of bytes that are used again
      pieces.push(new Uint8Array(bytes.subarray(start, end)))
      waiting.push({ start: size, end: (size += end - start), row, ordinal })
    },
    async settle(refused) {
      if (waiting.length === 0) return
      const bytes = Buffer.concat(pieces)
      const errors = new Map<Tuple, PostgresError>()
      for (let before = Number.POSITIVE_INFINITY; waiting.length > 0 && waiting.length < before;) {
        before = waiting.length
        if (!(await isolation.send(waiting, bytes))) return
        errors.clear()
        // Backwards first: a row often names the one behind it
        await isolation.load(waiting.toReversed(), bytes, (tuple, error) => void errors.set(tuple, error))
        waiting = [...errors.keys()]
      }
      for (const tuple of waiting.toSorted((a, b) => a.ordinal - b.ordinal)) await refused(tuple, errors.get(tuple)!)
    },
  }
}
