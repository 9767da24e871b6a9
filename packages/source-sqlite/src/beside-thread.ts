import os from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { SourceError, type SourceErrorCode } from '@rowferry/source'
import { aggregateTable } from './aggregate.ts'
import { digestOf } from './digest.ts'
import type { TextEncoding } from './exact.ts'
import { openHandle } from './handle.ts'
import { refuseDamagedLarge } from './integrity.ts'
import { layoutOf } from './layout.ts'
import { asSourceError } from './trouble.ts'

/** What the thread opens. */
export interface BesideHandle {
  readonly real: string
  /** Of the same file, the process's own. */
  readonly fd: number
  readonly label: string
  readonly immutable: boolean
  readonly busyTimeoutMs: number
}

export type BesideTask =
  | { readonly task: 'open' }
  | { readonly task: 'soundness' }
  | { readonly task: 'digest' }
  | {
      readonly task: 'aggregate'
      readonly table: string
      readonly columns: readonly string[]
      readonly first: number | undefined
    }

export interface BesideReply {
  readonly id: number
  readonly value?: unknown
  readonly error?: { readonly code: SourceErrorCode; readonly message: string; readonly remedy: string | null }
}

// Linux counts niceness by thread (man 2 setpriority): the reading, and a server on the same machine, go first. Elsewhere it would be that of the process
if (process.platform === 'linux') os.setPriority(10)

const { real, fd, label, ...options } = workerData as BesideHandle
const db = openHandle(real, options)

parentPort?.on('message', ({ id, ...task }: BesideTask & { readonly id: number }) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  void reply(id, task).then((said) => parentPort?.postMessage(said))
})

async function reply(id: number, task: BesideTask): Promise<BesideReply> {
  try {
    return { id, value: await answer(task) }
  } catch (error) {
    const known = asSourceError(error, label)
    // Ends the thread: whoever asked asks another handle, and meets the error there
    if (!(known instanceof SourceError)) throw error
    return { id, error: { code: known.code, message: known.message, remedy: known.remedy } }
  }
}

function answer(task: BesideTask): unknown {
  switch (task.task) {
    case 'open':
      return null
    case 'digest':
      return digestOf(fd)
    case 'soundness':
      refuseDamagedLarge(db, label)
      return 'sound'
    case 'aggregate': {
      const encoding = (db.pragma('encoding', { simple: true }) as string).toLowerCase() as TextEncoding
      return aggregateTable(db, layoutOf(db, task.table, label), task.columns, encoding, task.first)
    }
    default:
      return task satisfies never
  }
}
