import type pg from 'pg'
import { copyHeader, copyTrailer } from '../binary-copy.ts'
import type { SmallLoad, SmallLoaded } from '../session.ts'
import { copiedRows, copyDone, run } from './wire.ts'

const copyData = 0x64

/**
 * Several COPY FROM STDIN in one message, and the rows of all right behind it: the server answers each in turn, and nobody waits for its answers.
 * After an error it runs none of the rest and throws away what is still on its way (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY).
 */
export function copyAllIntoServer(
  client: pg.Client,
  loads: readonly SmallLoad[],
  toError: (error: unknown) => Error,
): Promise<SmallLoaded[]> {
  return new Promise((resolve, reject) => {
    const loaded: SmallLoaded[] = []
    let since = 0
    run(client, {
      submit(wire) {
        since = performance.now()
        wire.query(loads.map(({ sql }) => sql).join(';\n'))
        wire.stream.write(framed(loads))
      },
      callback() {},
      handleCopyInResponse() {},
      handleCommandComplete({ text }) {
        const now = performance.now()
        loaded.push({ rows: copiedRows(text), ms: now - since })
        since = now
      },
      handleReadyForQuery: () => resolve(loaded),
      handleError: (error) => reject(toError(error)),
    })
  })
}

function framed(loads: readonly SmallLoad[]): Buffer {
  return Buffer.concat(
    loads.flatMap(({ tuples }) => {
      const head = Buffer.allocUnsafe(5)
      head[0] = copyData
      head.writeInt32BE(4 + copyHeader.length + tuples.length + copyTrailer.length, 1)
      return [head, copyHeader, tuples, copyTrailer, copyDone]
    }),
  )
}
