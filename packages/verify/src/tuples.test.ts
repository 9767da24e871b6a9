import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readTuples } from './tuples.ts'

type Row = readonly (Uint8Array | null)[]

const header = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
const trailer = Buffer.from([0xff, 0xff])
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
const encode = (row: Row): Buffer =>
  Buffer.concat([
    Buffer.from([0, row.length]),
    ...row.flatMap((cell) => (cell === null ? [int32(-1)] : [int32(cell.length), cell])),
  ])

function decode(columns: number, pieces: readonly Uint8Array[]): Row[] {
  const tuples = readTuples(Array.from({ length: columns }, () => 0))
  const rows: Row[] = []
  for (const piece of pieces) {
    tuples.feed(piece)
    // The reader may not lean on a piece after the session takes it back
    piece.fill(0xaa)
    while (tuples.next()) {
      const { bytes, at, size } = tuples
      rows.push(
        Array.from(at, (from, i) => (size[i]! < 0 ? null : Uint8Array.from(bytes.subarray(from, from + size[i]!)))),
      )
    }
  }
  tuples.finish()
  return rows
}

test('any cutting of the stream gives the same cells', () => {
  const cell = fc.option(fc.uint8Array({ maxLength: 12 }))
  const table = fc
    .nat(4)
    .chain((columns) =>
      fc
        .array(fc.array(cell, { minLength: columns, maxLength: columns }), { maxLength: 8 })
        .map((rows) => ({ columns, rows })),
    )
  fc.assert(
    fc.property(table, fc.array(fc.nat(9), { maxLength: 200 }), ({ columns, rows }, sizes) => {
      const stream = Buffer.concat([header, ...rows.map(encode), trailer])
      const pieces: Uint8Array[] = []
      let at = 0
      for (const size of sizes) {
        pieces.push(Uint8Array.from(stream.subarray(at, at + size)))
        at += size
      }
      pieces.push(Uint8Array.from(stream.subarray(at)))
      expect(decode(columns, pieces)).toEqual(rows)
    }),
  )
})

test('a cell larger than every buffer arrives whole, and small ones after it', () => {
  const large = new Uint8Array(20_000_000).map((_, i) => i * 31)
  const small = Uint8Array.of(7)
  const stream = Buffer.concat([header, encode([large]), encode([small]), trailer])
  const pieces: Uint8Array[] = []
  for (let at = 0; at < stream.length; at += 65_536) pieces.push(Uint8Array.from(stream.subarray(at, at + 65_536)))
  const rows = decode(1, pieces)
  expect(Buffer.compare(rows[0]![0]!, large)).toBe(0)
  expect(rows[1]).toEqual([small])
})

test('a header extension is passed over', () => {
  const extended = Buffer.concat([header.subarray(0, 15), int32(3), Buffer.from('abc'), encode([null]), trailer])
  expect(decode(1, [extended])).toEqual([[null]])
})

test.for([
  ['no signature', Buffer.from('PGDUMP\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')],
  ['an unknown layout', Buffer.concat([header.subarray(0, 11), int32(1 << 16), int32(0)])],
  ['another number of cells', Buffer.concat([header, encode([null, null])])],
  ['a negative length', Buffer.concat([header, Buffer.from([0, 1]), int32(-2)])],
  ['no trailer', Buffer.concat([header, encode([null])])],
  ['bytes after the trailer', Buffer.concat([header, trailer, trailer])],
] as const)('%s is refused', ([, stream]) => {
  expect(() => decode(1, [Uint8Array.from(stream)])).toThrow(expect.objectContaining({ code: 'COPY_MALFORMED' }))
})

test('a cell that cannot be of the expected type is refused', () => {
  const tuples = readTuples([0, 8])
  tuples.feed(Buffer.concat([header, encode([null, null]), encode([new Uint8Array(3), new Uint8Array(8)])]))
  expect([tuples.next(), tuples.next(), tuples.next()]).toEqual([true, true, false])
  tuples.feed(encode([null, new Uint8Array(4)]))
  expect(() => tuples.next()).toThrow(expect.objectContaining({ code: 'EXPECTATION_INVALID' }))
})
