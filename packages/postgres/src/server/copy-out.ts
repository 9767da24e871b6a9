import type { Socket } from 'node:net'
import type pg from 'pg'
import { takeAnswers, type FrameState } from './frames.ts'
import type { Watch } from './stall.ts'
import { run, type RunningStatement, type Wire } from './wire.ts'

/** More than this waiting to be taken, and the socket is left alone. */
const enough = 1 << 17

/** The same for one statement. */
export async function* copyFromServer(
  client: pg.Client,
  sql: string,
  toError: (error: unknown) => Error,
  awaiting: Watch['awaiting'],
): AsyncGenerator<Uint8Array> {
  for await (const piece of copyAllFromServer(client, sql, toError, awaiting)) if (piece !== null) yield piece
}

/**
 * COPY TO STDOUT, one or several, over pg's own socket; null at the end of each. The driver would make an object of every row; here each read of the socket becomes one piece, its frames
 * cut out in place. Ending the loop early reads what is left and throws it away, so that the connection and its transaction stay usable.
 */
export async function* copyAllFromServer(
  client: pg.Client,
  sql: string,
  toError: (error: unknown) => Error,
  awaiting: Watch['awaiting'],
): AsyncGenerator<Uint8Array | null> {
  const pieces: (Uint8Array | null)[] = []
  let waiting = 0
  let state = 'running' as 'running' | 'done' | Error
  let discarding = false
  let wake = (): void => {}
  let stream: Socket | undefined

  const finish = (result: 'done' | Error): void => {
    state = result
    wake()
  }
  const take = (taken: readonly (Uint8Array | null)[]): void => {
    if (discarding || taken.length === 0) return
    pieces.push(...taken)
    for (const piece of taken) waiting += piece?.length ?? 0
    if (waiting > enough) stream?.pause()
    wake()
  }
  const statement: RunningStatement = {
    submit(wire: Wire) {
      stream = wire.stream
      interceptFrames(stream, take)
      wire.query(sql)
    },
    callback() {},
    handleCommandComplete() {},
    handleReadyForQuery: () => finish('done'),
    handleError: (error) => finish(toError(error)),
  }
  run(client, statement)
  const isRunning = (): boolean => state === 'running'
  const changed = (): Promise<void> => awaiting(new Promise((resolve) => (wake = resolve)))

  try {
    for (;;) {
      const piece = pieces.shift()
      if (piece !== undefined) {
        waiting -= piece?.length ?? 0
        if (waiting <= enough && stream?.isPaused()) stream.resume()
        yield piece
      } else if (isRunning()) await changed()
      else if (state === 'done') return
      else throw state as Error
    }
  } finally {
    discarding = true
    stream?.resume()
    while (isRunning()) await changed()
  }
}

/** Stands in for the driver's parser until something other than rows comes, then hands everything from there back to it. */
function interceptFrames(stream: Socket, take: (pieces: readonly (Uint8Array | null)[]) => void): void {
  const [parser] = stream.listeners('data') as ((chunk: Buffer) => void)[]
  if (!parser) throw new TypeError('The connection has no parser')
  const frames: FrameState = { remaining: 0, skipping: false, head: null }
  const receive = (chunk: Buffer): void => {
    const { pieces, rest } = takeAnswers(frames, chunk)
    take(pieces)
    if (!rest) return
    stream.off('data', receive)
    stream.on('data', parser)
    parser(rest)
  }
  stream.off('data', parser)
  stream.on('data', receive)
}
