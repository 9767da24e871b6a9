import type { Report } from '@rowferry/report'
import type { Session } from '@rowferry/postgres'
import { withLockTimeout } from '@rowferry/postgres'
import type { Source } from '@rowferry/source'
import type { EventListener } from './events.ts'
import { phaseEvent } from './events.ts'
import { describeFailure } from './failure.ts'
import type { Account } from './account.ts'
import { makeReport } from './account.ts'
import type { CrossingOptions, SourceRef, TargetAddress } from './options.ts'
import { crossingOptionsSchema } from './options.ts'
import { type Held, persistently } from './persistently.ts'
import { phaseClock } from './phase-clock.ts'
import { damageOr } from './soundness.ts'
import type { CrossingOptionsInput } from './options.ts'

export interface Opened {
  readonly source: Source
  readonly session: Session | null
  readonly options: CrossingOptions
  readonly onEvent: EventListener
  readonly signal: AbortSignal | undefined
  /** Set once parts of a load may be committed: then whatever ends the run is told by it. */
  readonly parts: { stopped: ((error: unknown) => Promise<Report>) | null }
  /** What every report of this run begins with. */
  readonly base: Pick<Account, 'command' | 'startedAt' | 'source' | 'target'>
}

export interface OpenInput {
  readonly source: SourceRef
  readonly target: TargetAddress | null
  readonly options: CrossingOptionsInput
  readonly onEvent?: EventListener
  readonly signal?: AbortSignal
}

/**
 * Opens both ends, runs, closes both, and turns every failure a user can do something about into a report.
 * What has no code is a bug and is thrown.
 */
export async function withOpened(
  command: Report['command'],
  input: OpenInput,
  work: (opened: Opened) => Promise<Report>,
): Promise<Report> {
  const startedAt = new Date()
  const options = crossingOptionsSchema.parse(input.options)
  let clock = phaseClock()
  let commitSent = false
  const onEvent: EventListener = (event) => {
    if (event.type === 'phase' && event.phase === 'commit') commitSent = true
    if (event.type === 'phase' && event.phase === 'open') clock = phaseClock()
    clock.onEvent(event)
    input.onEvent?.(event)
  }
  const timed = (report: Report): Report => ({ ...report, phases: clock.phases() })
  let source: Source | null = null
  const held: Held = { session: null }
  const parts: Opened['parts'] = { stopped: null }
  const base = () => ({
    command,
    startedAt,
    source: {
      kind: source?.kind ?? input.source.adapter.name,
      label: source?.label ?? input.source.label,
      fingerprint: null,
    },
    target: input.target
      ? {
          label: input.target.label,
          version: held.session?.server.versionText ?? null,
          compression: command === 'migrate' ? (held.session?.server.compression ?? null) : null,
        }
      : null,
  })
  try {
    onEvent(phaseEvent('open'))
    source = await input.source.adapter.open(input.source.options, { snapshot: options.snapshot })
    const run = (): Promise<Report> => {
      const { session } = held
      const opened = { source: source!, session, options, onEvent, signal: input.signal, parts, base: base() }
      return session ? withLockTimeout(session, options.lockTimeoutMs, () => work(opened)) : work(opened)
    }
    const { target } = input
    const { stallTimeoutMs } = options
    const made =
      target === null
        ? await run()
        : await persistently(
            {
              ...input,
              target,
              stallTimeoutMs,
              onEvent,
              isOver: () => commitSent,
              inParts: () => parts.stopped !== null,
            },
            held,
            run,
          )
    await source.sound?.()
    const report = timed(made)
    for (const finding of report.findings) onEvent({ type: 'finding', finding })
    return report
  } catch (error) {
    if (parts.stopped) return timed(await parts.stopped(error))
    if (input.signal?.aborted) {
      const interrupted = {
        code: 'INTERRUPTED',
        message: 'stopped before COMMIT; the target is as it was',
        table: null,
        remedy: null,
      }
      return timed(makeReport({ ...base(), outcome: 'interrupted', error: interrupted }))
    }
    const failure = describeFailure(await damageOr(error, source))
    if (!failure) throw error
    return timed(makeReport({ ...base(), outcome: 'failed', error: failure }))
  } finally {
    await held.session?.close().catch(() => {})
    await source?.close().catch(() => {})
  }
}
