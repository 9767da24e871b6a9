import { catalogFingerprint } from '@rowferry/introspect'
import { readPostgresCatalog } from '@rowferry/introspect/postgres'
import type { Finding } from '@rowferry/plan'
import {
  beginCrossing,
  commitCrossing,
  lockTables,
  quoteIdentifier,
  rollback,
  schemaSnapshot,
  strongestLock,
} from '@rowferry/postgres'
import type { Phase } from '../events.ts'
import { phaseEvent } from '../events.ts'
import { targetChanges } from '../drift.ts'
import { CrossingError } from '../failure.ts'
import { awaitSoundness } from '../soundness.ts'
import type { Session } from '@rowferry/postgres'
import type { Backup } from './backup.ts'
import type { CrossingContext, CrossingResult, TableOutcome } from './context.ts'
import { isGuarded } from './context.ts'
import { conclude, moveSequences } from './conclude.ts'
import { loadData } from './data.ts'
import { followOrphans } from './follow-orphans.ts'
import { postData, proveForeignKeys } from './post-data.ts'
import { preData } from './pre-data.ts'
import { anticipateProof } from './prove.ts'

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
    const concluded = await conclude(context, tables, before)
    const { tables: proven, views, proof } = concluded
    notCarried.push(...concluded.notCarried)
    findings.push(...concluded.findings)
    if (!concluded.proven) {
      await rollback(session)
      return result(context, {
        state: 'rolled back',
        xid,
        tables: proven,
        findings,
        notCarried,
        foreignKeys,
        proven: false,
      })
    }
    enter('sequences')
    const sequences = await moveSequences(context)
    if (context.end === 'rehearse') {
      enter('rollback')
      await rollback(session)
      return result(context, {
        state: 'rolled back',
        xid,
        tables: proven,
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
    return result(context, {
      state,
      xid,
      tables: proven,
      sequences,
      views,
      findings,
      notCarried,
      foreignKeys,
      proof,
    })
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
export async function lockAndRecheck(context: CrossingContext): Promise<{ before: string; kept: Finding[] }> {
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
