import type { Deferrability } from '../catalog.ts'
import { cursorOf, splitList, textOf, type Cursor } from './cursor.ts'
import type { Token } from './token.ts'

/** What only the text of a CREATE TABLE says; everything else is asked of the pragmas. */
export interface TableText {
  readonly columns: readonly ColumnText[]
  readonly primaryKey: { readonly name: string | null; readonly autoincrement: boolean } | null
  /** In the order of the definition, those of columns included. */
  readonly uniques: readonly { readonly name: string | null; readonly columns: readonly string[] }[]
  readonly foreignKeys: readonly { readonly name: string | null; readonly deferrability: Deferrability }[]
  readonly checks: readonly { readonly name: string | null; readonly expression: string }[]
}

export interface ColumnText {
  readonly name: string
  readonly type: string
  readonly collation: string | null
  /** The expression of a generated column. */
  readonly generated: string | null
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

interface Draft {
  readonly columns: Mutable<ColumnText>[]
  primaryKey: TableText['primaryKey']
  readonly uniques: { name: string | null; columns: string[] }[]
  readonly foreignKeys: { name: string | null; deferrability: Deferrability }[]
  readonly checks: { name: string | null; expression: string }[]
}

/** Reads a CREATE TABLE that SQLite has accepted (grammar: parse.y); throws a `SyntaxError` on any other text. */
export function parseCreateTable(sql: string): TableText {
  const cursor = cursorOf(sql)
  cursor.expect('CREATE')
  if (!cursor.take('TEMP')) cursor.take('TEMPORARY')
  cursor.expect('TABLE')
  cursor.take('IF', 'NOT', 'EXISTS')
  cursor.next()
  if (cursor.take('.')) cursor.next()
  cursor.expect('(')
  const draft: Draft = { columns: [], primaryKey: null, uniques: [], foreignKeys: [], checks: [] }
  do {
    if (atTableConstraint(cursor)) {
      readTableConstraints(cursor, draft)
      break
    }
    readColumn(cursor, draft)
  } while (cursor.take(','))
  cursor.expect(')')
  return draft
}

const tableConstraints = ['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN']
const atTableConstraint = (cursor: Cursor): boolean => tableConstraints.some((word) => cursor.at(word))

const typeEnds = new Set([
  'CONSTRAINT',
  'DEFAULT',
  'NULL',
  'NOT',
  'PRIMARY',
  'UNIQUE',
  'CHECK',
  'REFERENCES',
  'COLLATE',
  'AS',
  'DEFERRABLE',
])

function readColumn(cursor: Cursor, draft: Draft): void {
  const column: Mutable<ColumnText> = {
    name: cursor.next().value,
    type: readType(cursor),
    collation: null,
    generated: null,
  }
  draft.columns.push(column)
  let name: string | null = null
  while (!cursor.at(',') && !cursor.at(')')) {
    if (cursor.take('CONSTRAINT')) {
      name = cursor.next().value
      continue
    }
    readColumnConstraint(cursor, draft, column, name)
    name = null
  }
}

function readType(cursor: Cursor): string {
  const first = cursor.peek()
  const inType = (token: Token | undefined): boolean =>
    token?.kind === 'name' ||
    token?.kind === 'string' ||
    (token?.kind === 'word' && !typeEnds.has(token.value.toUpperCase()) && !cursor.at('GENERATED', 'ALWAYS', 'AS'))
  if (first === undefined || !inType(first)) return ''
  while (inType(cursor.peek())) cursor.next()
  if (cursor.at('(')) cursor.parentheses()
  return cursor.sql.slice(first.start, cursor.last()?.end)
}

function readColumnConstraint(cursor: Cursor, draft: Draft, column: Mutable<ColumnText>, name: string | null): void {
  if (cursor.take('DEFAULT')) {
    if (cursor.at('(')) cursor.parentheses()
    else {
      if (!cursor.take('+')) cursor.take('-')
      cursor.next()
    }
  } else if (cursor.take('NOT', 'NULL') || cursor.take('NULL')) skipConflict(cursor)
  else if (cursor.take('PRIMARY', 'KEY')) {
    if (!cursor.take('ASC')) cursor.take('DESC')
    skipConflict(cursor)
    draft.primaryKey = { name, autoincrement: cursor.take('AUTOINCREMENT') }
  } else if (cursor.take('UNIQUE')) {
    skipConflict(cursor)
    draft.uniques.push({ name, columns: [column.name] })
  } else if (cursor.take('CHECK')) readCheck(cursor, draft, name)
  else if (cursor.take('REFERENCES')) readReference(cursor, draft, name)
  else if (cursor.take('COLLATE')) column.collation = cursor.next().value
  else if (cursor.take('GENERATED', 'ALWAYS', 'AS') || cursor.take('AS')) {
    column.generated = textOf(cursor.sql, cursor.parentheses())
    if (!cursor.take('STORED')) cursor.take('VIRTUAL')
  } else readDeferrability(cursor, draft)
}

function readTableConstraints(cursor: Cursor, draft: Draft): void {
  let name: string | null = null
  while (!cursor.at(')')) {
    if (cursor.take(',')) name = null
    if (cursor.take('CONSTRAINT')) {
      name = cursor.next().value
      continue
    }
    if (cursor.take('PRIMARY', 'KEY')) {
      const inside = cursor.parentheses()
      draft.primaryKey = { name, autoincrement: isWord(inside.at(-1), 'AUTOINCREMENT') }
      skipConflict(cursor)
    } else if (cursor.take('UNIQUE')) {
      draft.uniques.push({ name, columns: splitList(cursor.parentheses()).map((part) => part[0]?.value ?? '') })
      skipConflict(cursor)
    } else if (cursor.take('CHECK')) readCheck(cursor, draft, name)
    else {
      cursor.expect('FOREIGN', 'KEY')
      cursor.parentheses()
      cursor.expect('REFERENCES')
      readReference(cursor, draft, name)
      if (cursor.at('NOT', 'DEFERRABLE') || cursor.at('DEFERRABLE')) readDeferrability(cursor, draft)
    }
    name = null
  }
}

const isWord = (token: Token | undefined, word: string): boolean =>
  token?.kind === 'word' && token.value.toUpperCase() === word

function readCheck(cursor: Cursor, draft: Draft, name: string | null): void {
  draft.checks.push({ name, expression: textOf(cursor.sql, cursor.parentheses()) })
  skipConflict(cursor)
}

function skipConflict(cursor: Cursor): void {
  if (cursor.take('ON', 'CONFLICT')) cursor.next()
}

function readReference(cursor: Cursor, draft: Draft, name: string | null): void {
  draft.foreignKeys.push({ name, deferrability: 'not deferrable' })
  cursor.next()
  if (cursor.at('(')) cursor.parentheses()
  for (;;) {
    if (cursor.take('MATCH')) cursor.next()
    else if (cursor.take('ON')) {
      cursor.next()
      if (!cursor.take('NO', 'ACTION') && !cursor.take('SET', 'NULL') && !cursor.take('SET', 'DEFAULT')) cursor.next()
    } else return
  }
}

/** SQLite gives a DEFERRABLE clause to the last foreign key read, even to an earlier column's. */
function readDeferrability(cursor: Cursor, draft: Draft): void {
  const not = cursor.take('NOT')
  cursor.expect('DEFERRABLE')
  const deferred = cursor.take('INITIALLY', 'DEFERRED')
  if (!deferred) cursor.take('INITIALLY', 'IMMEDIATE')
  const key = draft.foreignKeys.at(-1)
  if (key) key.deferrability = not ? 'not deferrable' : deferred ? 'initially deferred' : 'initially immediate'
}
