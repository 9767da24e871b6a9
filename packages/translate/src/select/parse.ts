import {
  type Cursor,
  cursorOn,
  expectWord,
  isAt,
  keyword,
  parseCommas,
  parseName,
  peek,
  take,
  unexpected,
} from '../cursor.ts'
import { parseOrdering, parseWindow } from '../parse-call.ts'
import { parseNext } from '../parse.ts'
import {
  type CommonTable,
  type CompoundOperator,
  type Expression,
  type From,
  type Result,
  type Select,
  type SelectCore,
  SyntaxRefusal,
} from '../syntax.ts'

/** Reads `CREATE VIEW … AS SELECT …` as SQLite keeps it. Throws `SyntaxRefusal`. https://www.sqlite.org/lang_createview.html */
export function parseView(definition: string): Select {
  const cursor = cursorOn(definition, parseSelect)
  expectWord(cursor, 'create')
  if (!take(cursor, 'temp')) take(cursor, 'temporary')
  expectWord(cursor, 'view')
  take(cursor, 'if', 'not', 'exists')
  parseName(cursor)
  if (take(cursor, '.')) parseName(cursor)
  // The names it gives its columns are those that SQLite tells of the view
  if (take(cursor, '(')) {
    parseCommas(cursor, parseName)
    expectWord(cursor, ')')
  }
  expectWord(cursor, 'as')
  const select = parseSelect(cursor)
  if (peek(cursor).kind !== 'end') throw unexpected(cursor)
  return select
}

function parseSelect(cursor: Cursor): Select {
  if (++cursor.depth > deepest) throw new SyntaxRefusal('it is nested too deeply')
  const recursive = take(cursor, 'with', 'recursive')
  const tables = recursive || take(cursor, 'with') ? parseCommas(cursor, parseCommonTable) : []
  const cores: [SelectCore, ...SelectCore[]] = [parseCore(cursor)]
  const operators: CompoundOperator[] = []
  for (let operator = takeOperator(cursor); operator; operator = takeOperator(cursor)) {
    operators.push(operator)
    cores.push(parseCore(cursor))
  }
  const order = take(cursor, 'order', 'by') ? parseCommas(cursor, (at) => parseOrdering(at, parseNext)) : []
  let limit: Expression | null = null
  let offset: Expression | null = null
  if (take(cursor, 'limit')) {
    limit = parseNext(cursor)
    if (take(cursor, 'offset')) offset = parseNext(cursor)
    else if (take(cursor, ',')) [offset, limit] = [limit, parseNext(cursor)]
  }
  cursor.depth--
  return { recursive, tables, cores, operators, order, limit, offset }
}

const deepest = 200

function takeOperator(cursor: Cursor): CompoundOperator | null {
  if (take(cursor, 'union', 'all')) return 'union all'
  for (const operator of ['union', 'intersect', 'except'] as const) if (take(cursor, operator)) return operator
  return null
}

function parseCommonTable(cursor: Cursor): CommonTable {
  const name = parseName(cursor)
  const columns = take(cursor, '(') ? parseCommas(cursor, parseName) : []
  if (columns.length > 0) expectWord(cursor, ')')
  expectWord(cursor, 'as')
  if (!take(cursor, 'materialized')) take(cursor, 'not', 'materialized')
  expectWord(cursor, '(')
  const select = parseSelect(cursor)
  expectWord(cursor, ')')
  return { name, columns, select }
}

function parseCore(cursor: Cursor): SelectCore {
  if (isAt(cursor, 'values')) throw new SyntaxRefusal('VALUES is not carried over')
  expectWord(cursor, 'select')
  const distinct = take(cursor, 'distinct')
  if (!distinct) take(cursor, 'all')
  const results = parseCommas(cursor, parseResult)
  const from = take(cursor, 'from') ? parseJoin(cursor) : null
  const where = take(cursor, 'where') ? parseNext(cursor) : null
  const group = take(cursor, 'group', 'by') ? parseCommas(cursor, parseNext) : []
  const having = take(cursor, 'having') ? parseNext(cursor) : null
  const windows = take(cursor, 'window')
    ? parseCommas(cursor, (at) => {
        const name = parseName(at)
        expectWord(at, 'as', '(')
        return { name, window: parseWindow(at, parseNext) }
      })
    : []
  return { distinct, results, from, where, group, having, windows }
}

function parseResult(cursor: Cursor): Result {
  if (take(cursor, '*')) return { kind: 'star', table: null }
  if (keyword(peek(cursor, 1)) === '.' && keyword(peek(cursor, 2)) === '*') {
    const table = parseName(cursor)
    cursor.position += 2
    return { kind: 'star', table }
  }
  const value = parseNext(cursor)
  return { kind: 'value', value, alias: parseAlias(cursor) }
}

// What may follow a result or a table and is no alias
const following = new Set(
  'from where group having window order limit union intersect except join inner left right full cross natural on using offset indexed not as'.split(
    ' ',
  ),
)

function parseAlias(cursor: Cursor): string | null {
  if (take(cursor, 'as')) return parseName(cursor)
  const token = peek(cursor)
  const isName =
    token.kind === 'quoted' ||
    token.kind === 'string' ||
    (token.kind === 'word' && !following.has(token.text.toLowerCase()))
  return isName ? parseName(cursor) : null
}

/** Joins from left to right; a comma is one too. https://www.sqlite.org/lang_select.html#the_from_clause */
function parseJoin(cursor: Cursor): From {
  let left = parseSource(cursor)
  for (let how = takeJoin(cursor); how; how = takeJoin(cursor)) {
    const right = parseSource(cursor)
    const on = take(cursor, 'on') ? parseNext(cursor) : null
    const using = on === null && take(cursor, 'using', '(') ? parseCommas(cursor, parseName) : []
    if (using.length > 0) expectWord(cursor, ')')
    left = { kind: 'join', left, right, on, using, ...how }
  }
  return left
}

function takeJoin(cursor: Cursor): Pick<From & { kind: 'join' }, 'how' | 'natural'> | null {
  if (take(cursor, ',')) return { how: 'inner', natural: false }
  const start = cursor.position
  const natural = take(cursor, 'natural')
  const side = (['left', 'right', 'full'] as const).find((word) => take(cursor, word))
  if (side) take(cursor, 'outer')
  else if (!take(cursor, 'inner')) take(cursor, 'cross')
  if (take(cursor, 'join')) return { how: side ?? 'inner', natural }
  if (cursor.position !== start) throw unexpected(cursor)
  return null
}

function parseSource(cursor: Cursor): From {
  if (take(cursor, '(')) {
    if (isAt(cursor, 'select') || isAt(cursor, 'with') || isAt(cursor, 'values')) {
      const select = parseSelect(cursor)
      expectWord(cursor, ')')
      return { kind: 'query', select, alias: parseAlias(cursor) }
    }
    const inner = parseJoin(cursor)
    expectWord(cursor, ')')
    if (parseAlias(cursor) !== null) throw new SyntaxRefusal('a join in it has a name of its own')
    return inner
  }
  const first = parseName(cursor)
  const second = take(cursor, '.') ? parseName(cursor) : null
  if (isAt(cursor, '(')) throw new SyntaxRefusal(`the table-valued function ${first}() is not carried over`)
  const alias = parseAlias(cursor)
  if (take(cursor, 'indexed', 'by')) parseName(cursor)
  else take(cursor, 'not', 'indexed')
  return { kind: 'table', name: second ?? first, schema: second === null ? null : first, alias }
}
