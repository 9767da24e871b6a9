import type { Index, SourceRow, SourceValue, Table } from '@rowferry/introspect'
import { InvalidText } from '@rowferry/introspect'
import type { Finding, TableMatch } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import { quoteIdentifier, quoteTable } from '@rowferry/postgres'
import { keyText, rowName } from '@rowferry/write'

/** A third of a page, less what the entry itself takes: past this btree refuses, unless it compresses (PostgreSQL's BTMaxItemSize). */
const BTREE_BYTES = 2704
/** No shorter text can have so many bytes. */
const WORTH_COUNTING = Math.floor(BTREE_BYTES / 3)
const NAMED = 5

interface Watched {
  readonly index: Index
  readonly at: readonly number[]
  count: number
  longest: number
  readonly keys: string[]
}

/** Looks at every row of a table that is to be created for entries that its indexes may not take. */
export function watchKeys(match: TableMatch): { see(row: SourceRow): void; findings(): Finding[] } {
  const table = match.source
  const place = (column: string | null) => match.columns.findIndex((each) => each.source.name === column)
  const watched: Watched[] = table.indexes
    .map((index) => ({
      index,
      at: index.columns.map(({ column }) => place(column)).filter((at) => at !== -1),
      count: 0,
      longest: 0,
      keys: [],
    }))
    .filter(({ at }) => at.length > 0)
  const keyAt = (table.primaryKey?.columns ?? []).map(place)
  let rows = 0
  return {
    see(row) {
      rows++
      for (const each of watched) {
        let units = 0
        for (const at of each.at) units += unitsOf(row[at] ?? null)
        if (units <= WORTH_COUNTING) continue
        const bytes = each.at.reduce((sum, at) => sum + bytesOf(row[at] ?? null), 0)
        if (bytes <= BTREE_BYTES) continue
        each.count++
        each.longest = Math.max(each.longest, bytes)
        if (each.keys.length < NAMED) each.keys.push(nameOf(table, keyAt, row, rows))
      }
    },
    findings: () => watched.filter(({ count }) => count > 0).map((each) => tooLong(match, each)),
  }
}

function unitsOf(value: SourceValue): number {
  if (typeof value === 'string') return value.length
  if (value instanceof Uint8Array) return value.length * 3
  return value instanceof InvalidText ? value.bytes.length * 3 : 0
}

function bytesOf(value: SourceValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (value instanceof Uint8Array) return value.length
  return value instanceof InvalidText ? value.bytes.length : 0
}

function nameOf(table: Table, keyAt: readonly number[], row: SourceRow, number: number): string {
  if (keyAt.length === 0 || keyAt.includes(-1)) return `row ${number}`
  return rowName(
    keyAt.map((at, part) => ({
      column: table.primaryKey!.columns[part]!,
      value: keyText(row[at] ?? null),
    })),
  )
}

function tooLong(match: TableMatch, { index, count, longest, keys, at }: Watched): Finding {
  const table = match.source.name.name
  const columns = at.map((each) => match.columns[each]!.name)
  const what =
    index.constraint === null ? `index ${index.name}` : `the ${index.constraint} (${columns.join(', ')}) of ${table}`
  const entries = count === 1 ? '1 row has an entry' : `${count} rows have entries`
  const then = index.unique
    ? 'a row that it does not take is refused by name'
    : 'an index that it does not take is left off and listed'
  return finding({
    code: 'INDEX_ENTRY_LONG',
    severity: 'warning',
    table,
    column: columns.join(', '),
    count,
    keys,
    message: `${what}: ${entries} of more than ${BTREE_BYTES} bytes (up to ${longest}), which PostgreSQL's btree takes only where they compress well; ${then}`,
    remedy: index.unique
      ? `--on-bad-row quarantine sets such rows aside; ${hashed(columns)} takes values of any length, in a table made beforehand`
      : hashedIndex(match, index, columns),
  })
}

function hashed(columns: readonly string[]): string {
  return `a unique index over ${columns.map((column) => `md5(${quoteIdentifier(column)})`).join(', ')}`
}

/** What takes values of any length: hashes of them. They find equal values, and sort nothing. */
function hashedIndex(match: TableMatch, index: Index, columns: readonly string[]): string | null {
  const [column] = columns
  if (column === undefined || index.columns.length !== 1) return null
  const where = index.where === null ? '' : ' WHERE …'
  return `afterwards: CREATE INDEX ON ${quoteTable(match.name)} USING hash (${quoteIdentifier(column)})${where}`
}
