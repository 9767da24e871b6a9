/** Where in the server's stream of messages we are. */
export interface FrameState {
  /** Bytes of the current message that have not come yet. */
  remaining: number
  /** Is the current message none of ours (a notice, the announcement of the COPY)? */
  skipping: boolean
  /** The first bytes of a message whose five-byte head was cut in two. */
  head: Buffer | null
}

const copyData = 0x64
const copyDone = 0x63
/** CopyOutResponse, NoticeResponse, ParameterStatus and NotificationResponse may come before or between the rows, CommandComplete between two statements. */
const besides: ReadonlySet<number> = new Set([0x48, 0x4e, 0x53, 0x41, 0x43])
const headSize = 5

/**
 * The payloads of the CopyData messages in one read of the socket, moved together at its start (the read itself is given away with them),
 * and everything from the first message that ends the rows, if there is one (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY).
 */
export function takeFrames(state: FrameState, read: Buffer): { piece: Uint8Array; rest: Buffer | null } {
  const chunk = state.head ? Buffer.concat([state.head, read]) : read
  state.head = null
  let from = 0
  let to = 0
  while (from < chunk.length) {
    if (state.remaining > 0) {
      const count = Math.min(state.remaining, chunk.length - from)
      if (!state.skipping) {
        move(chunk, from, to, count)
        to += count
      }
      from += count
      state.remaining -= count
      continue
    }
    if (chunk.length - from < headSize) {
      state.head = Buffer.from(chunk.subarray(from))
      break
    }
    const type = chunk[from]!
    if (type !== copyData && !besides.has(type))
      return { piece: chunk.subarray(0, to), rest: Buffer.from(chunk.subarray(from)) }
    state.remaining = chunk.readInt32BE(from + 1) - 4
    state.skipping = type !== copyData
    from += headSize
  }
  return { piece: chunk.subarray(0, to), rest: null }
}

/** The same for the rows of several statements: a null at the end of each, and `rest` from the first message that ends them all. */
export function takeAnswers(state: FrameState, read: Buffer): { pieces: (Uint8Array | null)[]; rest: Buffer | null } {
  const pieces: (Uint8Array | null)[] = []
  for (let chunk = read; ;) {
    const { piece, rest } = takeFrames(state, chunk)
    if (piece.length > 0) pieces.push(piece)
    if (rest?.[0] !== copyDone) return { pieces, rest }
    pieces.push(null)
    chunk = rest.subarray(headSize)
  }
}

function move(chunk: Buffer, from: number, to: number, count: number): void {
  if (from === to) return
  // A narrow row is moved before a call into the runtime has begun
  if (count < 48) for (let i = 0; i < count; i += 1) chunk[to + i] = chunk[from + i]!
  else chunk.copyWithin(to, from, from + count)
}
