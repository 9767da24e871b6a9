import { sameTable } from '@rowferry/introspect'
import type { ForeignKeyPlan } from '@rowferry/plan'
import type { OldOrphans } from '@rowferry/postgres'
import { rememberOrphans } from '@rowferry/postgres'
import type { CrossingContext } from './context.ts'
import { isGuarded } from './context.ts'

/** Of foreign keys that are looked at only after the data, in tables that keep their rows: the target's own rows without a parent. */
export type OldOrphansByKey = ReadonlyMap<ForeignKeyPlan, OldOrphans>

/** To be asked before anything is loaded. One that stays is judged by the server row by row, and without a quarantine one that is deferred, too. */
export async function readOldOrphans({ session, plan, ...how }: CrossingContext): Promise<OldOrphansByKey> {
  const late = plan.foreignKeys.filter(
    ({ strategy, table }) =>
      (strategy === 'rebuilt' || (strategy === 'deferred' && isGuarded(how))) &&
      plan.tables.some(
        ({ target, onExisting }) => sameTable(target, table) && onExisting !== 'empty' && onExisting !== 'truncate',
      ),
  )
  const found = await rememberOrphans(session, late)
  return new Map(late.map((key, at) => [key, found[at]!]))
}
