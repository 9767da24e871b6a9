import type { SourceRow } from '@rowferry/introspect'

/** Names that break whoever pastes them into SQL, into an object or into a path. */
export const awkwardNames = [
  'order',
  'with space',
  `qu"ote`,
  `apo'strophe`,
  'semi;colon',
  'Ünïcödé 漢字',
  '__proto__',
  'constructor',
  '%s',
  '$1',
  'back`tick',
  '../up',
]

/** Their sum passes 64 bits. */
export const integers = [
  9223372036854775807n,
  0,
  1,
  -1,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 53 - 1,
  -(2 ** 53) + 1,
  9007199254740992n,
  9007199254740993n,
  -9007199254740993n,
  9223372036854775807n,
  -9223372036854775808n,
]

export const reals = [0.5, -0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 123456789.12345679, 2 ** 60]

export const texts = [
  '',
  ' ',
  'plain',
  'Straße naïve',
  '漢字',
  '👩‍👩‍👧 🇫🇷',
  'line\nbreak\r\n\ttab',
  `'quoted' "twice" \\`,
  '\uFEFFmark',
  '\uFFFD',
  '\\N',
  'x'.repeat(70_000),
]

export const bytes = [
  new Uint8Array(),
  Uint8Array.of(0),
  Uint8Array.from({ length: 256 }, (_, at) => at),
  Uint8Array.of(0xff, 0xfe, 0xed, 0xa0, 0x80),
  new Uint8Array(70_000).fill(7),
]

/** Rows of (id, name) with ids that leave gaps. */
export function numbered(count: number): SourceRow[] {
  return Array.from({ length: count }, (_, at) => [at * 3 + 1, `row ${at}`])
}
