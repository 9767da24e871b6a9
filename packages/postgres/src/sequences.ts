import { formatTableName, sameTable, type TableName } from '@rowferry/introspect'
import { quoteLiteral, quoteTable } from './quote.ts'
import {
  advance,
  isFurther,
  peek,
  readFedColumn,
  readSequence,
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

interface Move {
  readonly state: SequenceState
  readonly owned: boolean
}

/**
 * Moves every sequence past the ids in use (the smallest, where the increment is negative) and past the source's mark; never backwards,
 * and not at all where it is past them already, so that an empty table without a mark keeps its sequence as it is.
 *
 * Sequences are not transactional (https://www.postgresql.org/docs/current/functions-sequence.html). An owned one is moved through ALTER SEQUENCE … RESTART,
 * which gives it new storage, and so goes back with a ROLLBACK; its lock holds up `nextval` in other sessions until the transaction ends.
 * Any other is moved by a bare `setval`, which stays for ever: these come last, so call this with `'commit'` right before COMMIT. In a `'rehearsal'` they are left alone.
 *
 * @throws PostgresError `SEQUENCE_RANGE` (an id that the sequence can never pass), `SEQUENCE_RIGHTS`, `SEQUENCE_MISSING`, `SEQUENCE_COLUMN_MISSING`, `SEQUENCE_MARK_INVALID`
 */
export async function advanceSequences(
  session: Session,
  columns: readonly SequenceColumn[],
  when: 'commit' | 'rehearsal',
): Promise<SequenceOutcome[]> {
  const outcomes: SequenceOutcome[] = []
  const moves: Move[] = []
  for (const group of bySequence(columns)) {
    const [{ sequence }] = group
    let state = await readSequence(session, sequence)
    const owned = state.owned && group.every((column) => column.owned)
    const fed: FedColumn[] = []
    for (const { table, column } of group) fed.push(await readFedColumn(session, table, column))
    const used = await readUsed(session, state, group, fed)
    if (used !== null && advance(state, used)) {
      if (owned) {
        // The one statement that locks a sequence (LOCK is for tables): what is read after it holds until COMMIT
        await session.query(`alter sequence ${quoteTable(sequence)} increment by ${state.increment}`)
        state = await readSequence(session, sequence)
      } else if (!state.updatable) throw sequenceRights(sequence, 'moving', 'SELECT, UPDATE')
    }
    const moved = used === null ? null : advance(state, used)
    if (moved) moves.push({ state: moved, owned })
    const next = peek(moved ?? state)
    for (const [at, { table, column }] of group.entries()) {
      outcomes.push({ sequence, table, column, nextValue: next !== null && fits(next, fed[at]) ? String(next) : null })
    }
  }
  for (const { state } of moves.filter((move) => move.owned)) {
    await session.query(`alter sequence ${quoteTable(state.name)} restart`)
    await session.query(`select setval(${quoteLiteral(quoteTable(state.name))}::regclass, ${state.last})`)
  }
  if (when === 'commit') {
    for (const { state } of moves.filter((move) => !move.owned)) await moveForward(session, state)
  }
  return outcomes
}

/** Would the next INSERT work, and the ones after it? Reads only; no sequence moves. */
export async function checkSequences(
  session: Session,
  columns: readonly (Pick<SequenceColumn, 'table' | 'column' | 'sequence'> &
    Partial<Pick<SequenceColumn, 'highWaterMark'>>)[],
): Promise<SequenceVerdict[]> {
  const verdicts: SequenceVerdict[] = []
  for (const { table, column, sequence, highWaterMark = null } of columns) {
    const state = await readSequence(session, sequence)
    const fed = await readFedColumn(session, table, column)
    const next = peek(state)
    const nextValue = next !== null && fits(next, fed) ? String(next) : null
    const [row] = await session.query(
      `select (select ${furthest(state, fed)} from ${quoteTable(table)}) as used,
              exists (select from ${quoteTable(table)} where ${fed.value} = ${nextValue ?? 'null'})::text as taken`,
    )
    const used = [row?.['used'] ?? null, highWaterMark].filter((value) => value !== null)
    verdicts.push({
      sequence,
      table,
      column,
      nextValue,
      free: nextValue !== null && row?.['taken'] === 'false',
      past: used.every((value) => advance(state, BigInt(value)) === null),
    })
  }
  return verdicts
}

async function readUsed(
  session: Session,
  state: SequenceState,
  columns: readonly SequenceColumn[],
  fed: readonly FedColumn[],
): Promise<bigint | null> {
  let used: bigint | null = null
  for (const [at, column] of columns.entries()) {
    const reading = fed[at]
    if (!reading) continue
    const [row] = await session.query(`select ${furthest(state, reading)} as used from ${quoteTable(column.table)}`)
    for (const text of [row?.['used'] ?? null, column.highWaterMark]) {
      if (text === null) continue
      const value = parseMark(text, column)
      if (isFurther(state, value, state.increment > 0n ? state.maximum : state.minimum))
        throw outOfRange(state, column, value)
      if (used === null || isFurther(state, value, used)) used = value
    }
  }
  return used
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

function fits(value: bigint, fed: FedColumn | undefined): boolean {
  return (fed?.maximum ?? value) >= value && (fed?.minimum ?? value) <= value
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
  const groups: [SequenceColumn, ...SequenceColumn[]][] = []
  for (const column of columns) {
    const group = groups.find(([first]) => sameTable(first.sequence, column.sequence))
    if (group) group.push(column)
    else groups.push([column])
  }
  return groups
}
