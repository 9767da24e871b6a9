import { type Source, SourceError } from '@rowferry/source'
import type { EventListener } from './events.ts'
import { phaseEvent } from './events.ts'

/**
 * What was read of a source that looks for damage meanwhile counts from here on, and its fingerprint is known to be that of what was read.
 * Throws its SourceError.
 */
export async function awaitSoundness({
  source,
  onEvent,
}: {
  readonly source: Source
  readonly onEvent: EventListener
}): Promise<void> {
  if (source.sound !== undefined) onEvent(phaseEvent('soundness'))
  await source.sound?.()
  await source.fingerprint()
}

/** Damage explains what else went wrong in reading. */
export async function damageOr(error: unknown, source: Source | null): Promise<unknown> {
  if (!(error instanceof SourceError)) return error
  try {
    await source?.sound?.()
    return error
  } catch (damage) {
    return damage
  }
}
