import { InvalidText, type SourceValue } from '@rowferry/introspect'

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be'

/** A cell as better-sqlite3 gives it, integers as bigint when asked so. */
export type Cell = null | number | bigint | string | Buffer

/** Every decoder refuses what is not valid and keeps a byte order mark, which SQLite stores as a character like any other. */
export function decoderOf(encoding: TextEncoding): (bytes: Uint8Array) => string | InvalidText {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true })
  return (bytes) => {
    try {
      return decoder.decode(bytes)
    } catch {
      return new InvalidText(Uint8Array.from(bytes), encoding)
    }
  }
}

/** Past 2^53 a number may be an integer that was rounded. */
export function isDoubtfulNumber(cell: number): boolean {
  return cell > Number.MAX_SAFE_INTEGER || cell < Number.MIN_SAFE_INTEGER
}

/**
 * U+FFFD may stand for bytes that are no text. In a UTF-16 database SQLite itself bends lone surrogates while it makes UTF-8, so no text can be
 * trusted there, whatever it holds.
 */
export function isDoubtfulText(cell: string): boolean {
  return cell.includes('\uFFFD')
}

/** A cell that was read with `safeIntegers`, as the contract says it. */
export function settleInteger(cell: Cell, integers: 'auto' | 'bigint'): SourceValue {
  if (typeof cell !== 'bigint' || integers === 'bigint') return cell
  return cell >= -9007199254740991n && cell <= 9007199254740991n ? Number(cell) : cell
}

/** What a cell takes in memory, roughly. */
export function weigh(cell: Cell): number {
  return cell !== null && typeof cell === 'object' ? cell.length + 8 : typeof cell === 'string' ? cell.length + 8 : 8
}
