import { formatTableName, sameTable, type TableName } from '@rowferry/introspect'
import type { Finding, Plan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import type { ReadOptions, Source } from '@rowferry/source'

/**
 * A source that has grown since its plan, as it was: of each table as many rows as there were then, in the order in which they are read, which new
 * rows follow as long as their keys do. What came since is told and not compared; where other rows moved into its place, that is a difference.
 */
export async function asOfPlan(
  source: Source,
  plan: Plan,
): Promise<{ readonly source: Source; readonly findings: Finding[] }> {
  const limits: { readonly table: TableName; readonly rows: number }[] = []
  const findings: Finding[] = []
  for (const { source: table, casts, rows } of plan.tables) {
    const now =
      rows === null
        ? undefined
        : await source.aggregate?.(
            table,
            casts.slice(0, 1).map((cast) => cast.column),
          )
    if (rows === null || now === undefined || now.rows <= rows) continue
    limits.push({ table, rows })
    const name = formatTableName(table)
    findings.push(
      finding({
        code: 'SOURCE_GREW',
        severity: 'note',
        table: name,
        count: now.rows - rows,
        message: `${now.rows - rows} rows of ${name} came after the ${rows} of the plan, and are not compared`,
      }),
    )
  }
  if (limits.length === 0) return { source, findings }
  async function* firstRows(table: TableName, options: ReadOptions) {
    let left = limits.find((each) => sameTable(each.table, table))?.rows ?? Infinity
    for await (const batch of source.readBatches(table, options)) {
      if (left <= 0) return
      yield batch.length > left ? batch.slice(0, left) : batch
      left -= batch.length
    }
  }
  // The source's own sums are of all of its rows
  return {
    source: { ...source, supports: { ...source.supports, aggregates: false }, readBatches: firstRows },
    findings,
  }
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
