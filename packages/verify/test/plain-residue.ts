const prime = 2147483647n
const bits = new DataView(new ArrayBuffer(8))

/** What reals come to modulo 2^31 − 1, from the bits of each: slow, and plain. */
export function plainResidue(reals: readonly number[]): number {
  return Number(reals.reduce((sum, real) => (sum + ofOne(real)) % prime, 0n))
}

function ofOne(real: number): bigint {
  if (Object.is(real, -0)) return 1n
  if (Number.isNaN(real)) return 4n
  if (!Number.isFinite(real)) return real > 0 ? 2n : 3n
  bits.setFloat64(0, real)
  const whole = bits.getBigUint64(0)
  const exponent = Number((whole >> 52n) & 2047n)
  const mantissa = (whole & (2n ** 52n - 1n)) + (exponent === 0 ? 0n : 2n ** 52n)
  // 35 × 31 = 1085: no power of two is negative, and 2^31 is 1
  const residue = (mantissa * 2n ** BigInt(Math.max(exponent, 1) - 1075 + 1085)) % prime
  return whole >> 63n === 1n ? (prime - residue) % prime : residue
}
