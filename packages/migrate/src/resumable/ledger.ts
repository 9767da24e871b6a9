import type { Structure } from '@rowferry/introspect'
import type { Plan } from '@rowferry/plan'
import { parsePlan } from '@rowferry/plan'
import type { DisabledTriggers, DroppedForeignKeys, Rebuild, SequenceMark, Session } from '@rowferry/postgres'
import { PostgresError } from '@rowferry/postgres'
import type { Chunk, RowRange } from '@rowferry/write'
import { CrossingError } from '../failure.ts'
import type { Asked } from './asked.ts'
import type { MadeObject } from './made.ts'

/** The schema of the target in which a run keeps account of itself. */
export const LEDGER_SCHEMA = 'rowferry'

/** What was decided and found when the run began; everything that going on, or going back, needs to know. */
export interface Beginning {
  readonly plan: Plan
  readonly asked: Asked
  /** Definitions of what was taken away for the load. */
  readonly taken: {
    readonly triggers: DisabledTriggers | null
    readonly foreignKeys: DroppedForeignKeys | null
    readonly indexes: Rebuild | null
  }
  /** The `schemaSnapshot` of the existing tables, before anything was taken away. */
  readonly before: string
  /** The structure of the target's schema once it was. */
  readonly structure: Structure
  readonly sequences: readonly SequenceMark[]
  /** What was made beside the tables. */
  readonly made: readonly MadeObject[]
  /** Was the ledger's own schema made, so that it goes with the ledger? */
  readonly madeSchema: boolean
}

export interface Ledger {
  readonly beginning: Beginning
  /** `different`: the last comparison found a difference. */
  readonly state: 'open' | 'different' | 'done'
  /** How often it was begun or gone on with; the one that may write. */
  readonly attempt: number
  readonly began: string
  /** When a part was last committed. */
  readonly written: string
  /** What the last comparison found, in words. */
  readonly difference: string | null
  /** By place in the plan's tables. */
  readonly tables: readonly LoadedTable[]
  /** Post-data steps that are done, by their place, with what each could not make. */
  readonly steps: ReadonlyMap<number, Plan['notCarried']>
}

interface LoadedTable {
  readonly ranges: readonly RowRange[]
  readonly rows: number
  readonly bytes: number
  readonly ms: number
  readonly changed: Chunk['changed']
  /** Its last row is there. */
  readonly ended: boolean
  /** And no gap is left before it. */
  readonly whole: boolean
}

/** Inside the transaction that takes away what the definitions say. */
export async function makeLedger(session: Session, beginning: Beginning): Promise<void> {
  await session.query(`
    create table ${LEDGER_SCHEMA}.run (one boolean primary key default true check (one), version integer not null, beginning text not null, attempt integer not null,
      state text not null, difference text, began timestamptz not null default now(), resumed timestamptz not null default now());
    create table ${LEDGER_SCHEMA}.chunk (place integer, first bigint, rows bigint not null, bytes bigint not null, ms double precision not null, last boolean not null,
      changed text not null, xid xid8 not null default pg_current_xact_id(), at timestamptz not null default clock_timestamp(), primary key (place, first));
    create table ${LEDGER_SCHEMA}.step (place integer primary key, name text not null, not_carried text not null, at timestamptz not null default clock_timestamp())`)
  await session.query(
    `insert into ${LEDGER_SCHEMA}.run (version, beginning, attempt, state) values (1, $1, 1, 'open')`,
    [plainJson(beginning)],
  )
}

/** Null where there is none. Throws `LEDGER_UNREADABLE`. */
export async function readLedger(session: Session): Promise<Ledger | null> {
  if (!(await hasLedger(session))) return null
  const [run] = await session.query(
    `select version, beginning, attempt, state, difference, ${utc('began')} as began,
            ${utc(`greatest(resumed, (select max(at) from ${LEDGER_SCHEMA}.chunk), (select max(at) from ${LEDGER_SCHEMA}.step))`)} as written
       from ${LEDGER_SCHEMA}.run`,
  )
  if (run?.['version'] !== '1')
    throw new CrossingError(
      'LEDGER_UNREADABLE',
      `the ledger in the target's schema ${LEDGER_SCHEMA} is not of this version`,
      {
        remedy: 'go on with the version of rowferry that began the run',
      },
    )
  const stored = JSON.parse(run['beginning']!) as Beginning
  const beginning = { ...stored, plan: parsePlan(JSON.stringify(stored.plan)) }
  const chunks = await session.query(
    `select place, first, rows, bytes, ms, last, changed from ${LEDGER_SCHEMA}.chunk order by place, first`,
  )
  const steps = await session.query(`select place, not_carried from ${LEDGER_SCHEMA}.step`)
  return {
    beginning,
    state: run['state'] as Ledger['state'],
    attempt: Number(run['attempt']),
    began: run['began']!,
    written: run['written']!,
    difference: run['difference'] ?? null,
    tables: beginning.plan.tables.map((_, place) =>
      loadedTable(chunks.filter((chunk) => Number(chunk['place']) === place)),
    ),
    steps: new Map(
      steps.map((step) => [Number(step['place']), JSON.parse(step['not_carried']!) as Plan['notCarried']]),
    ),
  }
}

/** What is committed in part must be finished or undone first. Throws `RUN_UNFINISHED`, `LEDGER_UNREADABLE`. */
export async function refuseUnfinished(session: Session): Promise<void> {
  if (!(await hasLedger(session))) return
  const [run] = await session.query(`select state from ${LEDGER_SCHEMA}.run`)
  if (run?.['state'] === 'done') return
  throw new CrossingError('RUN_UNFINISHED', 'the target holds a run that was committed in parts and is not finished', {
    remedy:
      'its own command, with --resumable, goes on; rowferry status <target> tells how far it is, rowferry undo <target> takes it back',
  })
}

async function hasLedger(session: Session): Promise<boolean> {
  const [found] = await session.query(
    `select has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT') as readable
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = 'run'`,
    [LEDGER_SCHEMA],
  )
  if (found && found['readable'] !== 't')
    throw new CrossingError(
      'LEDGER_UNREADABLE',
      `the target's schema ${LEDGER_SCHEMA} holds the ledger of another role's run`,
      { remedy: 'run as that role' },
    )
  return found !== undefined
}

function loadedTable(chunks: readonly Record<string, string | null>[]): LoadedTable {
  const ranges: { first: number; rows: number }[] = []
  for (const chunk of chunks) {
    const [first, rows] = [Number(chunk['first']), Number(chunk['rows'])]
    const open = ranges.at(-1)
    if (open && open.first + open.rows === first) open.rows += rows
    else if (rows > 0) ranges.push({ first, rows })
  }
  const sum = (name: string): number => chunks.reduce((total, chunk) => total + Number(chunk[name]), 0)
  const last = chunks.find((chunk) => chunk['last'] === 't')
  const end = last === undefined ? null : Number(last['first']) + Number(last['rows'])
  const [start = { first: 0, rows: 0 }] = ranges
  return {
    ranges,
    rows: sum('rows'),
    bytes: sum('bytes'),
    ms: sum('ms'),
    changed: sumChanged(chunks.flatMap((chunk) => JSON.parse(chunk['changed']!) as Chunk['changed'])),
    ended: end !== null,
    // The last chunk may hold no row of its own, so that a gap just before it leaves one range
    whole: start.first === 0 && start.rows === end,
  }
}

/** Each rule's counts as one. */
export function sumChanged(all: Chunk['changed']): Chunk['changed'] {
  const sums = new Map<string, Chunk['changed'][number]>()
  for (const each of all) {
    const name = JSON.stringify([each.column, each.rule, each.from])
    sums.set(name, { ...each, count: each.count + (sums.get(name)?.count ?? 0) })
  }
  return [...sums.values()]
}

/**
 * Takes the right to write from every earlier attempt: waits for what one of them has under way, after which none can commit any more.
 * Gives the number of this one.
 */
export async function takeOver(session: Session): Promise<number> {
  const [row] = await session.query(
    `update ${LEDGER_SCHEMA}.run set attempt = attempt + 1, resumed = clock_timestamp(), state = 'open', difference = null returning attempt`,
  )
  return Number(row!['attempt'])
}

/** First in every transaction: throws `RUN_TAKEN_OVER` where this attempt may not write any more. */
export async function holdAttempt(session: Session, attempt: number): Promise<void> {
  const gone = () =>
    new CrossingError('RUN_TAKEN_OVER', 'another process has gone on with this run, or has undone it', {
      remedy: 'rowferry status tells who',
    })
  try {
    const held = await session.query(`select from ${LEDGER_SCHEMA}.run where attempt = $1::int for share`, [attempt])
    if (held.length === 0) throw gone()
  } catch (error) {
    throw error instanceof PostgresError && error.code === '42P01' ? gone() : error
  }
}

export async function noteChunk(session: Session, place: number, chunk: Chunk, ms: number): Promise<void> {
  await session.query(
    `insert into ${LEDGER_SCHEMA}.chunk (place, first, rows, bytes, ms, last, changed) values ($1, $2, $3, $4, $5, $6, $7)`,
    [place, chunk.first, chunk.rows, chunk.tuples.length, ms, chunk.last, plainJson(chunk.changed)],
  )
}

export async function noteStep(
  session: Session,
  place: number,
  name: string,
  notCarried: Plan['notCarried'],
): Promise<void> {
  await session.query(`insert into ${LEDGER_SCHEMA}.step (place, name, not_carried) values ($1, $2, $3)`, [
    place,
    name,
    plainJson(notCarried),
  ])
}

/** What the comparison came to: `difference` in words, or null and the run is done. `made`: what was made for it. */
export async function noteEnd(session: Session, difference: string | null, beginning?: Beginning): Promise<void> {
  await session.query(
    `update ${LEDGER_SCHEMA}.run set state = $1, difference = $2, beginning = coalesce($3, beginning)`,
    [difference === null ? 'done' : 'different', difference, beginning ? plainJson(beginning) : null],
  )
}

/** The tables, and the schema where it was made for them. Never CASCADE: what others put there is refused with 2BP01. */
export async function dropLedger(session: Session, madeSchema: boolean): Promise<void> {
  await session.query(['run', 'chunk', 'step'].map((name) => `drop table ${LEDGER_SCHEMA}.${name}`).join(';\n'))
  if (madeSchema) await session.query(`drop schema ${LEDGER_SCHEMA}`)
}

/** In ASCII, which every database's encoding has. */
function plainJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function utc(moment: string): string {
  return `to_char(${moment} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`
}
