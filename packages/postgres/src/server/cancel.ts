import { connect } from 'node:net'

interface Backend {
  readonly host: string
  readonly port: number
  readonly pid: number
  readonly key: number
}

const waitMs = 2000

/** CancelRequest on a connection of its own (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS); never rejects, and nobody says whether it helped. */
export function cancelStatement({ host, port, pid, key }: Backend): Promise<void> {
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
