import { sameTable } from '@rowferry/introspect'
import type { ForeignKeyPlan, Plan } from '@rowferry/plan'
import type { CrossingContext } from '../crossing/context.ts'
import type { OldOrphansByKey } from '../crossing/old-orphans.ts'
import type { PostDataStep } from '../crossing/post-data.ts'
import { postDataSteps, proveForeignKeys } from '../crossing/post-data.ts'
import { phaseEvent } from '../events.ts'
import type { Beginning } from './ledger.ts'
import { noteStep } from './ledger.ts'
import type { Run } from './run.ts'
import { inStep } from './run.ts'

/** What has to be built and put back once all rows are there, in its order. */
export function stepsOf({ plan, taken }: Beginning): PostDataStep[] {
  return postDataSteps(plan, taken, 'apart')
}

/** Does the steps that are not done yet, each in a transaction with its row of the ledger. Gives what could not be made, by them and before. */
export async function buildRest(run: Run): Promise<Plan['notCarried']> {
  const { context, beginning, ledger } = run
  const notCarried = [...ledger.steps.values()].flat()
  const left = [...stepsOf(beginning).entries()].filter(([place]) => !ledger.steps.has(place))
  if (left.length > 0) context.onEvent(phaseEvent('post-data', beginning.plan.tables))
  for (const [place, step] of left) {
    context.signal?.throwIfAborted()
    const made = await inStep(run, context.session, async () => {
      const lacking = (await step.run(context)) ?? []
      // Before they stand in the catalog for everybody: from then on it says that they hold
      if (step.foreignKeys.length > 0) await proveForeignKeys(ofTables(context, step.foreignKeys), NO_OLD_ORPHANS)
      await noteStep(context.session, place, step.name, lacking)
      return lacking
    })
    notCarried.push(...made)
  }
  return notCarried
}

/** The tables held no rows before. */
export const NO_OLD_ORPHANS: OldOrphansByKey = new Map()

function ofTables(context: CrossingContext, keys: readonly ForeignKeyPlan[]): CrossingContext {
  const tables = context.plan.tables.filter(({ target }) => keys.some((key) => sameTable(key.table, target)))
  return { ...context, plan: { ...context.plan, tables } }
}
