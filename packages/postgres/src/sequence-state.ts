import { formatTableName, type TableName } from '@rowferry/introspect'
import { baseType } from './base-type.ts'
import { quoteIdentifier, quoteTable } from './quote.ts'
import { readJson } from './read-json.ts'
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

/** @throws PostgresError `SEQUENCE_MISSING`, `SEQUENCE_RIGHTS` */
export async function readSequence(session: Session, name: TableName): Promise<SequenceState> {
  const [facts] = await readJson<
    Record<'increment' | 'minimum' | 'maximum', string> & Record<'cycle' | 'owned' | 'readable' | 'updatable', boolean>
  >(
    session,
    `select s.seqincrement::text as increment, s.seqmin::text as minimum, s.seqmax::text as maximum, s.seqcycle as cycle,
            pg_has_role(c.relowner, 'USAGE') as owned, has_sequence_privilege(c.oid, 'SELECT') as readable, has_sequence_privilege(c.oid, 'UPDATE') as updatable
       from pg_catalog.pg_sequence s
       join pg_catalog.pg_class c on c.oid = s.seqrelid
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2`,
    [name.schema, name.name],
  )
  if (!facts) {
    throw new PostgresError('SEQUENCE_MISSING', `There is no sequence ${formatTableName(name)}`, {
      remedy: 'The target changed since it was read: plan again.',
    })
  }
  if (!facts.readable) throw sequenceRights(name, 'reading', 'SELECT')
  const [state] = await session.query(`select last_value::text, is_called::text from ${quoteTable(name)}`)
  return {
    name,
    increment: BigInt(facts.increment),
    minimum: BigInt(facts.minimum),
    maximum: BigInt(facts.maximum),
    cycle: facts.cycle,
    owned: facts.owned,
    updatable: facts.updatable,
    last: BigInt(state?.['last_value'] ?? 0),
    called: state?.['is_called'] === 'true',
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

/** @throws PostgresError `SEQUENCE_COLUMN_MISSING` */
export async function readFedColumn(session: Session, table: TableName, column: string): Promise<FedColumn> {
  const [type] = await readJson<{ name: string; category: string }>(
    session,
    `select t.typname as name, t.typcategory as category
       from pg_catalog.pg_attribute a
       join pg_catalog.pg_class c on c.oid = a.attrelid
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       join pg_catalog.pg_type t on t.oid = ${baseType('a.atttypid')}
      where n.nspname = $1 and c.relname = $2 and a.attname = $3 and not a.attisdropped`,
    [table.schema, table.name, column],
  )
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
