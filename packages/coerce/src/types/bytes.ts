import { InvalidText } from '@rowferry/introspect'
import { closeCell, reserve } from '../buffer.ts'
import type { Cell, CellEncoder } from '../cell.ts'
import { impossible } from '../refusal.ts'
import type { Refusal } from '../refusal.ts'
import { invalidText, largestCell, putText, textRefusal, tooLarge } from './text.ts'

const notBytes = impossible('NOT_BYTES', 'is a number, not bytes')

/** Would a bytea column hold the value? As `bytesCell` judges, without writing. */
export const probeBytes: CellEncoder = (value) => {
  if (typeof value === 'string') return textRefusal(value, false)
  if (typeof value !== 'object') return notBytes
  return bytesRefusal(value)
}

/** Texts become UTF-8: among them the bytes of a text that is no valid UTF-16 would be taken for another one. */
function bytesRefusal(value: Uint8Array | InvalidText): Refusal | null {
  if (value instanceof InvalidText && value.encoding !== 'utf-8') return invalidText
  const { length } = value instanceof InvalidText ? value.bytes : value
  return length > largestCell ? tooLarge : null
}

/** Blobs as they are; text as its bytes in UTF-8, never as PostgreSQL's escape format; text that is no valid UTF-8 as its own bytes. */
export function bytesCell(): Cell {
  const encode: Cell['encode'] = (value, out) => {
    if (typeof value === 'string') return putText(value, out, false)
    if (typeof value === 'number' || typeof value === 'bigint') return notBytes
    const refusal = bytesRefusal(value)
    if (refusal !== null) return refusal
    const bytes = value instanceof InvalidText ? value.bytes : value
    reserve(out, 4 + bytes.length)
    out.bytes.set(bytes, out.position + 4)
    closeCell(out, out.position + 4 + bytes.length)
    return null
  }
  return { encode }
}
