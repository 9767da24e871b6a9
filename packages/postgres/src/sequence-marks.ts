import type { TableName } from '@rowferry/introspect'
import { quoteLiteral, quoteTable } from './quote.ts'
import { readSequences } from './sequence-state.ts'
import type { Session } from './session.ts'

/** Where a sequence stands. Plain JSON. */
export interface SequenceMark {
  readonly name: TableName
  readonly last: string
  /** Was `last` handed out, or is it what comes next? */
  readonly called: boolean
}

/** One for each name. Throws `SEQUENCE_MISSING`, `SEQUENCE_RIGHTS`. */
export async function readSequenceMarks(session: Session, names: readonly TableName[]): Promise<SequenceMark[]> {
  const states = await readSequences(session, names)
  return states.map(({ name, last, called }) => ({ name, last: String(last), called }))
}

/**
 * Puts the sequences back where they stood, backwards too. Of those that belong to the role it goes back with a ROLLBACK; any other moves at once and for ever,
 * so call this right before COMMIT. Throws as `readSequenceMarks`.
 */
export async function restoreSequences(session: Session, marks: readonly SequenceMark[]): Promise<void> {
  const states = await readSequences(
    session,
    marks.map(({ name }) => name),
  )
  const moved = marks.flatMap((mark, at) => {
    const { last, called, owned } = states[at]!
    return String(last) === mark.last && called === mark.called ? [] : [{ ...mark, owned }]
  })
  // What can be taken back comes first
  for (const { name, last, called, owned } of moved.toSorted((a, b) => Number(b.owned) - Number(a.owned))) {
    if (owned) await session.query(`alter sequence ${quoteTable(name)} restart`)
    await session.query(`select setval(${quoteLiteral(quoteTable(name))}::regclass, ${last}, ${called})`)
  }
}
