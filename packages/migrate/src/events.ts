import { findingSchema } from '@rowferry/plan'
import { z } from 'zod'

/** The steps of a crossing, in order. `rollback` stands for the last one when something did not hold. */
const phase = z.enum([
  'open',
  'plan',
  'scan',
  'check',
  'lock',
  'pre-data',
  'data',
  'post-data',
  'verify',
  'views',
  'sequences',
  'soundness',
  'commit',
  'rollback',
])

/** Progress leaves sideways: listeners must not throw and cannot change the crossing. */
export const crossingEventSchema = z.discriminatedUnion('type', [
  z
    .object({ type: z.literal('phase'), phase, tables: z.number().int(), rows: z.number().int().nullable() })
    .describe('A phase begins, with so many tables to go through and so many rows in them; null when unknown.'),
  z
    .object({
      type: z.literal('table'),
      phase,
      table: z.string(),
      rows: z.number().int(),
      total: z.number().int().nullable(),
      done: z.boolean(),
    })
    .describe('Rows of one table so far in this phase; `total` is null when unknown. `done` comes once, last.'),
  z.object({ type: z.literal('finding'), finding: findingSchema }).describe('Something that a person must know.'),
  z.object({ type: z.literal('notice'), message: z.string() }).describe('Something a person should read now.'),
])

export type Phase = z.infer<typeof phase>
export type CrossingEvent = Readonly<z.infer<typeof crossingEventSchema>>
export type EventListener = (event: CrossingEvent) => void

/** The beginning of a phase that goes through these tables. */
export function phaseEvent(name: Phase, tables: readonly { readonly rows: number | null }[] = []): CrossingEvent {
  const rows = tables.some((table) => table.rows === null)
    ? null
    : tables.reduce((sum, table) => sum + (table.rows ?? 0), 0)
  return { type: 'phase', phase: name, tables: tables.length, rows }
}
