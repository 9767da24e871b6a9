/** One COPY BINARY tuple of (bigint, text), spelled out by hand. */
export function tuple(id: number, text: string): Buffer {
  const bytes = Buffer.from(text)
  const head = Buffer.alloc(18)
  head.writeInt16BE(2, 0)
  head.writeInt32BE(8, 2)
  head.writeBigInt64BE(BigInt(id), 6)
  head.writeInt32BE(bytes.length, 14)
  return Buffer.concat([head, bytes])
}

export async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const piece of pieces) all.push(Buffer.from(piece))
  return Buffer.concat(all)
}
