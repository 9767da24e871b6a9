import { formatTableName } from '@rowferry/introspect'
import type { Plan, ViewPlan } from '@rowferry/plan'
import { PostgresError, quoteTable } from '@rowferry/postgres'
import type { Session } from '@rowferry/postgres'
import { SourceError } from '@rowferry/source'
import type { TableVerdict } from '@rowferry/verify'
import { verifyTable } from '@rowferry/verify'
import { expectView } from '../expectation.ts'
import type { CrossingContext, TableOutcome } from './context.ts'
import { describeDifference } from './difference.ts'

/** A view is compared if it has no more rows than this, and if PostgreSQL has counted them within this time. */
const ROWS_COMPARED = 100_000
const PATIENCE_MS = 10_000

/** A view that was made. */
export interface ViewOutcome {
  readonly plan: ViewPlan
  /** Rows, the same on both sides; null where they were not compared. */
  readonly rows: number | null
  /** Why they were not compared. */
  readonly why: string | null
}

type NotCarried = Plan['notCarried'][number]

/** Every translated view, made and compared with the rows SQLite gives it; one that differs, or that the server refuses, is taken back and listed. */
export async function makeViews(
  context: CrossingContext,
  tables: readonly TableOutcome[],
): Promise<{ readonly views: ViewOutcome[]; readonly notCarried: NotCarried[] }> {
  const views: ViewOutcome[] = []
  const notCarried: NotCarried[] = []
  const given = new Map<string, string>()
  for (const view of context.plan.views) {
    context.signal?.throwIfAborted()
    const missing = view.reads.find((name) => given.has(name))
    const made =
      missing === undefined ? await tryView(context, view, tables) : `it reads ${missing}, which is not carried`
    if (typeof made !== 'string') {
      views.push(made)
      continue
    }
    given.set(view.source.name, made)
    notCarried.push({
      object: `view ${formatTableName(view.source)}`,
      definition: view.definition,
      why: made,
      suggestion: view.sql,
    })
  }
  return { views, notCarried }
}

/** Why not, in words, if it cannot stay. */
async function tryView(
  context: CrossingContext,
  view: ViewPlan,
  tables: readonly TableOutcome[],
): Promise<ViewOutcome | string> {
  const { session } = context
  await session.query('SAVEPOINT view')
  const takeBack = async (why: string): Promise<string> => {
    await session.query('ROLLBACK TO SAVEPOINT view')
    await session.query('RELEASE SAVEPOINT view')
    return why
  }
  try {
    await session.query(view.sql)
  } catch (error) {
    if (!(error instanceof PostgresError) || !isAnswer(error)) throw error
    return takeBack(`PostgreSQL refuses it: ${error.message}`)
  }
  const compared = await compareRows(context, view, tables)
  if (compared.different !== null) return takeBack(compared.different)
  if (compared.why !== null && view.remarks.includes('order'))
    return takeBack(`SQLite leaves its order open, and its rows were not compared: ${compared.why}`)
  await session.query('RELEASE SAVEPOINT view')
  return { plan: view, rows: compared.rows, why: compared.why }
}

export interface Compared {
  readonly rows: number | null
  readonly why: string | null
  readonly different: string | null
}

/** The rows of a view that is there, against those of the source's. `different` in words; `why` they could not be compared. */
export async function compareRows(
  context: CrossingContext,
  view: ViewPlan,
  tables: readonly TableOutcome[],
): Promise<Compared> {
  const not = (why: string): Compared => ({ rows: null, why, different: null })
  const { session, source, options } = context
  if (options.verify !== 'full') return not('verification was not asked for')
  if (source.supports.views !== true) return not('the source does not read its own views')
  if (view.remarks.includes('now')) return not('it depends on the present moment')
  if (tables.some((table) => table.rejected > 0)) return not('rows were set aside')
  await session.query('SAVEPOINT comparison')
  try {
    const [counted] = await withPatience(
      session,
      `select count(*) as rows from (select from ${quoteTable(view.target)} limit ${ROWS_COMPARED + 1}) as v`,
    )
    if (Number(counted?.['rows']) > ROWS_COMPARED) return not(`it has more than ${ROWS_COMPARED} rows`)
    const patience = AbortSignal.timeout(PATIENCE_MS * 3)
    const verdict = await verifyTable({
      expected: expectView(view),
      source,
      session,
      level: 'full',
      partitioned: true,
      maxMismatches: 1,
      crossCheck: false,
      signal: context.signal ? AbortSignal.any([context.signal, patience]) : patience,
    })
    return verdict.equal
      ? { rows: verdict.sourceRows, why: null, different: null }
      : { rows: null, why: null, different: describe(verdict) }
  } catch (error) {
    context.signal?.throwIfAborted()
    const why = reasonOf(error)
    if (why === null) throw error
    await session.query('ROLLBACK TO SAVEPOINT comparison')
    return error instanceof PostgresError && error.code !== '57014'
      ? { rows: null, why: null, different: `PostgreSQL cannot read it: ${error.message}` }
      : not(why)
  } finally {
    await session.query('RELEASE SAVEPOINT comparison')
  }
}

/** The server's answer, not the loss of the connection to it. */
function isAnswer(error: PostgresError): boolean {
  return /^[0-9A-Z]{5}$/.test(error.code) && !/^(?:08|57P|58|53)/.test(error.code)
}

/** Null for what must stop the crossing. */
function reasonOf(error: unknown): string | null {
  if (error instanceof PostgresError) return isAnswer(error) ? 'PostgreSQL takes too long to give its rows' : null
  if (error instanceof SourceError)
    return error.code === 'SOURCE_ABORTED'
      ? 'SQLite takes too long to give its rows'
      : `SQLite cannot give its rows: ${error.message}`
  return error instanceof DOMException && error.name === 'TimeoutError' ? 'its rows take too long to read' : null
}

async function withPatience(session: Session, sql: string): Promise<Record<string, string | null>[]> {
  const [before] = await session.query("select current_setting('statement_timeout') as value")
  await session.query("select pg_catalog.set_config('statement_timeout', $1, true)", [String(PATIENCE_MS)])
  const rows = await session.query(sql)
  await session.query("select pg_catalog.set_config('statement_timeout', $1, true)", [before?.['value'] ?? '0'])
  return rows
}

function describe({ sourceRows, targetRows, mismatches }: TableVerdict): string {
  const [first] = mismatches
  const counts = sourceRows === targetRows ? '' : ` (${sourceRows} rows in SQLite, ${targetRows} in PostgreSQL)`
  if (!first) return `its rows differ${counts}`
  return `its rows differ${counts}, first ${describeDifference(first)}`
}
