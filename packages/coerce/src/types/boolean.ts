import type { Cell } from '../cell.ts'
import { putInt32, reserve } from '../buffer.ts'
import { impossible, mapRemedy } from '../refusal.ts'

const notABoolean = impossible('NOT_A_BOOLEAN', 'is no boolean', ({ value }) => mapRemedy(value, '<true or false>'))

const words = new Map(Object.entries({ '0': 0, '1': 1, t: 1, f: 0, true: 1, false: 0, yes: 1, no: 0, on: 1, off: 0 }))

/** The numbers 0 and 1, and a closed set of words in any case. PostgreSQL itself would also take `of` for false. */
export function booleanCell(): Cell {
  const encode: Cell['encode'] = (value, out) => {
    let bit: number | undefined
    if (typeof value === 'number') bit = value === 1 || Object.is(value, 0) ? value : undefined
    else if (typeof value === 'bigint') bit = value === 0n ? 0 : value === 1n ? 1 : undefined
    else if (typeof value === 'string' && value.length <= 5) bit = words.get(value) ?? words.get(value.toLowerCase())
    if (bit === undefined) return notABoolean
    reserve(out, 5)
    putInt32(out.bytes, out.position, 1)
    out.bytes[out.position + 4] = bit
    out.position += 5
    return null
  }
  return { encode }
}
