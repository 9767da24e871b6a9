import { antiJoins } from './anti-join.ts'
import type { Reference } from './foreign-keys.ts'
import type { Session } from './session.ts'

/** Rows of one table that met no parent before the load; its own to this transaction. */
export interface OldOrphans {
  readonly count: number
  /** SQL that is true for every other row of `child`; null where there were none. */
  readonly others: string | null
}

/**
 * Which rows of these tables meet no parent now, in the order of the keys: a key that is not valid tolerates them, and they must not be taken for rows of
 * the load. Told by where they lie, which stays as long as the tables are locked and nobody updates them. Kept in a temporary table until the transaction
 * ends, for which the role needs TEMPORARY on the database; made only when there are any.
 */
export async function rememberOrphans(session: Session, keys: readonly Reference[]): Promise<OldOrphans[]> {
  const remembered: OldOrphans[] = []
  for (const [at, { child, where }] of (await antiJoins(session, keys)).entries()) {
    const [counted] = await session.query(`select count(*) as orphans from ${child} where ${where}`)
    const count = Number(counted?.['orphans'])
    if (count === 0) {
      remembered.push({ count, others: null })
      continue
    }
    const place = `pg_temp.rowferry_old_orphans_${at}`
    await session.query(
      `create temporary table ${place} on commit drop as
         select child.tableoid as part, child.ctid as place from ${child} where ${where}`,
    )
    remembered.push({
      count,
      others: `not exists (select from ${place} as old where old.part = child.tableoid and old.place = child.ctid)`,
    })
  }
  return remembered
}
