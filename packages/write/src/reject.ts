import type { StorageClass } from '@rowferry/coerce'
import { formatType, storageClassOf } from '@rowferry/coerce'
import type { SourceRow, SourceValue, TableName } from '@rowferry/introspect'
import { formatTableName, InvalidText } from '@rowferry/introspect'
import type { TablePlan } from '@rowferry/plan'
import { integersOf, keyOf, readingOf, rowName, writtenCasts } from './reading.ts'

/**
 * A stored value without loss, to be read together with its storage class: text as it is, integers in decimal, reals by the shortest
 * decimal that reads back as the same double (`0.1`, `1.0`, `-0.0`, `1e+21`, `Infinity`), blobs and invalid text as their bytes (the latter with
 * their encoding where that is not UTF-8).
 */
export type RejectValue = string | null | { readonly base64: string; readonly encoding?: string }

/** A row that was set aside, whole, with why. One line of the quarantine's NDJSON. */
export interface Reject {
  /** The source table, for a person. */
  readonly table: string
  /** Its true name. */
  readonly source: TableName
  readonly key: readonly { readonly column: string; readonly value: string | null }[]
  /** The key for a person: `id=3`. */
  readonly row: string
  /** The source column to blame, of several the first; null when the whole row is meant. */
  readonly column: string | null
  /** A `MisfitCode`; or for what the server refused `UNIQUE_VIOLATION`, `CHECK_VIOLATION`, `NOT_NULL_VIOLATION`, `FOREIGN_KEY_VIOLATION`, `EXCLUSION_VIOLATION`, `NO_PARTITION`, `DOMAIN_VIOLATION`, else `SERVER_REFUSED`. */
  readonly code: string
  /** For a person; what the server refused, in the server's words, which name the constraint. */
  readonly reason: string
  readonly storageClass: StorageClass | null
  readonly targetType: string | null
  readonly values: readonly { readonly column: string; readonly class: StorageClass; readonly value: RejectValue }[]
}

export interface RejectReason {
  /** Source column, or null when the whole row is meant. */
  readonly column: string | null
  readonly code: string
  readonly reason: string
}

/** `columns[i]` names `row[i]`, and they were read as the plan's `classedIntegers` says; `ordinal` is the row's number in the reading order, for tables without a key. */
export function rejectRow(
  table: TablePlan,
  columns: readonly string[],
  row: SourceRow,
  reason: RejectReason,
  ordinal = 0,
): Reject {
  const { key: names } = readingOf(table)
  const places = names.map(({ column }) => ({ column, position: columns.indexOf(column) }))
  const key = keyOf({ columns, key: places }, row, ordinal)
  const integers = integersOf(table)
  const values = columns.map((column, place) => {
    const value = row[place] ?? null
    const storageClass = storageClassOf(value, integers)
    return { column, class: storageClass, value: lossless(value, storageClass) }
  })
  const blamed = values.find(({ column }) => column === reason.column)
  const cast = writtenCasts(table).find(({ column }) => column === reason.column)
  return {
    table: formatTableName(table.source),
    source: { schema: table.source.schema, name: table.source.name },
    key,
    row: rowName(key),
    column: reason.column,
    code: reason.code,
    reason: reason.reason,
    storageClass: blamed?.class ?? null,
    targetType: cast ? formatType(cast.type) : null,
    values,
  }
}

function lossless(value: SourceValue, storageClass: StorageClass): RejectValue {
  if (value === null || typeof value === 'string') return value
  if (typeof value === 'number' && storageClass === 'real') return realText(value)
  if (typeof value !== 'object') return String(value)
  const bytes = value instanceof InvalidText ? value.bytes : value
  const encoding = value instanceof InvalidText && value.encoding !== 'utf-8' ? { encoding: value.encoding } : {}
  return { base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'), ...encoding }
}

function realText(value: number): string {
  if (Object.is(value, -0)) return '-0.0'
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value)
}
