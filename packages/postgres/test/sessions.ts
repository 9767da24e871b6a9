import { openSession, type Session } from '../src/index.ts'
import { memoryAddress, serverAddress } from './addresses.ts'

/** A session on the server's database, for `await using`. */
export async function openServer(url: string): Promise<Session & AsyncDisposable> {
  const session = await openSession(serverAddress(url))
  return { ...session, [Symbol.asyncDispose]: () => session.close() }
}

/** A PGlite in memory: a second to start, so one is enough for a file. */
export async function openLite(): Promise<Session & AsyncDisposable> {
  const session = await openSession(memoryAddress)
  return { ...session, [Symbol.asyncDispose]: () => session.close() }
}
