/** Integers as PostgreSQL sends them, most significant byte first, read in place. */
export function int16(bytes: Buffer, at: number): number {
  return ((bytes[at]! << 24) >> 16) | bytes[at + 1]!
}

export function int32(bytes: Buffer, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}

export function uint32(bytes: Buffer, at: number): number {
  return int32(bytes, at) >>> 0
}

/** Exact within ±2^53, rounded beyond: compare it only with safe integers. */
export function int64(bytes: Buffer, at: number): number {
  return int32(bytes, at) * 4294967296 + uint32(bytes, at + 4)
}

/** The same in decimal, exact everywhere. */
export function int64Text(bytes: Buffer, at: number): string {
  const value = int64(bytes, at)
  return Number.isSafeInteger(value) ? String(value) : String(bytes.readBigInt64BE(at))
}
