import type { TableName, Trigger } from '@rowferry/introspect'
import { quoteIdentifier, quoteTable } from '../quote.ts'
import { readJson } from '../read-json.ts'
import type { Session } from '../session.ts'
import { tableParameters, wantedTables, withoutSearchPath } from './rebuild.ts'

export interface UserTrigger extends Trigger {
  /** `tgenabled`: O origin, D disabled, R replica, A always. */
  readonly enabled: 'O' | 'D' | 'R' | 'A'
}

/** Each trigger with the state it had. */
export type DisabledTriggers = readonly UserTrigger[]

/** The users' own triggers (not those behind constraints) on these tables and on all their partitions, parents first. */
export async function readUserTriggers(session: Session, tables: readonly TableName[]): Promise<UserTrigger[]> {
  return withoutSearchPath(session, () =>
    readJson<UserTrigger>(
      session,
      `with recursive reached (oid, depth) as (
         select c.oid, 0 from ${wantedTables}
           join pg_namespace n on n.nspname = wanted.schema
           join pg_class c on c.relnamespace = n.oid and c.relname = wanted.name
         union
         select i.inhrelid, depth + 1 from reached join pg_inherits i on i.inhparent = reached.oid
           join pg_class c on c.oid = i.inhrelid where c.relispartition)
       select g.tgname as name, json_build_object('schema', n.nspname, 'name', c.relname) as table,
              pg_get_triggerdef(g.oid) as definition, g.tgenabled as enabled
         from (select oid, min(depth) as depth from reached group by oid) as each
         join pg_class c on c.oid = each.oid
         join pg_namespace n on n.oid = c.relnamespace
         join pg_trigger g on g.tgrelid = c.oid
        where not g.tgisinternal or (g.tgparentid <> 0 and g.tgconstraint = 0)
        order by each.depth, c.oid, g.tgname`,
      tableParameters(tables),
    ),
  )
}

/** Switches off the triggers that are on, one by one; needs ownership of their tables. Returns what `restoreTriggers` takes. */
export async function disableTriggers(session: Session, triggers: readonly UserTrigger[]): Promise<DisabledTriggers> {
  for (const trigger of triggers) {
    if (trigger.enabled !== 'D') await switchTrigger(session, trigger, 'DISABLE')
  }
  return triggers
}

const enabling = { O: 'ENABLE', R: 'ENABLE REPLICA', A: 'ENABLE ALWAYS', D: 'DISABLE' } as const

/**
 * Each trigger as it was: ENABLE TRIGGER USER would also wake disabled ones and forget ALWAYS and REPLICA.
 * The disabled ones are said again, since before PostgreSQL 15 a parent's trigger wakes those of its partitions.
 */
export async function restoreTriggers(session: Session, triggers: DisabledTriggers): Promise<void> {
  for (const trigger of triggers) await switchTrigger(session, trigger, enabling[trigger.enabled])
}

async function switchTrigger(session: Session, { table, name }: UserTrigger, how: string): Promise<void> {
  await session.query(`ALTER TABLE ONLY ${quoteTable(table)} ${how} TRIGGER ${quoteIdentifier(name)}`)
}
