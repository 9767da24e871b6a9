import { formatTableName, sameTable, type TableName } from '@rowferry/introspect'
import type { Finding, Plan, TablePlan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import type { ReadOptions, Source } from '@rowferry/source'
import { holdsSame, readEvidence } from '../evidence.ts'

export interface AsOfPlan {
  readonly source: Source
  readonly findings: Finding[]
  /** Some rows came since. */
  readonly grew: boolean
}

/**
 * A source that has grown since its plan, as it was: of each table as many rows as there were then, in the order in which they are read, which new
 * rows follow as long as their keys do. What came since is told and not compared; where other rows moved into its place, that is a difference, and
 * is told, since the plan knows what the source itself counted and summed of its rows.
 */
export async function asOfPlan(source: Source, plan: Plan): Promise<AsOfPlan> {
  const limits: TablePlan[] = []
  const findings: Finding[] = []
  for (const table of plan.tables) {
    const { source: name, casts, rows } = table
    if (rows === null) continue
    const some = casts.slice(0, 1).map((cast) => cast.column)
    const now = await source.aggregate?.(name, some)
    if (now === undefined || now.rows <= rows) continue
    limits.push(table)
    findings.push(grown(table, now.rows - rows))
  }
  if (limits.length === 0) return { source, findings, grew: false }
  const limitOf = (table: TableName): number | undefined =>
    limits.find((each) => sameTable(each.source, table))?.rows ?? undefined
  async function* firstRows(table: TableName, options: ReadOptions) {
    let left = limitOf(table) ?? Infinity
    for await (const batch of source.readBatches(table, options)) {
      if (left <= 0) return
      yield batch.length > left ? batch.slice(0, left) : batch
      left -= batch.length
    }
  }
  const sums = source.supports.aggregatesFirst === true
  const then: Source = {
    ...source,
    supports: { ...source.supports, aggregates: sums },
    readBatches: firstRows,
    aggregate: (table, columns, first) => source.aggregate!(table, columns, first ?? limitOf(table)),
  }
  if (!sums) findings.push(notSummed(source))
  const catalog = await source.readCatalog()
  for (const table of limits) {
    const found = sums ? await readEvidence(then, catalog, table) : null
    const moved = (table.evidence ?? []).filter(
      (before) => !found?.evidence.some((each) => each.column === before.column && holdsSame(each, before)),
    )
    if (found && moved.length > 0)
      findings.push(
        movedBelow(
          table,
          moved.map(({ column }) => column),
        ),
      )
  }
  return { source: then, findings, grew: true }
}

function grown({ source, rows }: TablePlan, count: number): Finding {
  const table = formatTableName(source)
  return finding({
    code: 'SOURCE_GREW',
    severity: 'note',
    table,
    count,
    message: `${count} rows of ${table} came after the ${rows} of the plan, and are not compared`,
  })
}

function movedBelow({ source, rows }: TablePlan, columns: readonly string[]): Finding {
  const table = formatTableName(source)
  return finding({
    code: 'SOURCE_CHANGED_BELOW',
    severity: 'warning',
    table,
    message: `the first ${rows} rows of ${table} are not those of the plan: ${columns.join(', ')} ${columns.length === 1 ? 'holds' : 'hold'} other values`,
    remedy: 'rows were changed or taken out since, or new ones lie among the old ones: differences may be of these',
  })
}

/** The source's own sums would be of all of its rows. */
function notSummed({ kind }: Source): Finding {
  return finding({
    code: 'READER_NOT_CHECKED',
    severity: 'warning',
    message: `what was read was not held against the source's own sums: ${kind} cannot sum the rows of the plan alone`,
  })
}

/** The plan made just now, with the marks that the source's sequences had then. */
export function withMarksOf(planned: Plan, plan: Plan): Plan {
  const markOf = (target: TableName, column: string): string | null =>
    planned.tables
      .find((table) => sameTable(table.target, target))
      ?.sequences.find((sequence) => sequence.column === column)?.highWaterMark ?? null
  const tables = plan.tables.map((table) => ({
    ...table,
    sequences: table.sequences.map((each) => ({ ...each, highWaterMark: markOf(table.target, each.column) })),
  }))
  return { ...plan, tables }
}
