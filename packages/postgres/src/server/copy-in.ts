import { setImmediate as immediate } from 'node:timers/promises'
import type pg from 'pg'
import { copyHeader, copyTrailer } from '../binary-copy.ts'
import type { CopyIn } from '../session.ts'
import type { Watch } from './stall.ts'
import { copiedRows, copyDone, run, type RunningStatement, type Wire } from './wire.ts'

/** One CopyData message: smaller ones cost several times the CPU on both sides, larger ones do not fit a socket's buffer at once. */
const messageSize = 65_536
const messages = 8
const framing = 5

/** COPY FROM STDIN over pg's own socket, in eight buffers that are used again and again. */
export async function copyIntoServer(
  client: pg.Client,
  sql: string,
  toError: (error: unknown) => Error,
  over: () => void,
  awaiting: Watch['awaiting'],
): Promise<CopyIn> {
  let wire: Wire | undefined
  let failure: Error | undefined
  let wake = (): void => {}
  let rows = 0

  let ended!: Promise<number>
  const started = new Promise<void>((start, refuse) => {
    ended = new Promise((end, fail) => {
      const statement: RunningStatement = {
        submit(connection: Wire) {
          wire = connection
          connection.query(sql)
        },
        callback() {},
        handleCopyInResponse: start,
        handleCommandComplete: ({ text }) => void (rows = copiedRows(text)),
        handleReadyForQuery() {
          over()
          end(rows)
        },
        handleError(error) {
          failure = toError(error)
          over()
          refuse(failure)
          fail(failure)
          wake()
        },
      }
      run(client, statement)
    })
    ended.catch(() => {})
  })
  await awaiting(started)
  const { stream } = wire!

  const free: Buffer[] = []
  let allocated = 0
  let sent = 0
  let buffer = allocate()
  let used = framing

  function allocate(): Buffer {
    allocated += 1
    const fresh = Buffer.allocUnsafeSlow(messageSize + framing)
    fresh[0] = 0x64
    return fresh
  }
  function send(): void {
    const full = buffer
    full.writeInt32BE(used - 1, 1)
    stream.write(full.subarray(0, used), () => {
      free.push(full)
      wake()
    })
    sent += 1
  }
  const mustWait = (): boolean => !failure && free.length === 0 && allocated === messages
  async function nextBuffer(): Promise<void> {
    // A socket that swallows everything at once would never let the server's complaint be read
    if (sent % messages === 0) await immediate()
    while (mustWait()) await awaiting(new Promise<void>((resolve) => (wake = resolve)))
    if (failure) throw failure
    buffer = free.pop() ?? allocate()
    used = framing
  }
  async function write(bytes: Uint8Array): Promise<void> {
    if (failure) throw failure
    for (let at = 0; at < bytes.length;) {
      const count = Math.min(bytes.length - at, buffer.length - used)
      buffer.set(bytes.subarray(at, at + count), used)
      at += count
      used += count
      if (used === buffer.length) {
        send()
        await nextBuffer()
      }
    }
  }

  await write(copyHeader)
  return {
    write,
    async finish() {
      await write(copyTrailer)
      if (used > framing) send()
      stream.write(copyDone)
      return awaiting(ended)
    },
    async fail(reason) {
      if (!failure) wire!.sendCopyFail(reason.replaceAll('\0', ''))
      await awaiting(ended).catch(() => {})
    },
  }
}
