import { createHash } from 'node:crypto'
import type { Catalog } from './catalog.ts'

/** What may change without the structure changing, or belongs to one installation or one session. */
const passing = new Set(['version', 'notes', 'rowEstimate', 'highWaterMark', 'lastValue', 'oid', 'owned', 'comment'])

/** Lists whose order says nothing; columns, those of a key, and enum labels keep theirs. */
const unordered = new Set([
  'tables',
  'views',
  'triggers',
  'sequences',
  'types',
  'uniques',
  'foreignKeys',
  'checks',
  'exclusions',
  'indexes',
])

/**
 * SHA-256 in hex over the structure that a catalog describes: equal as long as tables, columns, types, keys, constraints, indexes, views,
 * triggers and sequences are. Left out: row estimates, sequences' last values, high-water marks, oids, comments, the database's version,
 * notes, and whether this session owns a table. Tells whether a database drifted between plan and run.
 */
export function catalogFingerprint(catalog: Catalog): string {
  return createHash('sha256').update(canonical(catalog, '')).digest('hex')
}

function canonical(value: unknown, key: string): string {
  if (Array.isArray(value)) {
    const parts = value.map((part) => canonical(part, ''))
    return `[${(unordered.has(key) ? parts.toSorted() : parts).join(',')}]`
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([name, member]) => member !== undefined && !passing.has(name))
  return `{${entries
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member, name)}`)
    .join(',')}}`
}
