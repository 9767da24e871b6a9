import type { Cast } from '@rowferry/coerce'
import type { Table } from '@rowferry/introspect'
import { castsIntoExisting, needsClassedIntegers } from './casts.ts'
import { fillCast, fillFits } from './fills.ts'
import type { TableMatch } from './match.ts'
import type { PlanOptions } from './options.ts'
import type { SequencePlan, TablePlan } from './plan.ts'

/** What both modes say of a table in the same way. */
export function commonPlan(match: TableMatch, casts: readonly Cast[], options: PlanOptions) {
  const key = keyOf(match.source, casts)
  return {
    source: match.source.name,
    target: match.name,
    casts: casts.map((cast) => ({ ...cast })),
    key: [...key],
    rowIdentifier: match.source.rowIdentifier,
    // What is set aside is kept with its class, whatever its column was for
    classedIntegers: options.onBadRow === 'quarantine' || needsClassedIntegers(match.source, casts),
    rows: match.source.rowEstimate,
  }
}

/**
 * The primary key where no NULL can have arrived, else such a unique key, else none: the row identifier names the row.
 * SQLite lets NULL into `code text primary key`; what the target takes no NULL in holds none there.
 */
function keyOf(table: Table, casts: readonly Cast[]): readonly string[] {
  const solid = (columns: readonly string[]) =>
    columns.every(
      (name) =>
        table.columns.find((column) => column.name === name)?.nullable === false ||
        casts.some((cast) => cast.column === name && cast.notNull),
    )
  if (table.primaryKey && solid(table.primaryKey.columns)) return table.primaryKey.columns
  return table.uniques.find((key) => solid(key.columns))?.columns ?? []
}

/** A table whose types the target decides. */
export function existingTable(match: TableMatch, target: Table, options: PlanOptions): TablePlan {
  const { casts, generated } = castsIntoExisting(match, options)
  return {
    ...commonPlan(match, casts, options),
    mode: 'existing',
    onExisting: options.onExisting === 'refuse' ? 'empty' : options.onExisting,
    fills: match.fills
      .filter((fill) => fillFits(fill, options))
      .map((fill) => ({ cast: fillCast(fill, options), value: fill.value })),
    generated: generated.map((cast) => ({ ...cast })),
    targetKey: [...(target.primaryKey?.columns ?? [])],
    oid: target.postgres?.oid ?? null,
    owned: target.postgres?.owned ?? false,
    partitioned: target.kind === 'partitioned',
    sequences: sequencesOf(match, target),
    definition: null,
    conditions: [],
  }
}

function sequencesOf(match: TableMatch, target: Table): SequencePlan[] {
  return target.columns
    .filter((column) => column.sequence !== null)
    .map((column) => {
      const from = match.columns.find((candidate) => candidate.name === column.name)
      const isAutoincrement = from?.source.identity === 'autoincrement' || from?.source.identity === 'rowid'
      return {
        column: column.name,
        sequence: column.sequence,
        highWaterMark: isAutoincrement ? match.source.highWaterMark : null,
      }
    })
}
