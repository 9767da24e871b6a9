import type { Finding, Plan } from '@rowferry/plan'
import { finding } from '@rowferry/plan'
import type { Session } from '@rowferry/postgres'
import { quoteTable } from '@rowferry/postgres'

/** Rows in one transaction from which those who follow the server feel it. */
const MANY_ROWS = 100_000

/** Who else takes part in what happens in the target: subscribers, event triggers, standbys and logical slots. Reads catalogs only; nobody is asked to leave. */
export async function surroundingsFindings(session: Session, plan: Plan): Promise<Finding[]> {
  if (session.kind === 'pglite') return []
  const rows = plan.tables.reduce((sum, table) => sum + (table.rows ?? MANY_ROWS), 0)
  const size = rows >= MANY_ROWS ? 'warning' : 'note'
  const found = await session.query(question, [
    plan.tables.map((table) => quoteTable(table.target)),
    String(plan.tables.some((table) => table.mode === 'create')),
  ])
  return found.map(({ kind, name, more }) => {
    const told = words[kind as keyof typeof words](name!, more ?? '', rows, plan)
    return finding({
      verdict: 'safe',
      severity: kind === 'event trigger' || told.weighty ? 'warning' : size,
      ...told.finding,
    })
  })
}

interface Told {
  readonly finding: Pick<Finding, 'code' | 'message' | 'remedy'>
  /** Whatever the number of rows. */
  readonly weighty?: boolean
}

const words: Readonly<
  Record<
    'publication' | 'event trigger' | 'standby' | 'slot',
    (name: string, more: string, rows: number, plan: Plan) => Told
  >
> = {
  publication: (name, tables, rows, plan) => {
    const emptied = plan.tables.some(({ onExisting }) => onExisting === 'truncate')
    return {
      weighty: emptied,
      finding: {
        code: 'PUBLISHED',
        message: `publication ${JSON.stringify(name)} sends ${tables} on: its subscribers get ${inRows(rows)} as one transaction${emptied ? ', and the TRUNCATE that comes before, which empties their tables too' : ''}`,
        remedy: `leave it if that is meant; else ALTER SUBSCRIPTION … DISABLE there for the time of the crossing, or ALTER PUBLICATION ${JSON.stringify(name)} SET (publish = 'insert')`,
      },
    }
  },
  'event trigger': (name, does) => ({
    finding: {
      code: 'EVENT_TRIGGER',
      message: `event trigger ${JSON.stringify(name)} runs ${does} for statements that the crossing needs (indexes and constraints that come and go, tables that are made)`,
      remedy: `if it refuses or changes them: ALTER EVENT TRIGGER ${JSON.stringify(name)} DISABLE for the time of the crossing`,
    },
  }),
  standby: (name, mode, rows) => ({
    finding: {
      code: 'STANDBY',
      message: `standby ${JSON.stringify(name)} (${mode}) replays the crossing: queries there wait for its locks or are cancelled, and it lags behind while ${inRows(rows)} ${rows === 1 ? 'arrives' : 'arrive'}`,
      remedy: 'cross when nobody reads there, or raise max_standby_streaming_delay on it',
    },
  }),
  slot: (name, limit) => ({
    finding: {
      code: 'LOGICAL_SLOT',
      message: `logical slot ${JSON.stringify(name)} keeps the WAL of the whole crossing until its consumer has taken the one transaction${limit === '' ? '' : `; past max_slot_wal_keep_size (${limit}) the slot is lost`}`,
      remedy:
        limit === ''
          ? 'see that there is room for WAL on the disk of the server, and that the consumer runs'
          : 'raise max_slot_wal_keep_size for the time of the crossing, and see that the consumer runs',
    },
  }),
}

function inRows(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`
}

const question = `
  with target as (
    select c.oid, n.nspname || '.' || c.relname as name
      from unnest($1::text[]) as given(name)
      join pg_catalog.pg_class c on c.oid = pg_catalog.to_regclass(given.name)
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  )
  select 'publication' as kind, p.pubname::text as name,
         coalesce((select string_agg(target.name, ', ' order by target.name) from pg_catalog.pg_publication_tables t
           join target on target.name = t.schemaname || '.' || t.tablename where t.pubname = p.pubname), 'all tables') as more
    from pg_catalog.pg_publication p
   where p.pubinsert and (exists (select from pg_catalog.pg_publication_tables t join target on target.name = t.schemaname || '.' || t.tablename where t.pubname = p.pubname)
      or (p.puballtables and $2::boolean))
  union all
  select 'event trigger', e.evtname::text, e.evtfoid::regproc::text
    from pg_catalog.pg_event_trigger e where e.evtenabled in ('O', 'A') and e.evtevent <> 'login'
  union all
  select 'standby', coalesce(nullif(r.application_name, ''), 'without a name'), coalesce(r.sync_state, 'async')
    from pg_catalog.pg_stat_replication r
   where not exists (select from pg_catalog.pg_replication_slots s where s.active_pid = r.pid and s.slot_type = 'logical')
  union all
  select 'slot', s.slot_name::text, (select nullif(current_setting('max_slot_wal_keep_size'), '-1'))
    from pg_catalog.pg_replication_slots s where s.slot_type = 'logical' and s.database = pg_catalog.current_database()
  order by 1, 2`
