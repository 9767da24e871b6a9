import { cursorOn, expectWord, parseCommas, parseName, peek, take, unexpected } from '../cursor.ts'
import { parseNext } from '../parse.ts'
import { type Expression, SyntaxRefusal } from '../syntax.ts'

/** A trigger of one UPDATE. */
export interface Trigger {
  readonly event: 'insert' | 'update'
  /** Of UPDATE OF; empty for every column. */
  readonly columns: readonly string[]
  readonly table: string
  readonly when: Expression | null
  readonly updates: string
  readonly assignments: readonly { readonly column: string; readonly value: Expression }[]
  readonly where: Expression
}

/** Reads `CREATE TRIGGER … AFTER INSERT|UPDATE … BEGIN UPDATE …; END` as SQLite keeps it. Throws `SyntaxRefusal` for every other. https://www.sqlite.org/lang_createtrigger.html */
export function parseTrigger(definition: string): Trigger {
  const cursor = cursorOn(definition)
  expectWord(cursor, 'create')
  if (!take(cursor, 'temp')) take(cursor, 'temporary')
  expectWord(cursor, 'trigger')
  take(cursor, 'if', 'not', 'exists')
  parseName(cursor)
  if (take(cursor, '.')) parseName(cursor)
  if (!take(cursor, 'after')) throw new SyntaxRefusal(other)
  const event = take(cursor, 'update') ? 'update' : take(cursor, 'insert') ? 'insert' : null
  if (event === null) throw new SyntaxRefusal(other)
  const columns = event === 'update' && take(cursor, 'of') ? parseCommas(cursor, parseName) : []
  expectWord(cursor, 'on')
  const table = parseName(cursor)
  take(cursor, 'for', 'each', 'row')
  const when = take(cursor, 'when') ? parseNext(cursor) : null
  expectWord(cursor, 'begin')
  if (!take(cursor, 'update') || take(cursor, 'or')) throw new SyntaxRefusal(other)
  const updates = parseName(cursor)
  expectWord(cursor, 'set')
  const assignments = parseCommas(cursor, (at) => {
    const column = parseName(at)
    expectWord(at, '=')
    return { column, value: parseNext(at) }
  })
  if (!take(cursor, 'where')) throw new SyntaxRefusal(other)
  const where = parseNext(cursor)
  if (!take(cursor, ';', 'end')) throw new SyntaxRefusal(other)
  take(cursor, ';')
  if (peek(cursor).kind !== 'end') throw unexpected(cursor)
  return { event, columns, table, when, updates, assignments, where }
}

const other = 'only triggers are translated that put the present moment into the row that was written'
