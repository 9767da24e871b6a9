import type { Report } from '@rowferry/report'
import type { CrossingEvent, EventListener, Phase } from './events.ts'

/** Times the phases that events tell of, and counts the rows that went through them. */
export function phaseClock(): { readonly onEvent: EventListener; phases(): Report['phases'] } {
  const phases: { name: Phase; since: number; until: number | null; rows: number | null }[] = []
  return {
    onEvent(event: CrossingEvent) {
      const current = phases.at(-1)
      if (event.type === 'phase') {
        const now = performance.now()
        if (current) current.until = now
        phases.push({ name: event.phase, since: now, until: null, rows: null })
      } else if (event.type === 'table' && event.done && event.phase === current?.name)
        current.rows = (current.rows ?? 0) + event.rows
    },
    phases() {
      const now = performance.now()
      return phases.map(({ name, since, until, rows }) => {
        const ms = Math.round((until ?? now) - since)
        return { name, ms, rows, rowsPerSecond: rows === null ? null : perSecond(rows, ms) }
      })
    },
  }
}

/** Null where the time was too short to tell. */
export function perSecond(rows: number, ms: number): number | null {
  return ms > 0 ? Math.round((rows * 1000) / ms) : null
}
