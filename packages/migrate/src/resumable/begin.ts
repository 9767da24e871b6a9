import { describeStructure } from '@rowferry/introspect'
import { readPostgresCatalog } from '@rowferry/introspect/postgres'
import type { Plan } from '@rowferry/plan'
import { withoutGenerated } from '@rowferry/plan'
import type { Session } from '@rowferry/postgres'
import { beginStep, commitCrossing, quoteIdentifier, readSequenceMarks, rollback } from '@rowferry/postgres'
import type { Report } from '@rowferry/report'
import { adoptPlan } from '../adopt-plan.ts'
import { CHECKED_BY_SERVER } from '../ask/ask-plan.ts'
import type { CrossingContext } from '../crossing/context.ts'
import { lockAndRecheck } from '../crossing/crossing.ts'
import { hasSchema, preData } from '../crossing/pre-data.ts'
import { phaseEvent } from '../events.ts'
import { examine } from '../examine.ts'
import type { MigrateInput } from '../migrate-command.ts'
import type { Opened } from '../opened.ts'
import { planReport } from '../plan-command.ts'
import { fingerprinted, prepare } from '../prepare.ts'
import { refuse } from '../refuse.ts'
import type { Asked } from './asked.ts'
import type { Beginning } from './ledger.ts'
import { LEDGER_SCHEMA, makeLedger } from './ledger.ts'
import { readMade, withoutSchema } from './made.ts'

export interface Begun {
  readonly context: CrossingContext
  readonly beginning: Beginning
  /** False where the answer to COMMIT was lost: only the same command again knows. */
  readonly known: boolean
}

/**
 * Everything that can be known is known before anything is written: every cell is checked, as `plan` does. Then one transaction makes the tables, takes
 * away what a load in one transaction would, too, and writes down what that was. A report where something stands against it.
 */
export async function beginRun(opened: Opened, input: MigrateInput, asked: Asked): Promise<Begun | Report> {
  const { source, onEvent, signal } = opened
  const session = opened.session!
  onEvent(phaseEvent('plan'))
  const given = input.plan ? await adoptPlan(input.plan, source, session) : null
  const options = given ? { ...opened.options, ...given.options } : opened.options
  const planned = given ?? (await prepare({ source, adapter: input.source.adapter, session, options, onEvent, signal }))
  const draft = withoutGenerated(planned, () => 'a load that is committed in parts takes them as plain data')
  if (draft.findings.some((each) => each.severity === 'refuse')) return refuse(opened, draft)
  onEvent(phaseEvent('check', draft.tables))
  const examined = await examine({ plan: draft, source, session, options, onEvent, signal })
  const told = examined.findings.filter(({ code }) => code !== CHECKED_BY_SERVER)
  const plan = await fingerprinted({ ...draft, findings: [...draft.findings, ...told] }, source)
  if (told.some((each) => each.severity === 'refuse'))
    return { ...planReport(opened.base, plan, examined), command: 'migrate', outcome: 'refused', exitCode: 1 }
  await source.sound?.()
  const context: CrossingContext = {
    plan,
    options,
    source,
    session,
    end: 'commit',
    quarantine: null,
    backup: null,
    wantsProof: input.onProof !== undefined,
    onEvent,
    signal,
  }
  return takeAway(context, asked)
}

async function takeAway(context: CrossingContext, asked: Asked): Promise<Begun> {
  const { plan, session, options, onEvent } = context
  onEvent(phaseEvent('lock', plan.tables))
  const { xid } = await beginStep(session, { lockTimeoutMs: options.lockTimeoutMs })
  try {
    const { before } = await lockAndRecheck(context)
    onEvent(phaseEvent('pre-data', plan.tables))
    const madeSchema = await makeSchema(session)
    const { triggers, foreignKeys, indexes } = await preData(context)
    const now = await readPostgresCatalog(session.kysely, { schemas: [plan.options.schema] })
    const beginning: Beginning = {
      plan,
      asked,
      taken: { triggers, foreignKeys, indexes },
      before,
      structure: describeStructure(now),
      sequences: await readSequenceMarks(session, existingSequences(plan)),
      made: withoutSchema(await readMade(session), LEDGER_SCHEMA),
      madeSchema,
    }
    await makeLedger(session, beginning)
    context.signal?.throwIfAborted()
    return { context, beginning, known: (await commitCrossing(session, xid)) === 'committed' }
  } catch (error) {
    await rollback(session)
    throw error
  }
}

async function makeSchema(session: Session): Promise<boolean> {
  if (await hasSchema(session, LEDGER_SCHEMA)) return false
  await session.query(`CREATE SCHEMA ${quoteIdentifier(LEDGER_SCHEMA)}`)
  return true
}

function existingSequences({ tables }: Plan) {
  const names = tables.flatMap(({ sequences }) => sequences.flatMap(({ sequence }) => sequence ?? []))
  return names.filter(
    ({ schema, name }, at) => names.findIndex((other) => other.schema === schema && other.name === name) === at,
  )
}
