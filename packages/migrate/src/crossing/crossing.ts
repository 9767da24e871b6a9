import { catalogFingerprint } from '@rowferry/introspect'
import { readPostgresCatalog } from '@rowferry/introspect/postgres'
import type { Finding, TablePlan } from '@rowferry/plan'
import {
  advanceSequences,
  beginCrossing,
  commitCrossing,
  lockTables,
  quoteIdentifier,
  readIdentitySequences,
  rollback,
  schemaSnapshot,
  strongestLock,
} from '@rowferry/postgres'
import type { Phase } from '../events.ts'
import { phaseEvent } from '../events.ts'
import { targetChanges } from '../drift.ts'
import { CrossingError } from '../failure.ts'
import { awaitSoundness } from '../soundness.ts'
import type { SequenceOutcome, Session } from '@rowferry/postgres'
import type { Backup } from './backup.ts'
import type { CrossingContext, CrossingResult, TableOutcome } from './context.ts'
import { isGuarded } from './context.ts'
import { loadData } from './data.ts'
import { makeChecks } from './conditions.ts'
import { followOrphans } from './follow-orphans.ts'
import { postData, proveForeignKeys } from './post-data.ts'
import { preData } from './pre-data.ts'
import { makeProof } from '../proof/make-proof.ts'
import { anticipateProof, prove } from './prove.ts'
import { makeTriggers } from './triggers.ts'
import { makeViews } from './views.ts'

/**
 * The crossing: one transaction that commits only when everything holds. Throws what stopped it, after ROLLBACK;
 * a row that does not fit ends as `stopped`, a failed proof as `rolled back` with its verdicts.
 */
export async function cross(context: CrossingContext): Promise<CrossingResult> {
  const { plan, session, options } = context
  const enter = (phase: Phase) => context.onEvent(phaseEvent(phase, plan.tables))
  enter('lock')
  const { xid } = await beginCrossing(session, { lockTimeoutMs: options.lockTimeoutMs })
  try {
    const { before, kept } = await lockAndRecheck(context)
    enter('pre-data')
    const taken = await preData(context)
    enter('data')
    anticipateProof(context)
    const firing = plan.options.triggers === 'fire'
    if (firing) await setSearchPath(session, `${quoteIdentifier(plan.options.schema)}, public`)
    const data = await loadData(context, taken)
    if (data.stopped) {
      await rollback(session)
      return result(context, { state: 'stopped', xid, tables: data.tables, findings: [] })
    }
    let tables: TableOutcome[] = data.tables
    const findings: Finding[] = [...kept, ...data.findings]
    if (isGuarded(context)) {
      const followed = await followOrphans(context, tables, taken.oldOrphans)
      tables = followed.tables
      findings.push(...followed.findings)
      if (followed.left) {
        await rollback(session)
        return result(context, { state: 'rolled back', xid, tables, findings })
      }
    }
    enter('post-data')
    await session.query('SET CONSTRAINTS ALL IMMEDIATE')
    if (firing) await setSearchPath(session, '')
    const notCarried = await postData(context, taken)
    await session.query('SET CONSTRAINTS ALL IMMEDIATE')
    const foreignKeys = await proveForeignKeys(context, taken.oldOrphans)
    if (context.end === 'examine') {
      await rollback(session)
      return result(context, { state: 'rolled back', xid, tables, findings, foreignKeys })
    }
    enter('verify')
    tables = await prove(context, tables)
    await compareSchema(context, before)
    const proven = tables.every((table) => table.verdict === null || table.verdict.equal)
    if (!proven) {
      await rollback(session)
      return result(context, { state: 'rolled back', xid, tables, findings, notCarried, foreignKeys, proven })
    }
    notCarried.push(...(await makeChecks(context, tables)))
    if (plan.views.length > 0) enter('views')
    const made = await makeViews(context, tables)
    notCarried.push(...made.notCarried)
    const { views } = made
    const triggers = await makeTriggers(context)
    notCarried.push(...triggers.notCarried)
    findings.push(...triggers.findings)
    const proof = context.wantsProof && options.verify === 'full' ? await makeProof(context, tables) : null
    enter('sequences')
    const sequences = await moveSequences(context)
    if (context.end === 'rehearse') {
      enter('rollback')
      await rollback(session)
      return result(context, {
        state: 'rolled back',
        xid,
        tables,
        sequences,
        views,
        findings,
        notCarried,
        foreignKeys,
      })
    }
    await awaitSoundness(context)
    await context.quarantine?.sync(xid)
    context.signal?.throwIfAborted()
    enter('commit')
    const state = await commitCrossing(session, xid)
    return result(context, { state, xid, tables, sequences, views, findings, notCarried, foreignKeys, proof })
  } catch (error) {
    await rollback(session)
    throw error
  }
}

/** An application's triggers may name its tables without their schema; everything else says what it means. */
function setSearchPath(session: Session, path: string): Promise<unknown> {
  return session.query("select pg_catalog.set_config('search_path', $1, true)", [path])
}

function result(
  context: CrossingContext,
  given: Pick<CrossingResult, 'state' | 'xid' | 'tables' | 'findings'> & Partial<CrossingResult>,
): CrossingResult {
  return { sequences: [], views: [], notCarried: [], foreignKeys: null, proof: null, proven: true, ...given }
}

/** Between the plan and the lock anything may have changed: columns, constraints, rows. */
async function lockAndRecheck(context: CrossingContext): Promise<{ before: string; kept: Finding[] }> {
  const { session, plan } = context
  const existing = plan.tables.flatMap((table) =>
    table.mode === 'existing' && table.oid !== null ? [{ name: table.target, oid: table.oid }] : [],
  )
  const kept: Finding[] = []
  const keep = async (when: Backup['when']): Promise<void> => {
    const note =
      context.backup?.when === when && context.end !== 'examine' ? await context.backup.keep(session, plan) : null
    if (note) kept.push(note)
  }
  // Nobody may write any more, and pg_dump may still read
  if (context.backup?.when === 'shared') await lockTables(session, existing, 'share row exclusive')
  await keep('shared')
  if (existing.length > 0) await lockTables(session, existing, await strongestLock(session, existing))
  const now = await readPostgresCatalog(session.kysely, { schemas: [plan.options.schema] })
  if (plan.target !== null && catalogFingerprint(now) !== plan.target.fingerprint) {
    const changes = ["the target's schema is not the one that was planned for", ...targetChanges(plan, now)]
    throw new CrossingError('TARGET_CHANGED', changes.join('\n'), {
      remedy: 'run it again: something changed the target meanwhile',
    })
  }
  await keep('own')
  const before = await schemaSnapshot(
    session,
    existing.map((table) => table.name),
  )
  return { before, kept }
}

/** The promise to leave the schema of existing tables as it was, checked before COMMIT. */
async function compareSchema(context: CrossingContext, before: string): Promise<void> {
  const inMode = (mode: TablePlan['mode']) =>
    context.plan.tables.filter((table) => table.mode === mode).map((table) => table.target)
  const existing = inMode('existing')
  if (existing.length === 0) return
  const after = await schemaSnapshot(context.session, existing, inMode('create'))
  if (after === before) return
  const old = new Set(before.split('\n'))
  const line = after.split('\n').find((each) => !old.has(each)) ?? 'something is missing'
  throw new CrossingError('SCHEMA_NOT_RESTORED', `the target's schema would not be as it was: ${line}`, {
    remedy: 'nothing was written; please report this as a bug',
  })
}

async function moveSequences(context: CrossingContext): Promise<SequenceOutcome[]> {
  const { plan, session, end } = context
  const wanted = plan.tables.flatMap((table) => table.sequences.map((each) => ({ ...each, table })))
  // Identity columns of tables made in this transaction brought sequences of their own
  const unnamed = wanted.filter(({ table, sequence }) => table.mode === 'create' && sequence === null)
  const brought = await readIdentitySequences(
    session,
    unnamed.map(({ table, column }) => ({ table: table.target, column })),
  )
  const made = new Map(unnamed.map((each, at) => [each, brought[at]!]))
  const columns = wanted.flatMap((each) => {
    const sequence = each.sequence ?? made.get(each)
    if (!sequence) return []
    const { table, column, highWaterMark } = each
    return [{ table: table.target, column, sequence, highWaterMark, owned: table.owned, made: made.has(each) }]
  })
  return columns.length === 0 ? [] : advanceSequences(session, columns, end === 'commit' ? 'commit' : 'rehearsal')
}
