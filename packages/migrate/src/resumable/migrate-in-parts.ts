import { compareStructures, describeStructure } from '@rowferry/introspect'
import { readPostgresCatalog } from '@rowferry/introspect/postgres'
import type { Session } from '@rowferry/postgres'
import { holdTarget } from '@rowferry/postgres'
import type { Report } from '@rowferry/report'
import { told } from '../drift.ts'
import { CrossingError } from '../failure.ts'
import type { MigrateInput } from '../migrate-command.ts'
import type { Opened } from '../opened.ts'
import { askedFor, refuseAnother } from './asked.ts'
import { beginRun } from './begin.ts'
import { buildRest } from './build.ts'
import { finish } from './finish.ts'
import type { Ledger } from './ledger.ts'
import { LEDGER_SCHEMA, readLedger, takeOver } from './ledger.ts'
import { loadParts } from './load.ts'
import { finishedReport, stoppedReport } from './reports.ts'
import type { Run } from './run.ts'

/**
 * The crossing in parts: the same steps, each chunk of rows committed with its row in the target's ledger, so that the same command goes on where
 * it stopped. What was there before is known from the ledger, and from nothing else.
 */
export async function migrateInParts(opened: Opened, input: MigrateInput): Promise<Report> {
  const session = opened.session!
  if (input.rehearse || input.replay !== undefined)
    throw new CrossingError(
      'OPTION_CONFLICT',
      `a load that is committed in parts cannot be ${input.rehearse ? 'rehearsed' : 'a replay'}`,
      {
        remedy: 'leave --resumable out',
      },
    )
  await holdTarget(session)
  const asked = askedFor(opened.options, input.plan ?? null)
  const ledger = await readLedger(session)
  if (ledger) await refuseOther(ledger, opened, asked)
  const others = await openOthers(opened)
  try {
    const sessions = [session, ...others]
    if (ledger) return await carryOn(opened, input, await goOn(opened, input, ledger, sessions))
    const begun = await beginRun(opened, input, asked)
    if (!('beginning' in begun)) return begun
    const { context, beginning } = begun
    const nothing = { ranges: [], rows: 0, bytes: 0, ms: 0, changed: [], ended: false, whole: false }
    const tables = beginning.plan.tables.map(() => nothing)
    const began = new Date().toISOString()
    const run: Run = {
      context,
      beginning,
      ledger: { began, attempt: 1, tables, steps: new Map() },
      rowsBefore: 0,
      sessions,
    }
    if (!begun.known)
      return stoppedReport(
        opened,
        run,
        new CrossingError('COMMIT_UNKNOWN', 'the connection was lost at the first COMMIT'),
      )
    return await carryOn(opened, input, run)
  } finally {
    await Promise.all(others.map((other) => other.close().catch(() => {})))
  }
}

/** Before anything is written: connections that are not to be had are no half set. */
async function openOthers({ session, options, signal }: Opened): Promise<Session[]> {
  const others: Session[] = []
  try {
    while (others.length < options.jobs - 1) others.push(await session!.another(signal ? { signal } : {}))
  } catch (error) {
    await Promise.all(others.map((other) => other.close().catch(() => {})))
    throw error
  }
  return others
}

async function refuseOther(
  ledger: Ledger,
  { session, source }: Opened,
  asked: Ledger['beginning']['asked'],
): Promise<void> {
  const { beginning, state, steps } = ledger
  if (state === 'done')
    throw new CrossingError('RUN_DONE', `the target's schema ${LEDGER_SCHEMA} keeps the ledger of a run that is done`, {
      remedy: `rowferry undo <target> takes that run back; DROP SCHEMA ${LEDGER_SCHEMA} CASCADE forgets how`,
    })
  await refuseAnother(beginning.asked, asked, beginning.plan, source)
  // Steps after the data change it, and are compared at the end
  if (steps.size > 0) return
  const now = await readPostgresCatalog(session!.kysely, { schemas: [beginning.plan.options.schema] })
  const changes = compareStructures(beginning.structure, describeStructure(now))
  if (changes.length > 0)
    throw new CrossingError(
      'TARGET_CHANGED',
      ["the target's schema has changed since the run began", ...told(changes)].join('\n'),
      {
        remedy: 'change it back and the same command goes on; to begin again: rowferry undo <target>',
      },
    )
}

async function goOn(opened: Opened, input: MigrateInput, ledger: Ledger, sessions: readonly Session[]): Promise<Run> {
  const { source, onEvent, signal } = opened
  const { plan } = ledger.beginning
  const attempt = await takeOver(opened.session!)
  // What an attempt before had under way is committed or gone by now
  const now = (await readLedger(opened.session!))!
  return {
    context: {
      plan,
      options: { ...opened.options, ...plan.options },
      source,
      session: opened.session!,
      end: 'commit',
      quarantine: null,
      backup: null,
      wantsProof: input.onProof !== undefined,
      onEvent,
      signal,
    },
    beginning: now.beginning,
    ledger: { began: now.began, attempt, tables: [...now.tables], steps: now.steps },
    rowsBefore: now.tables.reduce((sum, { rows }) => sum + rows, 0),
    sessions,
  }
}

async function carryOn(opened: Opened, input: MigrateInput, run: Run): Promise<Report> {
  opened.parts.stopped = (error) => stoppedReport(opened, run, error)
  await loadParts(run)
  const notCarried = await buildRest(run)
  const finished = await finish(run)
  return finishedReport(opened, input, run, { ...finished, notCarried: [...notCarried, ...finished.notCarried] })
}
