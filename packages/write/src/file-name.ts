import { createHash } from 'node:crypto'

/** A table's name as a file name that cannot leave the folder: plain letters stay, the rest is percent-encoded, long names end in a digest. */
export function fileName(table: string): string {
  const plain = encodeURIComponent(table.toWellFormed()).replaceAll(
    /[.*'()!~]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  if (plain.length <= 150) return plain
  return `${plain.slice(0, 120)}-${createHash('sha256').update(table).digest('hex').slice(0, 16)}`
}
