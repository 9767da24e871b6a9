import { VerifyError } from './error.ts'
import { int16, int32 } from './wire.ts'

/** One row as PostgreSQL sent it, read where it lies. */
export interface Tuple {
  readonly bytes: Buffer
  /** Where each cell begins, and how long it is; -1 for NULL. */
  readonly at: Int32Array
  readonly size: Int32Array
}

/** The stream of a COPY … TO (FORMAT binary): itself the tuple in view, until `feed` or `next`. */
export interface TupleReader extends Tuple {
  /** Takes the next piece of the stream, cut anywhere; its bytes are copied. */
  feed(piece: Uint8Array): void
  /** Moves on to the next tuple; false until more is fed, and after the trailer. */
  next(): boolean
  /** Throws unless the stream ended with its trailer. */
  finish(): void
}

const signature = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1')
const headerSize = signature.length + 8
const smallStore = 1 << 18
const largeStore = 1 << 23

/**
 * https://www.postgresql.org/docs/current/sql-copy.html, “Binary Format”. `widths`: bytes of each column's cells, 0 where they vary.
 *
 * @throws VerifyError `COPY_MALFORMED` when that is not what the stream is, `EXPECTATION_INVALID` when a cell cannot be of its type.
 */
export function readTuples(widths: readonly number[]): TupleReader {
  const columns = widths.length
  const at = new Int32Array(columns)
  const size = new Int32Array(columns)
  let store = Buffer.allocUnsafeSlow(smallStore)
  let position = 0
  let end = 0
  // So many bytes from `position` on are certainly needed before it is worth looking again
  let needed = headerSize
  let state: 'header' | 'tuples' | 'over' = 'header'

  const waitFor = (upTo: number): false => {
    needed = upTo - position
    return false
  }
  const header = (): boolean => {
    if (signature.compare(store, position, position + signature.length) !== 0)
      throw malformed('it has no COPY signature')
    // Bits 16 to 31 change the layout; no server sends one
    if (int16(store, position + signature.length) !== 0) throw malformed('its header asks for an unknown layout')
    const whole = headerSize + int32(store, position + signature.length + 4)
    if (end - position < whole) return waitFor(position + whole)
    position += whole
    state = 'tuples'
    return true
  }
  const tuple = (): boolean => {
    if (end - position < 2) return waitFor(position + 2)
    const count = int16(store, position)
    if (count === -1) {
      position += 2
      state = 'over'
      if (position < end) throw malformed('it goes on after its trailer')
      return false
    }
    if (count !== columns) throw malformed(`a tuple has ${count} cells instead of ${columns}`)
    let from = position + 2
    for (let i = 0; i < columns; i += 1) {
      if (from + 4 > end) return waitFor(from + 4)
      const length = int32(store, from)
      from += 4
      at[i] = from
      size[i] = length
      if (length > 0) from += length
      else if (length < -1) throw malformed('a cell has a negative length')
      if (length !== widths[i] && length >= 0 && widths[i] !== 0) throw wrongType(i, length, widths[i]!)
    }
    if (from > end) return waitFor(from)
    position = from
    needed = 2
    return true
  }
  return {
    get bytes() {
      return store
    },
    at,
    size,
    feed(piece) {
      if (state === 'over' && piece.length > 0) throw malformed('it goes on after its trailer')
      const rest = end - position
      const whole = rest + piece.length
      const shrink = store.length > largeStore && Math.max(whole, needed) < smallStore
      if (whole > store.length || shrink) {
        const grown = Math.max(
          whole,
          needed,
          shrink ? smallStore : Math.min(store.length * 2, store.length + largeStore),
        )
        const next = Buffer.allocUnsafeSlow(grown)
        store.copy(next, 0, position, end)
        store = next
      } else if (rest > 0) store.copyWithin(0, position, end)
      store.set(piece, rest)
      position = 0
      end = whole
    },
    next() {
      if (state === 'over' || end - position < needed) return false
      return (state === 'tuples' || header()) && tuple()
    },
    finish() {
      if (state !== 'over') throw malformed('it ended before its trailer')
    },
  }
}

function malformed(how: string): VerifyError {
  return new VerifyError(
    'COPY_MALFORMED',
    `The target's COPY stream cannot be read: ${how}`,
    'Is there a proxy between here and PostgreSQL that changes what passes through it? Connect to the server itself.',
  )
}

function wrongType(column: number, length: number, width: number): VerifyError {
  return new VerifyError(
    'EXPECTATION_INVALID',
    `Column ${column + 1} of the target has cells of ${length} bytes where its expected type has ${width}`,
    'Was the target altered since the expectation was made? Make it again.',
  )
}
