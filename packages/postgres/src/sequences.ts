import { formatTableName, type TableName } from '@rowferry/introspect'
import { inOneGo } from './in-one-go.ts'
import { quoteLiteral, quoteTable } from './quote.ts'
import {
  advance,
  isFurther,
  peek,
  readFedColumns,
  readSequences,
  sequenceRights,
  type FedColumn,
  type SequenceState,
} from './sequence-state.ts'
import { PostgresError, type Session } from './session.ts'

/** A column that takes its values from a sequence: identity, serial, or a default that calls `nextval`. */
export interface SequenceColumn {
  readonly table: TableName
  readonly column: string
  readonly sequence: TableName
  /** The source's own mark (SQLite's `sqlite_sequence.seq`): ids up to it were handed out once, even if their rows are gone. */
  readonly highWaterMark: string | null
  /** May it be moved as its owner, so that a ROLLBACK takes it back? Counts only where the session's role does own the sequence, which its table's owner need not. */
  readonly owned: boolean
  /** Was it made in this very transaction? Then nobody else can take a value from it, and a ROLLBACK takes it away altogether. Default false. */
  readonly made?: boolean
}

export interface SequenceOutcome {
  readonly sequence: TableName
  readonly table: TableName
  readonly column: string
  /** What the next INSERT gets; null when the sequence, or the column's type, has nothing left to give. */
  readonly nextValue: string | null
}

export interface SequenceVerdict extends SequenceOutcome {
  /** There is a next value and no row holds it: the next INSERT works. */
  readonly free: boolean
  /** No row holds a value that is still to come, and the source has given none. */
  readonly past: boolean
}

/**
 * Moves every sequence past the ids in use (the smallest, where the increment is negative) and past the source's mark; never backwards,
 * and not at all where it is past them already, so that an empty table without a mark keeps its sequence as it is.
 *
 * Sequences are not transactional (https://www.postgresql.org/docs/current/functions-sequence.html). An owned one is moved through ALTER SEQUENCE … RESTART,
 * which gives it new storage, and so goes back with a ROLLBACK; its lock holds up `nextval` in other sessions until the transaction ends.
 * One that was made in this transaction needs neither. Any other is moved by a bare `setval`, which stays for ever: these come last, so call this with `'commit'` right before COMMIT. In a `'rehearsal'` they are left alone.
 *
 * @throws PostgresError `SEQUENCE_RANGE` (an id that the sequence can never pass), `SEQUENCE_RIGHTS`, `SEQUENCE_MISSING`, `SEQUENCE_COLUMN_MISSING`, `SEQUENCE_MARK_INVALID`
 */
export async function advanceSequences(
  session: Session,
  columns: readonly SequenceColumn[],
  when: 'commit' | 'rehearsal',
): Promise<SequenceOutcome[]> {
  const groups = bySequence(columns)
  let states = await readSequences(
    session,
    groups.map(([{ sequence }]) => sequence),
  )
  const fed = await readFedColumns(session, groups.flat())
  const feeders = groups.map((group) => group.map((column) => ({ column, reading: fed.shift()! })))
  const used = await readUsed(session, states, feeders)
  const isOwned = groups.map((group, at) => states[at]!.owned && group.every((column) => column.owned))
  const isMade = groups.map(([{ made = false }]) => made)
  const lagging = groups.flatMap((_, at) => (isLagging(states[at]!, used[at]!) ? [at] : []))
  const locked = lagging.filter((at) => isOwned[at] && !isMade[at])
  for (const at of lagging) {
    const { name, updatable } = states[at]!
    if (!isOwned[at] && !isMade[at] && !updatable) throw sequenceRights(name, 'moving', 'SELECT, UPDATE')
  }
  if (locked.length > 0) {
    // The one statement that locks a sequence (LOCK is for tables): what is read after it holds until COMMIT
    const lock = locked.map(
      (at) => `alter sequence ${quoteTable(states[at]!.name)} increment by ${states[at]!.increment}`,
    )
    await session.query(lock.join(';\n'))
    const now = await readSequences(
      session,
      locked.map((at) => states[at]!.name),
    )
    const again = new Map(locked.map((at, index) => [at, now[index]!]))
    states = states.map((state, at) => again.get(at) ?? state)
  }
  const moves = states.map((state, at) => (used[at] === null ? null : advance(state, used[at]!)))
  const made = moves.filter((move, at): move is SequenceState => move !== null && isMade[at]!)
  await inOneGo(
    session,
    made.map(({ name, last }) => `setval(${quoteLiteral(quoteTable(name))}::regclass, ${last})::text as value`),
  )
  const owned = moves.filter((move, at): move is SequenceState => move !== null && isOwned[at]! && !isMade[at])
  if (owned.length > 0) {
    const statements = owned.map(
      ({ name, last }) =>
        `alter sequence ${quoteTable(name)} restart; select setval(${quoteLiteral(quoteTable(name))}::regclass, ${last})`,
    )
    await session.query(statements.join(';\n'))
  }
  if (when === 'commit')
    for (const [at, move] of moves.entries())
      if (move !== null && !isOwned[at] && !isMade[at]) await moveForward(session, move)
  return feeders.flatMap((group, at) => {
    const next = peek(moves[at] ?? states[at]!)
    return group.map(({ column: { table, column, sequence }, reading }) => ({
      sequence,
      table,
      column,
      nextValue: next !== null && fits(next, reading) ? String(next) : null,
    }))
  })
}

/** Would the next INSERT work, and the ones after it? Reads only; no sequence moves. */
export async function checkSequences(
  session: Session,
  columns: readonly (Pick<SequenceColumn, 'table' | 'column' | 'sequence'> &
    Partial<Pick<SequenceColumn, 'highWaterMark'>>)[],
): Promise<SequenceVerdict[]> {
  const states = await readSequences(
    session,
    columns.map(({ sequence }) => sequence),
  )
  const fed = await readFedColumns(session, columns)
  const next = states.map((state, at) => {
    const value = peek(state)
    return value !== null && fits(value, fed[at]!) ? String(value) : null
  })
  const used = await inOneGo(
    session,
    columns.map(({ table }, at) => `${furthest(states[at]!, fed[at]!)} as value from ${quoteTable(table)}`),
  )
  const taken = await inOneGo(
    session,
    columns.map(
      ({ table }, at) =>
        `exists (select from ${quoteTable(table)} where ${fed[at]!.value} = ${next[at] ?? 'null'})::text as value`,
    ),
  )
  return columns.map(({ table, column, sequence, highWaterMark = null }, at) => ({
    sequence,
    table,
    column,
    nextValue: next[at]!,
    free: next[at] !== null && taken[at] === 'false',
    past: [used[at]!, highWaterMark].every((value) => value === null || !isLagging(states[at]!, BigInt(value))),
  }))
}

interface Feeder {
  readonly column: SequenceColumn
  readonly reading: FedColumn
}

/** The furthest value in use by any of the columns that each sequence feeds. */
async function readUsed(
  session: Session,
  states: readonly SequenceState[],
  feeders: readonly (readonly Feeder[])[],
): Promise<(bigint | null)[]> {
  const answers = await inOneGo(
    session,
    feeders.flatMap((group, at) =>
      group.map(({ column, reading }) => `${furthest(states[at]!, reading)} as value from ${quoteTable(column.table)}`),
    ),
  )
  return feeders.map((group, at) => {
    const state = states[at]!
    let used: bigint | null = null
    for (const { column } of group) {
      for (const text of [answers.shift() ?? null, column.highWaterMark]) {
        if (text === null) continue
        const value = parseMark(text, column)
        if (isFurther(state, value, state.increment > 0n ? state.maximum : state.minimum))
          throw outOfRange(state, column, value)
        if (used === null || isFurther(state, value, used)) used = value
      }
    }
    return used
  })
}

function isLagging(state: SequenceState, used: bigint | null): boolean {
  return used !== null && advance(state, used) !== null
}

function furthest(state: SequenceState, fed: FedColumn): string {
  return state.increment > 0n ? `floor(max(${fed.value})::numeric)::text` : `ceil(min(${fed.value})::numeric)::text`
}

/** Not a step backwards, even if the application took values since the sequence was read. */
async function moveForward(session: Session, { name, increment, last }: SequenceState): Promise<void> {
  await session.query(
    `select setval(${quoteLiteral(quoteTable(name))}::regclass, ${last}) from ${quoteTable(name)}
      where last_value::numeric + case when is_called then ${increment} else 0 end ${increment > 0n ? '<=' : '>='} ${last}`,
  )
}

function fits(value: bigint, fed: FedColumn): boolean {
  return (fed.maximum ?? value) >= value && (fed.minimum ?? value) <= value
}

function parseMark(text: string, { table, column }: SequenceColumn): bigint {
  if (/^-?\d+$/.test(text)) return BigInt(text)
  throw new PostgresError(
    'SEQUENCE_MARK_INVALID',
    `The high-water mark ${JSON.stringify(text)} of ${formatTableName(table)}.${column} is no whole number`,
    {
      schema: table.schema,
      table: table.name,
      column,
      remedy: 'Correct the row of sqlite_sequence in the source.',
    },
  )
}

function outOfRange(state: SequenceState, { table, column }: SequenceColumn, value: bigint): PostgresError {
  const ascending = state.increment > 0n
  const bigint = value >= -(2n ** 63n) && value < 2n ** 63n
  return new PostgresError(
    'SEQUENCE_RANGE',
    `${formatTableName(table)}.${column} uses ${value}, but its sequence ${formatTableName(state.name)} ends at ${ascending ? state.maximum : state.minimum}`,
    {
      schema: table.schema,
      table: table.name,
      column,
      remedy: bigint
        ? `Widen it before the crossing: ALTER SEQUENCE ${quoteTable(state.name)} AS bigint NO ${ascending ? 'MAXVALUE' : 'MINVALUE'}.`
        : 'No sequence reaches that far: give the row another id, or the column another default.',
    },
  )
}

function bySequence(columns: readonly SequenceColumn[]): [SequenceColumn, ...SequenceColumn[]][] {
  const groups = new Map<string, [SequenceColumn, ...SequenceColumn[]]>()
  for (const column of columns) {
    const name = quoteTable(column.sequence)
    const group = groups.get(name)
    if (group) group.push(column)
    else groups.set(name, [column])
  }
  return [...groups.values()]
}
