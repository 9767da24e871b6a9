import type { ConditionPlan, Plan } from '@rowferry/plan'
import { quoteIdentifier, quoteTable, renderCheck } from '@rowferry/postgres'
import type { Source, SourceCondition } from '@rowferry/source'
import { SourceError } from '@rowferry/source'
import { verifyTable } from '@rowferry/verify'
import { expectTable } from '../expectation.ts'
import type { CrossingContext, TableOutcome } from './context.ts'
import { isGuarded } from './context.ts'

type NotCarried = Plan['notCarried'][number]

/**
 * Tries every check of a created table, and the predicate of every index, on each row of both databases. What comes to the same is made, if it is not there;
 * what does not is left off, or taken away, and listed with the first row. Throws `PostgresError` 23514 where the data breaks a check on both sides.
 */
export async function makeChecks(context: CrossingContext, tables: readonly TableOutcome[]): Promise<NotCarried[]> {
  const notCarried: NotCarried[] = []
  for (const outcome of tables) {
    const { definition, target, conditions } = outcome.plan
    if (outcome.plan.mode !== 'create' || definition === null) continue
    // Rows that are judged one by one were so by the checks as they are
    const tried = conditions.filter(({ index }) => index !== null || !isGuarded(context))
    const differing = await differences(context, outcome, tried)
    for (const [{ object, index, source, sql }, why] of differing) {
      const definitionText = index === null ? `CHECK (${source})` : `WHERE ${source}`
      notCarried.push({ object, definition: definitionText, why, suggestion: sql })
      if (index !== null)
        await context.session.query(`DROP INDEX IF EXISTS ${quoteTable({ schema: target.schema, name: index })}`)
    }
    if (isGuarded(context)) continue
    const left = new Set([...differing.keys()].filter(({ index }) => index === null).map(({ sql }) => sql))
    const adding = definition.checks.filter(({ expression }) => !left.has(expression))
    if (adding.length > 0)
      await context.session.query(
        `ALTER TABLE ${quoteTable(target)} ${adding.map((check) => `ADD ${renderCheck(check)}`).join(', ')}`,
      )
  }
  return notCarried
}

/** Which come to something else, and the first row for which they do. */
async function differences(
  context: CrossingContext,
  outcome: TableOutcome,
  conditions: readonly ConditionPlan[],
): Promise<Map<ConditionPlan, string>> {
  const found = new Map<ConditionPlan, string>()
  if (context.options.verify !== 'full' || context.source.supports.conditions !== true) return found
  let waiting = conditions
  while (waiting.length > 0) {
    const difference = await firstDifference(context, outcome, waiting)
    if (difference === null) break
    found.set(difference.condition, difference.why)
    waiting = waiting.filter((condition) => condition !== difference.condition)
  }
  return found
}

/** Null where there is none, or where the source cannot be asked: the translation is proven, this row's data is not. */
async function firstDifference(
  context: CrossingContext,
  outcome: TableOutcome,
  conditions: readonly ConditionPlan[],
): Promise<{ condition: ConditionPlan; why: string } | null> {
  const { session } = context
  const { plan } = outcome
  const expected = expectTable(plan, outcome.rejectedKeys)
  const named =
    expected.key.length > 0 ? expected.columns.filter(({ source }) => expected.key.includes(source)) : expected.columns
  const labels = new Map(conditions.map((condition, at) => [labelOf(condition, at, plan), condition]))
  const view = { schema: plan.target.schema, name: `rowferry conditions ${process.pid}` }
  const list = [
    ...named.map(({ target }) => quoteIdentifier(target)),
    ...[...labels].map(
      ([label, { index, sql }]) => `(${sql}) IS ${index === null ? 'NOT FALSE' : 'TRUE'} AS ${quoteIdentifier(label)}`,
    ),
  ]
  await session.query('SAVEPOINT conditions')
  try {
    await session.query(`CREATE VIEW ${quoteTable(view)} AS SELECT ${list.join(', ')} FROM ${quoteTable(plan.target)}`)
    const verdict = await verifyTable({
      expected: {
        ...expected,
        target: view,
        columns: [
          ...named,
          ...[...labels.keys()].map((label) => ({ source: label, target: label, type: { kind: 'bool' as const } })),
        ],
      },
      source: asking(context.source, labels),
      session,
      level: 'full',
      partitioned: true,
      maxMismatches: 1,
      crossCheck: false,
      ...(context.signal ? { signal: context.signal } : {}),
    })
    const [first] = verdict.mismatches
    if (verdict.equal || !first) return null
    const condition = labels.get(first.column ?? '') ?? conditions[0]!
    const what = condition.index === null ? 'passes it' : 'belongs to it'
    return { condition, why: `${first.key} ${what} only in ${first.source === '1' ? 'SQLite' : 'PostgreSQL'}` }
  } catch (error) {
    if (error instanceof SourceError && error.code !== 'SOURCE_ABORTED' && error.code !== 'SOURCE_CHANGED') return null
    throw error
  } finally {
    if (!(context.signal?.aborted ?? false))
      await session.query('ROLLBACK TO SAVEPOINT conditions; RELEASE SAVEPOINT conditions')
  }
}

function labelOf({ object }: ConditionPlan, at: number, { casts, generated }: TableOutcome['plan']): string {
  let label = `${at + 1} ${object}`.slice(0, 20)
  while ([...casts, ...generated].some(({ column, target }) => column === label || target === label)) label += '?'
  return label
}

function asking(source: Source, labels: ReadonlyMap<string, ConditionPlan>): Source {
  const conditions = new Map<string, SourceCondition>(
    [...labels].map(([label, { index, source: expression }]) => [label, { expression, orUnknown: index === null }]),
  )
  return { ...source, readBatches: (table, options) => source.readBatches(table, { ...options, conditions }) }
}
