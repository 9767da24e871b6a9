import { Worker } from 'node:worker_threads'
import { SourceError, type TableAggregate } from '@rowferry/source'
import type { BesideHandle, BesideReply, BesideTask } from './beside-thread.ts'

/**
 * A thread with a handle of its own on the same file, for long questions that would keep the reading waiting. It answers one after the other: with null
 * where the thread could not be had, so that another handle is to be asked.
 */
export interface Beside {
  /** Once the handle is open, the file may lose its name. Resolves too where there is no such thread. */
  readonly opened: Promise<void>
  /** Rejects with SourceError `SOURCE_DAMAGED`. */
  soundness(): Promise<'sound' | null>
  aggregate(table: string, columns: readonly string[], first?: number): Promise<TableAggregate | null>
  digest(): Promise<string | null>
  /** Waits for the question that is being answered: SQLite is not interrupted. May be called twice. */
  close(): Promise<void>
}

export function openBeside(handle: BesideHandle): Beside {
  const isSource = import.meta.url.endsWith('.ts')
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (reason: unknown) => void }>()
  let asked = 0
  let lost = false
  let worker: Worker | null = null
  try {
    worker = new Worker(new URL(isSource ? './beside-thread.ts' : './beside-thread.js', import.meta.url), {
      workerData: handle,
      ...(isSource ? { execArgv: ['--conditions=@rowferry/source'] } : {}),
    })
  } catch {
    lost = true
  }
  const giveUp = (): void => {
    lost = true
    for (const { resolve } of waiting.values()) resolve(null)
    waiting.clear()
  }
  // Only a question that waits for its answer keeps the process
  worker?.unref()
  worker?.on('error', giveUp)
  worker?.on('exit', giveUp)
  worker?.on('message', ({ id, value, error }: BesideReply) => {
    const question = waiting.get(id)
    waiting.delete(id)
    if (waiting.size === 0) worker?.unref()
    if (error)
      question?.reject(
        new SourceError(error.code, error.message, error.remedy === null ? {} : { remedy: error.remedy }),
      )
    else question?.resolve(value)
  })
  const ask = (task: BesideTask): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (lost || worker === null) return resolve(null)
      asked += 1
      waiting.set(asked, { resolve, reject })
      worker.ref()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      worker.postMessage({ id: asked, ...task })
    })
  return {
    opened: ask({ task: 'open' }).then(nothing, nothing),
    soundness: async () => (await ask({ task: 'soundness' })) as 'sound' | null,
    aggregate: async (table, columns, first) =>
      (await ask({ task: 'aggregate', table, columns, first })) as TableAggregate | null,
    digest: async () => (await ask({ task: 'digest' })) as string | null,
    async close() {
      await worker?.terminate()
    },
  }
}

function nothing(): void {}
