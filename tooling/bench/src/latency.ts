import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Server } from './server.ts'

/** The same server as if it were `ms` away: what comes in either direction is handed on half as long later, however much follows. */
export async function withLatency<Result>(
  server: Server,
  ms: number,
  use: (server: Server) => Promise<Result>,
): Promise<Result> {
  if (ms === 0) return use(server)
  const url = new URL(server.url)
  const there = { port: Number(url.port || 5432), host: url.hostname, noDelay: true }
  const proxy = createServer({ noDelay: true }, (near) => {
    const far = connect(there)
    handOn(near, far, ms / 2)
    handOn(far, near, ms / 2)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  try {
    url.hostname = '127.0.0.1'
    url.port = String((proxy.address() as AddressInfo).port)
    return await use({ ...server, url: url.href })
  } finally {
    proxy.close()
  }
}

/** As much under way as a wide line holds; more, and the sender waits. */
const mostUnderWay = 8 << 20

function handOn(from: Socket, to: Socket, ms: number): void {
  let underWay = 0
  let last: Promise<unknown> = Promise.resolve()
  const later = (work: () => void): void => {
    const arrived = delay(ms)
    last = last.then(() => arrived).then(work)
  }
  from.on('data', (chunk) => {
    underWay += chunk.length
    if (underWay > mostUnderWay) from.pause()
    later(() =>
      to.write(chunk, () => {
        underWay -= chunk.length
        if (underWay <= mostUnderWay) from.resume()
      }),
    )
  })
  from.on('end', () => later(() => to.end()))
  from.on('error', () => to.destroy())
  from.on('close', () => later(() => to.destroy()))
}
