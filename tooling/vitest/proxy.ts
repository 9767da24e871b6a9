import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'

/** What happens to bytes on their way: `swallow` takes them and acknowledges them, and nobody ever gets them; a number is a delay in milliseconds. */
export type Fate = 'pass' | 'swallow' | 'reset' | 'end' | number

export interface Passing {
  /** Connections are counted from 0. */
  readonly connection: number
  /** `up` goes to the server. */
  readonly direction: 'up' | 'down'
  readonly bytes: Buffer
  /** Bytes that went this way on this connection before. */
  readonly before: number
}

export interface FaultyProxy extends AsyncDisposable {
  readonly port: number
  connections(): number
}

/** A way to a server of the tests on which bytes may get lost: each piece, in its turn, has the fate that `decide` gives it. */
export async function openProxy(serverUrl: string, decide: (passing: Passing) => Fate): Promise<FaultyProxy> {
  const { hostname, port } = new URL(serverUrl)
  const open = new Set<Socket>()
  let connections = 0
  const listener = createServer({ allowHalfOpen: true }, (client) => {
    const connection = connections++
    const server = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
    const both = [client, server]
    for (const socket of both) {
      open.add(socket)
      socket.on('error', () => both.forEach((each) => each.destroy()))
      socket.on('close', () => {
        open.delete(socket)
        for (const each of both) if (!each.destroyed) each.end()
      })
    }
    const end = (fate: 'reset' | 'end'): void =>
      both.forEach((socket) => (fate === 'reset' ? socket.resetAndDestroy() : socket.end()))
    const forward = async (from: Socket, to: Socket, direction: Passing['direction']): Promise<void> => {
      let before = 0
      for await (const bytes of from as AsyncIterable<Buffer>) {
        const fate = decide({ connection, direction, bytes, before })
        before += bytes.length
        if (fate === 'reset' || fate === 'end') return end(fate)
        if (fate === 'swallow') continue
        if (fate !== 'pass') await setTimeout(fate)
        if (!to.write(bytes) && !to.destroyed) await Promise.race([once(to, 'drain'), once(to, 'close')])
      }
      to.end()
    }
    forward(client, server, 'up').catch(() => {})
    forward(server, client, 'down').catch(() => {})
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return {
    port: (listener.address() as AddressInfo).port,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      listener.close()
      await once(listener, 'close')
    },
  }
}
