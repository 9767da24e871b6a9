import type { CopyBuffer } from './encoder.ts'

/** A buffer for `RowEncoder.encode`. `capacity` in bytes, default 64 KiB; it grows by itself, so a small one only costs copies. */
export function createCopyBuffer(capacity = 65_536): CopyBuffer {
  return { bytes: Buffer.allocUnsafeSlow(capacity), position: 0 }
}

/** Makes room for `size` more bytes. `out.bytes` may be another buffer afterwards. */
export function reserve(out: CopyBuffer, size: number): void {
  if (out.position + size > out.bytes.length) grow(out, size)
}

function grow(out: CopyBuffer, size: number): void {
  const bytes = Buffer.allocUnsafeSlow(Math.max(out.bytes.length * 2, out.position + size))
  out.bytes.copy(bytes, 0, 0, out.position)
  out.bytes = bytes
}

export function putInt16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}

export function putInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/** A safe integer as 64 bits. */
export function putInt64(bytes: Uint8Array, at: number, value: number): void {
  putInt32(bytes, at, Math.floor(value / 4_294_967_296))
  putInt32(bytes, at + 4, value)
}

/** The length of the cell that was written behind four bytes left free at `out.position`, then steps past it. */
export function closeCell(out: CopyBuffer, end: number): void {
  putInt32(out.bytes, out.position, end - out.position - 4)
  out.position = end
}

/** SQL NULL. */
export function putNull(out: CopyBuffer): void {
  reserve(out, 4)
  putInt32(out.bytes, out.position, -1)
  out.position += 4
}

const double = new Float64Array(1)
const single = new Float32Array(1)
const doubleBytes = new Uint8Array(double.buffer)
const singleBytes = new Uint8Array(single.buffer)
const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

export function putFloat64(bytes: Uint8Array, at: number, value: number): void {
  double[0] = value
  for (let i = 0; i < 8; i++) bytes[at + i] = doubleBytes[littleEndian ? 7 - i : i] as number
}

export function putFloat32(bytes: Uint8Array, at: number, value: number): void {
  single[0] = value
  for (let i = 0; i < 4; i++) bytes[at + i] = singleBytes[littleEndian ? 3 - i : i] as number
}
