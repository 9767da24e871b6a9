/** What the first 100 bytes say (https://www.sqlite.org/fileformat2.html#the_database_header). */
export interface Header {
  readonly pageSize: number
  /** Bytes 18 and 19 ask for a write-ahead log. */
  readonly wal: boolean
  /** The size the file should have, in bytes; null when its writer kept no count (before SQLite 3.7.0). */
  readonly expectedSize: number | null
}

const magic = Buffer.from('SQLite format 3\0', 'latin1')
export const headerSize = 100

/** Null when the bytes do not begin as a SQLite 3 database does. */
export function parseHeader(bytes: Buffer): Header | null {
  if (bytes.length < headerSize || !bytes.subarray(0, 16).equals(magic)) return null
  const size = bytes.readUInt16BE(16)
  const pageSize = size === 1 ? 65_536 : size
  const pages = bytes.readUInt32BE(28)
  const countIsCurrent = pages > 0 && bytes.readUInt32BE(24) === bytes.readUInt32BE(92)
  return {
    pageSize,
    wal: bytes[18] === 2 || bytes[19] === 2,
    expectedSize: countIsCurrent ? pages * pageSize : null,
  }
}

const known: readonly (readonly [bytes: string, name: string, remedy: string])[] = [
  ['\x1f\x8b', 'a gzip archive', 'Unpack it first: gunzip.'],
  ['PK\x03\x04', 'a zip archive', 'Unpack it first: unzip.'],
  ['\x28\xb5\x2f\xfd', 'a zstd archive', 'Unpack it first: unzstd.'],
  ['\xfd7zXZ\0', 'an xz archive', 'Unpack it first: unxz.'],
  ['BZh', 'a bzip2 archive', 'Unpack it first: bunzip2.'],
  ['PGDMP', 'an archive made by pg_dump', 'It is PostgreSQL already: pg_restore reads it.'],
  [
    '** This file contains an SQLite 2',
    'a database of SQLite 2',
    'Convert it first: sqlite old.db .dump | sqlite3 new.db',
  ],
]

export interface Stranger {
  readonly what: string
  readonly remedy: string
  /** Looks like random bytes: an encrypted database begins so. */
  readonly encrypted: boolean
}

/** A file that is no SQLite 3 database: what may it be? `bytes` are its first few thousand. */
export function recognize(bytes: Buffer): Stranger {
  const start = bytes.toString('latin1', 0, 64)
  const found = known.find(([begin]) => start.startsWith(begin))
  if (found) return { what: found[1], remedy: found[2], encrypted: false }
  if (/^(?:\/\*!|\/\*M!|-- (?:MySQL|MariaDB) dump)/.test(start)) {
    const remedy = 'Restore it into a server, and name that as the source: mysql://user:password@host/database.'
    return { what: 'a dump of MySQL or MariaDB', remedy, encrypted: false }
  }
  if (/PostgreSQL database dump/.test(start))
    return { what: 'a dump of PostgreSQL', remedy: 'It is PostgreSQL already: psql reads it.', encrypted: false }
  if (bytes.length >= 512 && entropyOf(bytes) > 7) {
    const remedy =
      "If it is encrypted (SQLCipher, SEE), write a decrypted copy first: ATTACH … KEY '' and sqlcipher_export."
    return { what: 'encrypted, or not a database of SQLite at all: its bytes look random', remedy, encrypted: true }
  }
  return {
    what: 'not a database of SQLite: it does not begin with "SQLite format 3"',
    remedy: 'Give the path of the SQLite database file itself.',
    encrypted: false,
  }
}

/** Shannon entropy in bits a byte; random bytes come near 8, text stays below 5. */
function entropyOf(bytes: Buffer): number {
  const counts = new Uint32Array(256)
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1
  let bits = 0
  for (const count of counts) if (count > 0) bits -= (count / bytes.length) * Math.log2(count / bytes.length)
  return bits
}
