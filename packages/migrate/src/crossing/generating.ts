import { formatTableName } from '@rowferry/introspect'
import type { Plan, TablePlan } from '@rowferry/plan'
import { withoutGenerated } from '@rowferry/plan'
import { PostgresError } from '@rowferry/postgres'
import type { Quarantine } from '@rowferry/write'
import type { CrossingContext, CrossingResult, TableOutcome } from './context.ts'
import { cross } from './crossing.ts'
import { describeDifference } from './difference.ts'

export interface Crossed {
  /** As it was crossed with in the end. */
  readonly context: CrossingContext
  readonly result: CrossingResult
}

/**
 * The crossing, in which PostgreSQL generates columns as SQLite does. If it comes to other values for the rows there are, or refuses an expression,
 * everything was rolled back, and is done once more with those columns as plain data. Throws what `cross` throws, having discarded the quarantine.
 *
 * @param reopen a new quarantine in the place of the one that is discarded
 */
export async function crossGenerating(
  given: CrossingContext,
  reopen: () => Promise<Quarantine | null>,
): Promise<Crossed> {
  const attempt = async (context: CrossingContext): Promise<Crossed> => {
    try {
      return { context, result: await cross(context) }
    } catch (error) {
      await context.quarantine?.discard()
      throw error
    }
  }
  const again = async (why: (table: TablePlan) => string | null): Promise<Crossed> =>
    attempt({ ...given, plan: withoutGenerated(given.plan, why), quarantine: await reopen() })
  if (!generates(given.plan)) return attempt(given)
  if (given.options.verify !== 'full')
    return attempt({ ...given, plan: withoutGenerated(given.plan, () => 'their proof was not asked for') })
  let crossed: Crossed
  try {
    crossed = await attempt(given)
  } catch (error) {
    if (!(error instanceof PostgresError) || !/^(?:22|42)/.test(error.code)) throw error
    return again(() => `PostgreSQL refuses the expression: ${error.message}`)
  }
  const { result } = crossed
  const differing = result.tables.filter(({ verdict }) => verdict !== null && !verdict.equal)
  const whys = new Map(differing.map((outcome) => [outcome.plan.source, whyOf(outcome)]))
  const isStopped = result.state === 'stopped'
  if (!isStopped && (differing.length === 0 || [...whys.values()].includes(null))) return crossed
  await given.quarantine?.discard()
  if (!isStopped) return again((table) => whys.get(table.source) ?? null)
  // A row that did not fit may be one that could not be generated
  const second = await again(() => 'PostgreSQL refuses a row with them, and takes it without')
  const plan = second.result.state === 'stopped' ? { ...second.context.plan, notCarried: given.plan.notCarried } : null
  return plan === null ? second : { ...second, context: { ...second.context, plan } }
}

function generates(plan: Plan): boolean {
  return plan.tables.some(({ mode, generated }) => mode === 'create' && generated.length > 0)
}

/** Null unless every difference that is listed is one of generated columns. */
function whyOf({ plan, verdict }: TableOutcome): string | null {
  const names = new Set<string | null>(plan.generated.flatMap(({ column, target }) => [column, target]))
  const [first] = verdict?.mismatches ?? []
  if (plan.mode !== 'create' || !first || !verdict?.mismatches.every(({ column }) => names.has(column))) return null
  return `of ${formatTableName(plan.source)} PostgreSQL computes other values, first ${describeDifference(first)}`
}
