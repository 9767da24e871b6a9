import fc from 'fast-check'
import { expect, test } from 'vitest'
import { takeAnswers, takeFrames, type FrameState } from './frames.ts'

const message = (type: string, payload: Uint8Array): Buffer => {
  const head = Buffer.from(`${type}\0\0\0\0`, 'latin1')
  head.writeInt32BE(payload.length + 4, 1)
  return Buffer.concat([head, payload])
}

test('wherever the reads are cut: the payloads come out whole, and the end is handed back untouched', () => {
  const rows = fc.array(
    fc.record({ type: fc.constantFrom('d', 'd', 'd', 'N', 'S', 'A', 'C'), payload: fc.uint8Array({ maxLength: 120 }) }),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(
      rows,
      fc.constantFrom('c', 'E', 'Z'),
      fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1 }),
      (messages, last, cuts) => {
        const end = Buffer.concat([message(last, Buffer.from('the end')), Buffer.from('and more')])
        const stream = Buffer.concat([
          message('H', Buffer.alloc(7)),
          ...messages.map(({ type, payload }) => message(type, payload)),
          end,
        ])
        const state: FrameState = { remaining: 0, skipping: false, head: null }
        const pieces: Uint8Array[] = []
        let rest: Buffer | null = null
        let at = 0
        for (let turn = 0; at < stream.length; turn += 1) {
          const read = Buffer.from(stream.subarray(at, at + cuts[turn % cuts.length]!))
          at += read.length
          if (rest) rest = Buffer.concat([rest, read])
          else {
            const taken = takeFrames(state, read)
            pieces.push(taken.piece)
            rest = taken.rest
          }
        }
        expect(Buffer.concat(pieces)).toEqual(
          Buffer.concat(messages.filter(({ type }) => type === 'd').map(({ payload }) => payload)),
        )
        expect(rest).toEqual(end)
      },
    ),
    { examples: [[[{ type: 'd', payload: new Uint8Array(64) }], 'c', [5, 64]]] },
  )
})

test('wherever the reads are cut: the rows of several statements come out apart, and the end is handed back untouched', () => {
  const payloads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { maxLength: 5 })
  fc.assert(
    fc.property(
      fc.array(payloads, { minLength: 1, maxLength: 8 }),
      fc.constantFrom('E', 'Z'),
      fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1 }),
      (statements, last, cuts) => {
        const end = message(last, Buffer.from('the end'))
        const stream = Buffer.concat([
          ...statements.flatMap((rows) => [
            message('H', Buffer.alloc(7)),
            ...rows.map((row) => message('d', row)),
            message('c', Buffer.alloc(0)),
            message('C', Buffer.from('COPY 1\0')),
          ]),
          end,
        ])
        const state: FrameState = { remaining: 0, skipping: false, head: null }
        const found: Buffer[] = []
        let row = Buffer.alloc(0)
        let rest: Buffer | null = null
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const read = Buffer.from(stream.subarray(at, at + cuts[turn % cuts.length]!))
          at += read.length
          if (rest) {
            rest = Buffer.concat([rest, read])
            continue
          }
          const taken = takeAnswers(state, read)
          for (const piece of taken.pieces) {
            if (piece) row = Buffer.concat([row, piece])
            else {
              found.push(row)
              row = Buffer.alloc(0)
            }
          }
          rest = taken.rest
        }
        expect(found).toEqual(statements.map((rows) => Buffer.concat(rows)))
        expect(rest).toEqual(end)
      },
    ),
  )
})
