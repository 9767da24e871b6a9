import type { StorageClass } from '@rowferry/coerce'
import { formatType, storageClassOf } from '@rowferry/coerce'
import type { SourceRow, SourceValue } from '@rowferry/introspect'
import { formatTableName, InvalidText } from '@rowferry/introspect'
import type { TablePlan } from '@rowferry/plan'
import { keyOf, readingOf, rowName } from './reading.ts'

/** A stored value without loss: text as it is, numbers as decimal text (bits too where text would not do), bytes in base 64. */
export type RejectValue = string | null | { readonly base64: string } | { readonly real: string; readonly bits: string }

/** A row that was set aside, whole, with why. One line of the quarantine's NDJSON. */
export interface Reject {
  /** The source table. */
  readonly table: string
  readonly key: readonly { readonly column: string; readonly value: string | null }[]
  /** The key for a person: `id=3`. */
  readonly row: string
  readonly column: string | null
  readonly code: string
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

/** `columns[i]` names `row[i]`; `ordinal` is the row's number in the reading order, for tables without a key. */
export function rejectRow(table: TablePlan, columns: readonly string[], row: SourceRow, reason: RejectReason, ordinal = 0): Reject {
  const key = keyOf(readingOf(table), row, ordinal)
  const index = reason.column === null ? -1 : columns.indexOf(reason.column)
  const cast = table.casts.find((each) => each.column === reason.column)
  return {
    table: formatTableName(table.source),
    key,
    row: rowName(key),
    column: reason.column,
    code: reason.code,
    reason: reason.reason,
    storageClass: index === -1 ? null : storageClassOf(row[index] ?? null),
    targetType: cast ? formatType(cast.type) : null,
    values: columns.map((column, place) => ({ column, class: storageClassOf(row[place] ?? null), value: lossless(row[place] ?? null) })),
  }
}

function lossless(value: SourceValue): RejectValue {
  if (value === null || typeof value === 'string') return value
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value)
    const bits = Buffer.alloc(8)
    bits.writeDoubleBE(value)
    return { real: String(value), bits: bits.toString('hex') }
  }
  return { base64: Buffer.from(value instanceof InvalidText ? value.bytes : value).toString('base64') }
}
