import { formatTableName } from '@rowferry/introspect'
import type { Session, TargetHolder } from '@rowferry/postgres'
import { beginCrossing, openSession, readTargetHolder, rollback } from '@rowferry/postgres'
import { z } from 'zod'
import type { TargetAddress } from '../options.ts'
import { stepsOf } from './build.ts'
import type { Ledger } from './ledger.ts'
import { readLedger } from './ledger.ts'

const holder = z.object({
  pid: z.number().int(),
  role: z.string().nullable(),
  application: z.string().nullable(),
  since: z.string().nullable(),
})

/** What `status` answers. */
export const runStatusSchema = z.object({
  target: z.string(),
  /** Who has a crossing, or an undoing, under way in the target; null when nobody has. */
  holder: holder.nullable(),
  /** Null where no load was committed in parts, or its ledger is gone. */
  run: z
    .object({
      /** `loading`, `building` (indexes and constraints), `verifying`: what comes next, or is under way where somebody holds the target. */
      state: z.enum(['loading', 'building', 'verifying', 'different', 'done']),
      tool: z.string(),
      source: z.string(),
      began: z.string(),
      /** How often it was begun or gone on with. */
      attempts: z.number().int(),
      /** When something was last committed. */
      written: z.string(),
      tables: z.array(
        z.object({
          source: z.string(),
          target: z.string(),
          rows: z.number().int(),
          /** Rows in the source; null when nobody counted. */
          total: z.number().int().nullable(),
          done: z.boolean(),
        }),
      ),
      rows: z.number().int(),
      steps: z.object({ done: z.number().int(), total: z.number().int() }),
      /** In words. */
      next: z.string(),
      /** What the last comparison found, in words; null when it found nothing or was not made. */
      difference: z.string().nullable(),
    })
    .nullable(),
})

export type RunStatus = z.infer<typeof runStatusSchema>

/** How far a load that is committed in parts has come. Reads only; says what is committed at this moment, whoever is at work. */
export async function status(input: {
  readonly target: TargetAddress
  readonly signal?: AbortSignal
}): Promise<RunStatus> {
  const session = await openSession(input.target, input.signal ? { signal: input.signal } : {})
  try {
    return await readStatus(session)
  } finally {
    await session.close()
  }
}

async function readStatus(session: Session): Promise<RunStatus> {
  await beginCrossing(session, { readOnly: true })
  const holding: TargetHolder | null = await readTargetHolder(session)
  const ledger = await readLedger(session)
  await rollback(session)
  return { target: session.label, holder: holding, run: ledger && describe(ledger) }
}

function describe(ledger: Ledger): NonNullable<RunStatus['run']> {
  const { plan, asked } = ledger.beginning
  const steps = stepsOf(ledger.beginning)
  const tables = plan.tables.map((table, place) => {
    const { rows, whole } = ledger.tables[place]!
    return {
      source: formatTableName(table.source),
      target: formatTableName(table.target),
      rows,
      total: whole ? rows : table.rows,
      done: whole,
    }
  })
  const table = tables.find(({ done }) => !done)
  const step = steps.find((_, place) => !ledger.steps.has(place))
  const stage = table ? 'loading' : step ? 'building' : 'verifying'
  const next = table ? `load ${table.source}` : step ? `make ${step.name}` : 'read everything back and compare'
  return {
    state: ledger.state === 'open' ? stage : ledger.state,
    tool: asked.tool,
    source: plan.source.label,
    began: ledger.began,
    attempts: ledger.attempt,
    written: ledger.written,
    tables,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    steps: { done: ledger.steps.size, total: steps.length },
    next: ledger.state === 'done' ? 'nothing: it is done' : next,
    difference: ledger.difference,
  }
}
