import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

interface Backend {
  readonly host: string
  readonly port: number
  readonly pid: number
  readonly key: number
}

const waitMs = 2000
const insistMs = 500
const againMs = 25

/** Cancels what runs until `ended` is true: a request that overtakes its statement does nothing, and says nothing of it. Gives up after half a second. */
export async function cancelUntil(ended: () => boolean, backend: Backend): Promise<void> {
  for (const last = performance.now() + insistMs; !ended() && performance.now() < last;) {
    await cancelStatement(backend)
    await pause(againMs)
  }
}

/** CancelRequest on a connection of its own (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS); never rejects, and nobody says whether it helped. */
function cancelStatement({ host, port, pid, key }: Backend): Promise<void> {
  const message = Buffer.alloc(16)
  message.writeInt32BE(16, 0)
  message.writeInt32BE(80_877_102, 4)
  message.writeInt32BE(pid, 8)
  message.writeInt32BE(key, 12)
  return new Promise((resolve) => {
    const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host)
    socket.setTimeout(waitMs, () => socket.destroy())
    socket.once('connect', () => socket.end(message))
    socket.once('error', () => socket.destroy())
    socket.once('close', () => resolve())
    socket.resume()
  })
}
