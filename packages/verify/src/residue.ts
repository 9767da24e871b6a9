const prime = 2 ** 31 - 1
const exactly = 2 ** 51

/** A whole number that a real is equal to modulo 2^31 − 1, as `ColumnAggregate` of `@rowferry/source` says it; below 2^52 either side of 0. */
export function residueOf(real: number): number {
  if (real === 0) return Object.is(real, -0) ? 1 : 0
  if (!Number.isFinite(real)) return Number.isNaN(real) ? 4 : real > 0 ? 2 : 3
  let residue = Math.trunc(real)
  let rest = real - residue
  if (residue > exactly || residue < -exactly) residue %= prime
  // 31 binary places are worth a whole number: 2^31 is 1 more than the modulus
  while (rest !== 0) {
    rest *= 2 ** 31
    const part = Math.trunc(rest)
    residue += part
    rest -= part
  }
  return residue
}

/** From 0 to 2^31 − 2. */
export function reduce(sum: bigint): number {
  const modulus = BigInt(prime)
  return Number(((sum % modulus) + modulus) % modulus)
}
