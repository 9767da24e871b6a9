import { formatTableName, type TableName } from '@rowferry/introspect'
import { baseType } from './base-type.ts'
import { inOneGo } from './in-one-go.ts'
import { quoteIdentifier, quoteTable } from './quote.ts'
import { readJson } from './read-json.ts'
import { tableParameters, wantedTables } from './rebuild/rebuild.ts'
import { PostgresError, type Session } from './session.ts'

export interface SequenceState {
  readonly name: TableName
  readonly increment: bigint
  readonly minimum: bigint
  readonly maximum: bigint
  readonly cycle: boolean
  /** Does it belong to the session's role? */
  readonly owned: boolean
  /** May the session's role call `setval`? */
  readonly updatable: boolean
  readonly last: bigint
  /** Was `last` handed out, or is it what comes next? */
  readonly called: boolean
}

type Facts = Record<'schema' | 'name' | 'increment' | 'minimum' | 'maximum', string> &
  Record<'cycle' | 'owned' | 'readable' | 'updatable', boolean>

/** One state for each name. Throws `SEQUENCE_MISSING`, `SEQUENCE_RIGHTS`. */
export async function readSequences(session: Session, names: readonly TableName[]): Promise<SequenceState[]> {
  const found = await readJson<Facts>(
    session,
    `select n.nspname as schema, c.relname as name, s.seqincrement::text as increment, s.seqmin::text as minimum, s.seqmax::text as maximum, s.seqcycle as cycle,
            pg_has_role(c.relowner, 'USAGE') as owned, has_sequence_privilege(c.oid, 'SELECT') as readable, has_sequence_privilege(c.oid, 'UPDATE') as updatable
       from ${wantedTables}
       join pg_catalog.pg_namespace n on n.nspname = wanted.schema
       join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = wanted.name
       join pg_catalog.pg_sequence s on s.seqrelid = c.oid`,
    tableParameters(names),
  )
  const byName = new Map(found.map((facts) => [JSON.stringify([facts.schema, facts.name]), facts]))
  const known = names.map((name) => readable(name, byName.get(JSON.stringify([name.schema, name.name]))))
  const states = await inOneGo(
    session,
    names.map((name) => `last_value::text || ' ' || is_called::text as value from ${quoteTable(name)}`),
  )
  return known.map((facts, at) => {
    const [last, called] = (states[at] ?? '0 false').split(' ')
    return { ...facts, last: BigInt(last!), called: called === 'true' }
  })
}

function readable(name: TableName, facts: Facts | undefined): Omit<SequenceState, 'last' | 'called'> {
  if (!facts) {
    throw new PostgresError('SEQUENCE_MISSING', `There is no sequence ${formatTableName(name)}`, {
      remedy: 'The target changed since it was read: plan again.',
    })
  }
  if (!facts.readable) throw sequenceRights(name, 'reading', 'SELECT')
  return {
    name,
    increment: BigInt(facts.increment),
    minimum: BigInt(facts.minimum),
    maximum: BigInt(facts.maximum),
    cycle: facts.cycle,
    owned: facts.owned,
    updatable: facts.updatable,
  }
}

export function sequenceRights(name: TableName, doing: string, right: string): PostgresError {
  return new PostgresError(
    'SEQUENCE_RIGHTS',
    `${doing} the sequence ${formatTableName(name)} is not allowed to this role`,
    {
      remedy: `GRANT ${right} ON SEQUENCE ${quoteTable(name)} TO the role that runs the crossing.`,
    },
  )
}

/** What `nextval` would give, or null when it would refuse. */
export function peek(state: SequenceState): bigint | null {
  const next = upcoming(state)
  if (next >= state.minimum && next <= state.maximum) return next
  if (!state.cycle) return null
  return state.increment > 0n ? state.minimum : state.maximum
}

/**
 * The sequence once it has passed `used`, in its own step, so that sequences that share out the numbers (start 3, increment 10) go on doing so;
 * null when it is past already.
 */
export function advance(state: SequenceState, used: bigint): SequenceState | null {
  const next = upcoming(state)
  if (isFurther(state, next, used)) return null
  const steps = (used - next) / state.increment
  return { ...state, last: next + steps * state.increment, called: true }
}

/** Does `value` lie beyond `other` in the direction of the sequence? */
export function isFurther(state: SequenceState, value: bigint, other: bigint): boolean {
  return state.increment > 0n ? value > other : value < other
}

function upcoming(state: SequenceState): bigint {
  return state.called ? state.last + state.increment : state.last
}

/** How a column that a sequence feeds is read: the bounds of its type, and its value as an SQL expression, NULL for what is no number. */
export interface FedColumn {
  readonly minimum: bigint | null
  readonly maximum: bigint | null
  readonly value: string
}

const integers: ReadonlyMap<string, bigint> = new Map([
  ['int2', 2n ** 15n],
  ['int4', 2n ** 31n],
  ['int8', 2n ** 63n],
])

/** One for each column. Throws `SEQUENCE_COLUMN_MISSING`. */
export async function readFedColumns(
  session: Session,
  columns: readonly { readonly table: TableName; readonly column: string }[],
): Promise<FedColumn[]> {
  const found = await readJson<FedType & { readonly place: number }>(
    session,
    `select wanted.place, t.typname as name, t.typcategory as category
       from unnest($1::text[], $2::text[], $3::text[]) with ordinality as wanted (schema, name, "column", place)
       join pg_catalog.pg_namespace n on n.nspname = wanted.schema
       join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = wanted.name
       join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = wanted."column" and not a.attisdropped
       cross join lateral (select ${baseType('a.atttypid')} as oid offset 0) as base
       join pg_catalog.pg_type t on t.oid = base.oid`,
    [...tableParameters(columns.map(({ table }) => table)), columns.map(({ column }) => column)],
  )
  const byPlace = new Map(found.map((type) => [type.place, type]))
  return columns.map(({ table, column }, at) => fedColumn(table, column, byPlace.get(at + 1)))
}

interface FedType {
  readonly name: string
  readonly category: string
}

function fedColumn(table: TableName, column: string, type: FedType | undefined): FedColumn {
  if (!type) {
    throw new PostgresError('SEQUENCE_COLUMN_MISSING', `There is no column ${column} in ${formatTableName(table)}`, {
      schema: table.schema,
      table: table.name,
      column,
      remedy: 'The target changed since it was read: plan again.',
    })
  }
  const name = quoteIdentifier(column)
  const bound = integers.get(type.name)
  if (bound !== undefined) return { minimum: -bound, maximum: bound - 1n, value: name }
  const numbers =
    type.category === 'N' ? `${name}::text not in ('NaN', 'Infinity', '-Infinity')` : `${name}::text ~ '^-?[0-9]+$'`
  return { minimum: null, maximum: null, value: `case when ${numbers} then ${name}::text::numeric end` }
}
