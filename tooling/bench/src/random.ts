/** The same numbers on every machine (xorshift32). */
export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number
  /** A whole number below `limit`. */
  below(limit: number): number
  /** Null with this probability, else what is made. */
  maybe<Value>(nulls: number, make: () => Value): Value | null
  word(): string
  /** Words, spaces and line ends: exactly so many characters, some of two bytes. */
  text(characters: number): string
  hex(digits: number): string
  uuid(): string
  /** An instant with milliseconds, in UTC. */
  instant(): string
  bytes(count: number): Buffer
}

const words =
  'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua éa naïve "quoted" back\\slash tab\tsep'.split(
    ' ',
  )

export function openRandom(seed: number): Random {
  let state = seed
  const bits = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  const next = (): number => bits() / 4_294_967_296
  const below = (limit: number): number => Math.floor(next() * limit)
  const word = (): string => words[below(words.length)]!
  const hex = (digits: number): string => {
    let made = ''
    while (made.length < digits) made += bits().toString(16).padStart(8, '0')
    return made.slice(0, digits)
  }
  return {
    next,
    below,
    word,
    hex,
    maybe: (nulls, make) => (next() < nulls ? null : make()),
    text(characters) {
      let made = ''
      while (made.length < characters) made += word() + (below(20) === 0 ? '\n' : ' ')
      return made.slice(0, characters)
    },
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
    instant: () => new Date(1.5e12 + below(2e11)).toISOString(),
    bytes(count) {
      const made = Buffer.allocUnsafe(count)
      for (let at = 0; at < count; at += 4) made.writeUInt32LE(bits(), at)
      return made
    },
  }
}
