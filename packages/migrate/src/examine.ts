import { formatType, goesThroughText } from '@rowferry/coerce'
import type { SourceRow } from '@rowferry/introspect'
import { formatTableName, sameTable } from '@rowferry/introspect'
import type { Finding, ForeignKeyPlan, Plan, TablePlan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import type { Session } from '@rowferry/postgres'
import type { Source } from '@rowferry/source'
import { checkTable, keyText, rowName } from '@rowferry/write'
import type { Changed, RowRequest } from '@rowferry/write'
import { CHECKED_BY_SERVER, openPlanAsking } from './ask/ask-plan.ts'
import { withClockEvidence } from './clock-evidence.ts'
import type { EventListener } from './events.ts'
import type { CrossingOptions } from './options.ts'
import { unusedRules } from './unused-rules.ts'

export interface ExamineInput {
  readonly plan: Plan
  readonly source: Source
  /** Null where there is no target: then nobody can be asked. */
  readonly session: Session | null
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

/**
 * Every cell of every table read and coerced without a sink, every reference looked up, and the server asked what it would say of the rows:
 * all that stands against them at once. Nothing is written, and no lock outlives its question.
 */
export async function examine(input: ExamineInput): Promise<Examination> {
  const findings: Finding[] = []
  const tables: Examination['tables'][number][] = []
  const asking = input.session
    ? await openPlanAsking({
        plan: input.plan,
        source: input.source,
        session: input.session,
        inSource: (key) => inSource(input, key),
        request: (table) => request(input, table),
      })
    : null
  for (const table of input.plan.tables) {
    input.signal?.throwIfAborted()
    const label = formatTableName(table.source)
    const started = performance.now()
    const onRows = asking?.onRows(table)
    const check = await checkTable({
      ...request(input, table),
      ...(onRows ? { onRows } : {}),
      onProgress: (rows: number) =>
        input.onEvent({ type: 'table', phase: 'check', table: label, rows, total: table.rows, done: false }),
    })
    input.onEvent({ type: 'table', phase: 'check', table: label, rows: check.rows, total: check.rows, done: true })
    findings.push(...check.findings, ...(asking ? [] : unchecked(table)))
    tables.push({
      plan: table,
      rows: check.rows,
      misfitRows: check.misfitRows,
      ms: performance.now() - started,
      changed: check.changed,
    })
  }
  findings.push(
    ...unusedRules(
      input.plan.options,
      tables.filter((table) => table.misfitRows === 0),
    ),
  )
  if (asking) findings.push(...(await asking.finish()))
  for (const key of input.plan.foreignKeys) if (inSource(input, key)) findings.push(...(await orphans(input, key)))
  if (!findings.some(({ code }) => code === 'TIMEZONE_NEEDED' || code === 'DURATION_UNIT_NEEDED'))
    return { findings, tables }
  const catalog = await input.source.readCatalog(input.signal ? { signal: input.signal } : {})
  return { findings: withClockEvidence(findings, catalog), tables }
}

function request({ source, options, signal }: ExamineInput, table: TablePlan): RowRequest {
  return {
    table,
    source,
    ...(options.batchSize === null ? {} : { batchRows: options.batchSize }),
    ...(signal ? { signal } : {}),
  }
}

/** Columns whose text only the server's own input can judge, which nothing is sent to here. */
function unchecked(table: TablePlan): Finding[] {
  const name = formatTableName(table.source)
  return [...table.casts, ...table.fills.map(({ cast }) => cast)]
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

/** Both ends of a foreign key between planned tables, by the source's names; null where the source does not hold them all. */
function endsOf({ plan }: ExamineInput, key: ForeignKeyPlan) {
  const child = plan.tables.find((table) => sameTable(table.target, key.table))
  const parent = plan.tables.find((table) => sameTable(table.target, key.references))
  if (!child || !parent) return null
  const back = (table: TablePlan, names: readonly string[]) =>
    names.flatMap((name) => table.casts.find((cast) => cast.target === name)?.column ?? [])
  const columns = back(child, key.columns)
  const parentColumns = back(parent, key.referencedColumns)
  if (columns.length < key.columns.length || parentColumns.length < key.columns.length || columns.length === 0)
    return null
  return { child, parent, columns, parentColumns }
}

/** Can the source itself tell which rows meet no parent? */
function inSource(input: ExamineInput, key: ForeignKeyPlan): boolean {
  const ends = endsOf(input, key)
  if (!ends || !input.source.findOrphans) return false
  const { child, parent, columns, parentColumns } = ends
  // Rows that were there before may be the parents: only the target can tell.
  if (parent.onExisting === 'append' || parent.onExisting === 'skip' || parent.onExisting === 'merge') return false
  // A mend or a value map on either side changes who meets whom, and so does a type that reads its text: only the target can tell.
  return ![...child.casts, ...parent.casts].some(
    (cast) =>
      (cast.rules.mends || cast.rules.map || goesThroughText(cast.type)) &&
      (columns.includes(cast.column) || parentColumns.includes(cast.column)),
  )
}

async function orphans(input: ExamineInput, key: ForeignKeyPlan): Promise<Finding[]> {
  const { child, parent, columns, parentColumns } = endsOf(input, key)!
  const keyColumns = child.key.length > 0 ? child.key : child.rowIdentifier ? [child.rowIdentifier] : []
  const found = await input.source.findOrphans!({
    table: child.source,
    columns,
    parent: parent.source,
    parentColumns,
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
      examples: found.rows.map((row) => named(columns, row.slice(keyColumns.length))),
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
