import { sql } from 'kysely'
import type { Trigger } from '../catalog.ts'
import { among, pinned, type Reading } from './query.ts'

interface TriggerRow {
  readonly name: string
  readonly schema: string
  readonly table: string
  readonly definition: string
  readonly enabled: 'O' | 'D' | 'R' | 'A'
}

/** Users' triggers of tables and views; not those that PostgreSQL makes for constraints. */
export async function readTriggers(reading: Reading, relations: readonly string[]): Promise<Trigger[]> {
  const rows = await reading.query(sql<TriggerRow>`
    select g.tgname::text as name, n.nspname::text as schema, c.relname::text as table, pg_get_triggerdef(g.oid) as definition,
      g.tgenabled::text as enabled
    from pg_trigger g join pg_class c on c.oid = g.tgrelid join pg_namespace n on n.oid = c.relnamespace
    where ${among('g.tgrelid', relations)} and not g.tgisinternal and ${pinned}
    order by n.nspname::text collate "C", c.relname::text collate "C", g.tgname::text collate "C"`)
  return rows.map(({ name, schema, table, definition, enabled }) => ({
    name,
    table: { schema, name: table },
    definition,
    enabled,
  }))
}
