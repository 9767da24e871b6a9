import { type Cursor, expectWord, isAt, keyword, parseCommas, parseName, peek, take, unexpected } from './cursor.ts'
import { type Call, type Expression, type Ordering, SyntaxRefusal, type Window } from './syntax.ts'

type ParseExpression = (cursor: Cursor) => Expression

/** A call behind its opening parenthesis. What only queries know is refused elsewhere. */
export function parseCall(cursor: Cursor, name: string, parse: ParseExpression): Call {
  const isQuery = cursor.query !== null
  if (take(cursor, '*')) {
    if (!isQuery) throw new SyntaxRefusal(`${name}(*) is not carried over`)
    expectWord(cursor, ')')
    return { kind: 'call', name, arguments: [], star: true, ...parseTail(cursor, parse) }
  }
  const distinct = isQuery && take(cursor, 'distinct')
  const list = isAt(cursor, ')') ? [] : parseCommas(cursor, parse)
  const order = isQuery && take(cursor, 'order', 'by') ? parseCommas(cursor, (at) => parseOrdering(at, parse)) : []
  expectWord(cursor, ')')
  if (!isQuery && ['over', 'filter'].includes(keyword(peek(cursor)) ?? '')) throw unexpected(cursor)
  return {
    kind: 'call',
    name,
    arguments: list,
    ...(distinct ? { distinct } : {}),
    ...(order.length > 0 ? { order } : {}),
    ...(isQuery ? parseTail(cursor, parse) : {}),
  }
}

function parseTail(cursor: Cursor, parse: ParseExpression): Pick<Call, 'filter' | 'over'> {
  let tail: Pick<Call, 'filter' | 'over'> = {}
  if (take(cursor, 'filter', '(')) {
    expectWord(cursor, 'where')
    tail = { filter: parse(cursor) }
    expectWord(cursor, ')')
  }
  if (!take(cursor, 'over')) return tail
  if (take(cursor, '(')) return { ...tail, over: parseWindow(cursor, parse) }
  return { ...tail, over: { base: parseName(cursor), partition: [], order: [], frame: [] } }
}

/** A window behind its opening parenthesis. https://www.sqlite.org/windowfunctions.html */
export function parseWindow(cursor: Cursor, parse: ParseExpression): Window {
  const opens = ['partition', 'order', 'rows', 'range', 'groups', ')']
  const base = opens.includes(keyword(peek(cursor)) ?? '') ? null : parseName(cursor)
  const partition = take(cursor, 'partition', 'by') ? parseCommas(cursor, parse) : []
  const order = take(cursor, 'order', 'by') ? parseCommas(cursor, (at) => parseOrdering(at, parse)) : []
  const frame: string[] = []
  for (; !isAt(cursor, ')'); cursor.position++) {
    const token = peek(cursor)
    if (token.kind !== 'word' && token.kind !== 'number') throw unexpected(cursor)
    frame.push(token.text.toUpperCase())
  }
  expectWord(cursor, ')')
  return { base, partition, order, frame }
}

export function parseOrdering(cursor: Cursor, parse: ParseExpression): Ordering {
  const by = parse(cursor)
  const descending = take(cursor, 'desc')
  if (!descending) take(cursor, 'asc')
  const nulls = take(cursor, 'nulls', 'first') ? 'first' : take(cursor, 'nulls', 'last') ? 'last' : null
  return { by, descending, nulls }
}
