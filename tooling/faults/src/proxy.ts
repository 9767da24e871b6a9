import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * What happens to the message: `drop` cuts the connection before it, `lose` delivers it, waits until the server has answered and cuts the connection
 * before the answer, `tell` only calls `on`. `ever`: nobody is let through any more until `heal`.
 */
export interface Fault {
  /** At which message, from 1, of all connections together. */
  readonly at: number
  readonly how: 'drop' | 'lose' | 'tell'
  readonly ever: boolean
  /** Only COMMITs count. */
  readonly commits?: boolean
  /** Called when it happens, before anything is cut. */
  readonly on?: () => void
}

/** A way to a PostgreSQL server on which one message of the client's meets a fault. Unencrypted connections only. */
export interface Proxy extends AsyncDisposable {
  readonly port: number
  /** Counts from 1 again. */
  arm(fault: Fault): void
  heal(): void
  /** Messages that asked the server for something since `arm` or `heal`. */
  seen(): number
  /** Did the fault happen? */
  fired(): boolean
}

/** Those that make the server do something: Query, Sync, CopyData, CopyDone. https://www.postgresql.org/docs/current/protocol-message-formats.html */
const COUNTED = new Set(['Q', 'S', 'd', 'c'])
const COMMIT = /^Q.{4}commit/is
/** Of an answer that never comes by itself, as to CopyData. */
const ANSWER_MS = 30

export async function openProxy(server: { readonly host: string; readonly port: number }): Promise<Proxy> {
  const open = new Set<Socket>()
  let fault: Fault | null = null
  let [seen, fired, down] = [0, false, false]

  const cut = (...sockets: Socket[]): void => {
    for (const socket of down ? open : sockets) socket.destroy()
  }
  const happen = ({ on, ever }: Fault): void => {
    fired = true
    down = ever
    on?.()
  }
  const listener = createServer((client) => {
    if (down) {
      client.destroy()
      return
    }
    const upstream = connect(server)
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    let muted = false
    upstream.on('data', (bytes) => void (muted || client.write(bytes)))
    const lose = async (now: Fault): Promise<void> => {
      muted = true
      await Promise.race([once(upstream, 'data').catch(() => {}), sleep(ANSWER_MS)])
      happen(now)
      cut(client, upstream)
    }
    const split = messageSplitter()
    client.on('data', (bytes) => {
      for (const { type, message } of split(bytes)) {
        const counts = fault?.commits ? COMMIT.test(message.toString('latin1', 0, 12)) : COUNTED.has(type)
        if (counts) seen++
        const now = counts && fault !== null && seen === fault.at ? fault : null
        if (now !== null && now.how !== 'lose') happen(now)
        if (now?.how === 'drop') return cut(client, upstream)
        upstream.write(message)
        if (now?.how === 'lose') return void lose(now)
      }
    })
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const reset = (next: Fault | null): void => {
    fault = next
    ;[seen, fired, down] = [0, false, false]
  }
  return {
    port: (listener.address() as AddressInfo).port,
    arm: reset,
    heal: () => reset(null),
    seen: () => seen,
    fired: () => fired,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      listener.close()
      await once(listener, 'close')
    },
  }
}

/** The client's messages, whole; the first one has no type. */
function messageSplitter() {
  let waiting: Buffer = Buffer.alloc(0)
  let started = false
  return function* split(bytes: Buffer): Generator<{ readonly type: string; readonly message: Buffer }> {
    waiting = Buffer.concat([waiting, bytes])
    for (;;) {
      const head = started ? 1 : 0
      if (waiting.length < head + 4) return
      const length = head + waiting.readInt32BE(head)
      if (waiting.length < length) return
      const message = waiting.subarray(0, length)
      waiting = waiting.subarray(length)
      yield { type: started ? String.fromCharCode(message[0]!) : '', message }
      started = true
    }
  }
}
