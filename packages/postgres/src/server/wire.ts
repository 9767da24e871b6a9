import type { Socket } from 'node:net'
import type pg from 'pg'

/** The part of pg's `Connection` that COPY needs. */
export interface Wire {
  readonly stream: Socket
  query(sql: string): void
  sendCopyFail(reason: string): void
}

/** What pg's client calls on the statement that it is running (as `pg-copy-streams` and `pg-cursor` are called, too). */
export interface RunningStatement {
  submit(wire: Wire): void
  callback(): void
  handleError(error: unknown): void
  handleCommandComplete(message: { readonly text: string }): void
  handleReadyForQuery(): void
  handleCopyInResponse?(): void
}

/** Queues the statement; the types of pg know of its connection only as an event emitter. */
export function run(client: pg.Client, statement: RunningStatement): void {
  client.query(statement as unknown as pg.Submittable)
}

/** The message that ends the rows of a COPY FROM STDIN. */
export const copyDone: Buffer = Buffer.from('c\0\0\0\x04', 'latin1')

/** The number at the end of `COPY 3`. */
export function copiedRows(tag: string): number {
  return Number(tag.slice(tag.lastIndexOf(' ') + 1))
}

/** The client's own connection, which its types do not tell. */
export function wireOf(client: pg.Client): Wire {
  return (client as unknown as { readonly connection: Wire }).connection
}
