import { spellsPoint } from './same-text.ts'

/** What the letter after a backslash stands for. */
const letters = new Uint8Array(128)
for (const [sign, meaning] of Object.entries({ '"': 34, '\\': 92, '/': 47, b: 8, f: 12, n: 10, r: 13, t: 9 }))
  letters[sign.charCodeAt(0)] = meaning

/** The code point that the JSON escape at `i` stands for; 0 for what is none, and for half a surrogate pair. */
export function escapedPoint(json: string, i: number): number {
  const letter = json.charCodeAt(i + 1)
  if (letter !== 117) return letters[letter] ?? 0
  const unit = hexUnit(json, i + 2)
  if (unit < 0xd800 || unit > 0xdfff) return unit
  if (unit > 0xdbff || json.charCodeAt(i + 6) !== 92 || json.charCodeAt(i + 7) !== 117) return 0
  const low = hexUnit(json, i + 8)
  return low >= 0xdc00 && low <= 0xdfff ? 0x10000 + ((unit - 0xd800) << 10) + low - 0xdc00 : 0
}

function hexUnit(json: string, at: number): number {
  let unit = 0
  for (let i = at; i < at + 4; i += 1) {
    const code = json.charCodeAt(i)
    const lower = code | 32
    const digit = code >= 48 && code <= 57 ? code - 48 : lower >= 97 && lower <= 102 ? lower - 87 : -1
    if (digit < 0) return 0
    unit = unit * 16 + digit
  }
  return unit
}

/** Where the code point ends that PostgreSQL prints at `at` within a string of jsonb; -1 when it is another. */
export function printsPoint(bytes: Buffer, at: number, end: number, point: number): number {
  if (point >= 32 && point !== 34 && point !== 92) return spellsPoint(bytes, at, end, point)
  // escape_json in PostgreSQL's json.c
  if (bytes[at] !== 92) return -1
  const letter = bytes[at + 1]!
  if (letter !== 117) return letters[letter] === point ? at + 2 : -1
  return bytes.toString('latin1', at + 2, at + 6) === point.toString(16).padStart(4, '0') ? at + 6 : -1
}
