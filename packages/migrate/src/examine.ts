import { formatType, goesThroughText } from '@rowferry/coerce'
import type { SourceRow } from '@rowferry/introspect'
import { formatTableName, sameTable } from '@rowferry/introspect'
import type { Finding, ForeignKeyPlan, Plan, TablePlan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import type { Source } from '@rowferry/source'
import { checkTable, keyText, rowName } from '@rowferry/write'
import type { Changed } from '@rowferry/write'
import type { EventListener } from './events.ts'
import type { CrossingOptions } from './options.ts'

export interface ExamineInput {
  readonly plan: Plan
  readonly source: Source
  readonly options: CrossingOptions
  readonly onEvent: EventListener
  readonly signal: AbortSignal | undefined
}

export interface Examination {
  readonly findings: Finding[]
  readonly tables: readonly {
    readonly plan: TablePlan
    readonly rows: number
    readonly misfitRows: number
    readonly ms: number
    readonly changed: readonly Changed[]
  }[]
}

/** Every cell of every table read and coerced without a sink, and every reference looked up in the source: all misfits, nothing written, nothing locked. */
export async function examine(input: ExamineInput): Promise<Examination> {
  const findings: Finding[] = []
  const tables: Examination['tables'][number][] = []
  for (const table of input.plan.tables) {
    input.signal?.throwIfAborted()
    const label = formatTableName(table.source)
    const started = performance.now()
    const check = await checkTable({
      table,
      source: input.source,
      ...(input.options.batchSize === null ? {} : { batchRows: input.options.batchSize }),
      ...(input.signal ? { signal: input.signal } : {}),
      onProgress: (rows: number) =>
        input.onEvent({ type: 'table', phase: 'check', table: label, rows, total: table.rows, done: false }),
    })
    input.onEvent({ type: 'table', phase: 'check', table: label, rows: check.rows, total: check.rows, done: true })
    findings.push(...check.findings, ...unchecked(table))
    tables.push({
      plan: table,
      rows: check.rows,
      misfitRows: check.misfitRows,
      ms: performance.now() - started,
      changed: check.changed,
    })
  }
  for (const key of input.plan.foreignKeys) findings.push(...(await orphans(input, key)))
  return { findings, tables }
}

export const CHECKED_BY_SERVER = 'CHECKED_BY_SERVER'

/** Columns whose text only the server's own input can judge, which nothing is sent to here. */
function unchecked(table: TablePlan): Finding[] {
  const name = formatTableName(table.source)
  return table.casts
    .filter((cast) => goesThroughText(cast.type))
    .map(({ column, type }) =>
      finding({
        code: CHECKED_BY_SERVER,
        severity: 'note',
        table: name,
        column,
        targetType: formatType(type),
        message: `${name}.${column}: whether each value is a ${formatType(type)}, the server says as it takes it in`,
        remedy: 'migrate --rehearse asks it and writes nothing',
      }),
    )
}

async function orphans(input: ExamineInput, key: ForeignKeyPlan): Promise<Finding[]> {
  const child = input.plan.tables.find((table) => sameTable(table.target, key.table))
  const parent = input.plan.tables.find((table) => sameTable(table.target, key.references))
  if (!child || !parent || !input.source.findOrphans) return []
  const back = (table: TablePlan, names: readonly string[]) =>
    names.map((name) => table.casts.find((cast) => cast.target === name)?.column)
  const columns = back(child, key.columns)
  const parentColumns = back(parent, key.referencedColumns)
  if (columns.includes(undefined) || parentColumns.includes(undefined) || columns.length === 0) return []
  // Rows that were there before may be the parents: only the target can tell.
  if (parent.onExisting === 'append' || parent.onExisting === 'skip' || parent.onExisting === 'merge') return []
  // A value map on either side changes who meets whom, and so does a type that reads its text: only the target can tell.
  const elsewhere = [...child.casts, ...parent.casts].some(
    (cast) =>
      (cast.rules.map || goesThroughText(cast.type)) &&
      (columns.includes(cast.column) || parentColumns.includes(cast.column)),
  )
  if (elsewhere) return []
  const keyColumns = child.key.length > 0 ? child.key : child.rowIdentifier ? [child.rowIdentifier] : []
  const found = await input.source.findOrphans({
    table: child.source,
    columns: columns as string[],
    parent: parent.source,
    parentColumns: parentColumns as string[],
    keyColumns,
    limit: 5,
  })
  if (found.count === 0) return []
  return [
    finding({
      code: 'ORPHANS',
      severity: 'refuse',
      table: formatTableName(child.source),
      column: columns.join(', '),
      count: found.count,
      keys: found.rows.map((row) => named(keyColumns, row)),
      examples: found.rows.map((row) => named(columns as string[], row.slice(keyColumns.length))),
      message: `${found.count} ${found.count === 1 ? 'row' : 'rows'} of ${formatTableName(child.source)} ${found.count === 1 ? 'references' : 'reference'} a row of ${formatTableName(parent.source)} that does not exist (${columns.join(', ')})`,
      remedy: 'mend the rows in the source, or --on-bad-row quarantine',
    }),
  ]
}

function named(columns: readonly string[], row: SourceRow): string {
  return rowName(
    columns.map((column, index) => ({
      column,
      value: keyText(row[index] ?? null),
    })),
  )
}
