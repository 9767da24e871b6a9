import type { TableName } from '@rowferry/introspect'
import { formatTableName, sameTable } from '@rowferry/introspect'
import type { Plan } from '@rowferry/plan'
import { isRebuilt } from '@rowferry/plan'
import { planForeignKeyRebuild, quoteIdentifier, renderPostData, renderPreData } from '@rowferry/postgres'
import type { Report } from '@rowferry/report'
import { makeReport, renamedIn, viewReport } from './account.ts'
import { definitions, indexRebuild, nameOf, tablesToTruncate } from './crossing/pre-data.ts'
import { phaseEvent } from './events.ts'
import { readEvidence } from './evidence.ts'
import type { Examination } from './examine.ts'
import { examine } from './examine.ts'
import type { Opened, OpenInput } from './opened.ts'
import { withOpened } from './opened.ts'
import { nocaseCollations } from './nocase.ts'
import { perSecond } from './phase-clock.ts'
import { fingerprinted, prepare } from './prepare.ts'
import { awaitSoundness } from './soundness.ts'

export interface Planned {
  /** Null when an end could not be opened: the report says why. */
  readonly plan: Plan | null
  readonly report: Report
  /** The statements that create mode would run, in order: the schema, tables, indexes and keys, views, triggers. */
  readonly ddl: readonly string[]
}

/**
 * The whole crossing without writing: both catalogs read, every cell coerced, every reference looked up. Writes nothing and locks nothing.
 * `target` null plans the schema that would be created. Never throws for what a user can mend: see `report.error` and `report.findings`.
 */
export async function plan(input: OpenInput): Promise<Planned> {
  let made: Plan | null = null
  const report = await withOpened('plan', input, async (opened) => {
    opened.onEvent(phaseEvent('plan'))
    const prepared = await prepare({
      source: opened.source,
      adapter: input.source.adapter,
      session: opened.session,
      options: opened.options,
      onEvent: opened.onEvent,
      signal: opened.signal,
    })
    const draft = { ...prepared, ...(await rebuilds(prepared, opened)) }
    const evident = withEvidence(draft, opened)
    // Awaited below, or something else went wrong first
    evident.catch(() => {})
    opened.onEvent(phaseEvent('check', draft.tables))
    const examined = await examine({
      plan: draft,
      source: opened.source,
      session: opened.session,
      options: opened.options,
      onEvent: opened.onEvent,
      signal: opened.signal,
    })
    await awaitSoundness(opened)
    made = {
      ...(await fingerprinted(await evident, opened.source)),
      findings: [...draft.findings, ...examined.findings],
    }
    return planReport(opened.base, made, examined)
  })
  return { plan: made, report, ddl: made === null ? [] : statementsOf(made) }
}

/** What create mode runs, in its order, but for the data. */
function statementsOf({ tables, views, triggers, options: { schema } }: Plan): string[] {
  const created = definitions(tables)
  return [
    ...(created.length > 0 && schema !== 'public' ? [`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`] : []),
    ...nocaseCollations(created),
    ...renderPreData(created),
    ...renderPostData(created),
    ...[...views, ...triggers].map(({ sql }) => sql),
  ]
}

/** Indexes and constraints that the crossing would drop and rebuild, and those that it would leave. */
async function rebuilds(made: Plan, { session }: Opened): Promise<Pick<Plan, 'rebuilds' | 'staying'>> {
  const heavy = made.tables.filter(isRebuilt)
  if (session === null || heavy.length === 0) return {}
  const emptied = await tablesToTruncate(session, made)
  const isEmptied = ({ table }: { readonly table: TableName }) => emptied.some((name) => sameTable(name, table))
  const foreignKeys = made.foreignKeys.filter((key) => key.strategy === 'rebuilt').map(nameOf)
  // Outside a transaction definitions are as the search path has them; only names are kept here
  const { drops, kept } = await indexRebuild(session, made, heavy, await planForeignKeyRebuild(session, foreignKeys))
  const why =
    'a table that is not carried references its table, or one that is emptied with it, or a publication would send its TRUNCATE on, so that it is not truncated'
  return {
    rebuilds: drops.filter(isEmptied).map(({ table, object }) => ({ table, object })),
    staying: [...drops.filter((each) => !isEmptied(each)).map((each) => ({ ...each, why })), ...kept].map((each) => ({
      table: each.table,
      object: each.object,
      why: each.why,
    })),
  }
}

/** What each column holds belongs to a plan that is kept; a crossing that goes on at once needs none of it. */
async function withEvidence(made: Plan, { source, signal }: Opened): Promise<Plan> {
  const catalog = await source.readCatalog(signal ? { signal } : {})
  const tables: Plan['tables'] = []
  for (const table of made.tables) {
    signal?.throwIfAborted()
    const found = await readEvidence(source, catalog, table)
    tables.push(found === null ? table : { ...table, rows: found.rows, evidence: found.evidence })
  }
  return { ...made, tables }
}

/** The report of a run that was to write nothing. */
export function planReport(base: Opened['base'], made: Plan, examined: Examination | null): Report {
  const refused = made.findings.some(
    (each) =>
      each.severity === 'refuse' &&
      !(made.options.onBadRow === 'quarantine' && each.count !== null && each.code !== 'TABLE_MISSING'),
  )
  return makeReport({
    ...base,
    source: { ...base.source, fingerprint: made.source.fingerprint },
    outcome: refused ? 'refused' : 'planned',
    plan: made,
    findings: made.findings,
    views: made.views.map((view) =>
      viewReport({ plan: view, rows: null, why: 'made and compared once the data is in' }),
    ),
    notCarried: made.notCarried,
    tables: (examined?.tables ?? []).map((table) => ({
      source: formatTableName(table.plan.source),
      target: formatTableName(table.plan.target),
      mode: table.plan.mode,
      read: table.rows,
      written: 0,
      rejected: table.misfitRows,
      kept: 0,
      bytes: 0,
      loadMs: Math.round(table.ms),
      verifyMs: 0,
      loadRowsPerSecond: perSecond(table.rows, table.ms),
      verifyRowsPerSecond: null,
      renamed: renamedIn(table.plan),
      changed: [...table.changed],
      verdict: 'not verified',
      method: null,
      cells: 0,
      missing: 0,
      extra: 0,
      different: 0,
      mismatches: [],
    })),
  })
}
