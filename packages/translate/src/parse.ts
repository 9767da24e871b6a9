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
} from './cursor.ts'
import { parseCall } from './parse-call.ts'
import type { BinaryOperator, Expression } from './syntax.ts'
import { SyntaxRefusal } from './syntax.ts'
import type { Token } from './tokens.ts'

// https://www.sqlite.org/lang_expr.html#operators_and_parse_affecting_attributes, the loosest first
const levels = {
  or: 1,
  and: 2,
  not: 3,
  equality: 4,
  comparison: 5,
  bits: 7,
  sum: 8,
  product: 9,
  concatenation: 10,
  collate: 11,
  sign: 12,
}

const binary: Readonly<Record<string, readonly [level: number, operator: BinaryOperator]>> = {
  or: [levels.or, 'or'],
  and: [levels.and, 'and'],
  '=': [levels.equality, '='],
  '==': [levels.equality, '='],
  '<>': [levels.equality, '<>'],
  '!=': [levels.equality, '<>'],
  '<': [levels.comparison, '<'],
  '<=': [levels.comparison, '<='],
  '>': [levels.comparison, '>'],
  '>=': [levels.comparison, '>='],
  '&': [levels.bits, '&'],
  '|': [levels.bits, '|'],
  '<<': [levels.bits, '<<'],
  '>>': [levels.bits, '>>'],
  '+': [levels.sum, '+'],
  '-': [levels.sum, '-'],
  '*': [levels.product, '*'],
  '/': [levels.product, '/'],
  '%': [levels.product, '%'],
  '||': [levels.concatenation, '||'],
  '->': [levels.concatenation, '->'],
  '->>': [levels.concatenation, '->>'],
}
const matching = ['like', 'glob', 'regexp', 'match'] as const
const reserved = new Set(
  'and or not is in isnull notnull between case when then else collate escape null select exists raise over filter distinct with values'.split(
    ' ',
  ),
)
const deepest = 200

/** Reads one SQLite expression: no subqueries, row values, window functions, parameters. Throws `SyntaxRefusal`. */
export function parseExpression(text: string): Expression {
  const cursor = cursorOn(text)
  const expression = parseFrom(cursor, 0)
  if (peek(cursor).kind !== 'end') throw unexpected(cursor)
  return expression
}

/** Reads an expression where one begins, as far as it goes. */
export function parseNext(cursor: Cursor): Expression {
  return parseFrom(cursor, 0)
}

function parseFrom(cursor: Cursor, loosest: number): Expression {
  if (++cursor.depth > deepest) throw new SyntaxRefusal('it is nested too deeply')
  let left = parsePrefix(cursor)
  for (let next = continueWith(cursor, left, loosest); next; next = continueWith(cursor, left, loosest)) left = next
  cursor.depth--
  return left
}

function continueWith(cursor: Cursor, left: Expression, loosest: number): Expression | null {
  const word = keyword(peek(cursor))
  const found = word !== null && Object.hasOwn(binary, word) ? binary[word] : undefined
  if (found) {
    const [level, operator] = found
    if (level < loosest) return null
    cursor.position++
    return { kind: 'binary', operator, left, right: parseFrom(cursor, level + 1) }
  }
  if (loosest <= levels.collate && take(cursor, 'collate')) {
    return { kind: 'collate', operand: left, collation: parseName(cursor) }
  }
  return loosest <= levels.equality ? parseTest(cursor, left) : null
}

/** IS, IN, BETWEEN, LIKE and their kin, which bind like `=`. */
function parseTest(cursor: Cursor, left: Expression): Expression | null {
  if (take(cursor, 'isnull')) return { kind: 'is', left, right: { kind: 'null' }, negated: false }
  if (take(cursor, 'notnull') || take(cursor, 'not', 'null'))
    return { kind: 'is', left, right: { kind: 'null' }, negated: true }
  if (take(cursor, 'is')) {
    const not = take(cursor, 'not')
    const distinct = take(cursor, 'distinct', 'from')
    return { kind: 'is', left, right: parseFrom(cursor, levels.comparison), negated: not !== distinct }
  }
  const start = cursor.position
  const negated = take(cursor, 'not')
  if (take(cursor, 'between')) {
    const low = parseFrom(cursor, levels.comparison)
    expectWord(cursor, 'and')
    return { kind: 'between', operand: left, low, high: parseFrom(cursor, levels.comparison), negated }
  }
  if (take(cursor, 'in')) {
    expectWord(cursor, '(')
    const select = parseQuery(cursor)
    return select
      ? { kind: 'in query', operand: left, select, negated }
      : { kind: 'in', operand: left, list: parseList(cursor), negated }
  }
  for (const operator of matching) {
    if (!take(cursor, operator)) continue
    const pattern = parseFrom(cursor, levels.comparison)
    const escape = take(cursor, 'escape') ? parseFrom(cursor, levels.comparison) : null
    return { kind: 'match', operator, operand: left, pattern, escape, negated }
  }
  cursor.position = start
  return null
}

function parsePrefix(cursor: Cursor): Expression {
  const token = peek(cursor)
  const word = keyword(token)
  if (word === 'not') {
    cursor.position++
    return { kind: 'unary', operator: 'not', operand: parseFrom(cursor, levels.not) }
  }
  if (word === '-' || word === '+' || word === '~') {
    cursor.position++
    return { kind: 'unary', operator: word, operand: parseFrom(cursor, levels.sign) }
  }
  if (take(cursor, '(')) {
    const select = parseQuery(cursor)
    if (select) return { kind: 'subquery', select }
    const inner = parseFrom(cursor, 0)
    expectWord(cursor, ')')
    return inner
  }
  if (cursor.query && word === 'exists' && keyword(peek(cursor, 1)) === '(') {
    cursor.position += 2
    const select = parseQuery(cursor)
    if (select) return { kind: 'exists', select }
  }
  if (take(cursor, 'case')) return parseCase(cursor)
  if (word === 'cast' && keyword(peek(cursor, 1)) === '(') return parseCast(cursor)
  return parseAtom(cursor, token, word)
}

/** A query and the parenthesis that closes it, if one may stand here. */
function parseQuery(cursor: Cursor) {
  if (!cursor.query || !(isAt(cursor, 'select') || isAt(cursor, 'with') || isAt(cursor, 'values'))) return null
  const select = cursor.query(cursor)
  expectWord(cursor, ')')
  return select
}

function parseAtom(cursor: Cursor, token: Token, word: string | null): Expression {
  if (token.kind === 'string' || token.kind === 'blob' || token.kind === 'number') {
    cursor.position++
    if (token.kind === 'string') return { kind: 'string', value: token.text }
    return token.kind === 'blob' ? { kind: 'blob', hex: token.text.toLowerCase() } : numberOf(token.text)
  }
  if (take(cursor, 'null')) return { kind: 'null' }
  if (token.kind === 'quoted' || (token.kind === 'word' && word !== null && !reserved.has(word)))
    return parseNamed(cursor)
  throw unexpected(cursor)
}

function parseNamed(cursor: Cursor): Expression {
  const token = peek(cursor)
  const current = /^current_(date|time|timestamp)$/i.exec(token.kind === 'word' ? token.text : '')?.[1]?.toLowerCase()
  const name = parseName(cursor)
  if (take(cursor, '(')) return parseCall(cursor, name.toLowerCase(), parseNext)
  if (current === 'date' || current === 'time' || current === 'timestamp') return { kind: 'current', what: current }
  const qualifiers: string[] = []
  let last = token
  for (; take(cursor, '.'); parseName(cursor)) {
    qualifiers.push(last.text)
    last = peek(cursor)
  }
  const quote = last.kind === 'quoted' ? last.quote : null
  return { kind: 'name', name: last.text, quote, qualifiers }
}

/** The rest of a list in parentheses. */
function parseList(cursor: Cursor): Expression[] {
  if (take(cursor, ')')) return []
  const list = parseCommas(cursor, parseNext)
  expectWord(cursor, ')')
  return list
}

function parseCase(cursor: Cursor): Expression {
  const operand = keyword(peek(cursor)) === 'when' ? null : parseFrom(cursor, 0)
  const branches: { when: Expression; result: Expression }[] = []
  while (take(cursor, 'when')) {
    const when = parseFrom(cursor, 0)
    expectWord(cursor, 'then')
    branches.push({ when, result: parseFrom(cursor, 0) })
  }
  if (branches.length === 0) throw unexpected(cursor)
  const otherwise = take(cursor, 'else') ? parseFrom(cursor, 0) : null
  expectWord(cursor, 'end')
  return { kind: 'case', operand, branches, otherwise }
}

function parseCast(cursor: Cursor): Expression {
  cursor.position += 2
  const operand = parseFrom(cursor, 0)
  expectWord(cursor, 'as')
  const words: string[] = []
  for (let depth = 0; depth > 0 || keyword(peek(cursor)) !== ')'; cursor.position++) {
    const token = peek(cursor)
    if (token.kind === 'end') throw unexpected(cursor)
    depth += token.text === '(' ? 1 : token.text === ')' ? -1 : 0
    words.push(token.text)
  }
  expectWord(cursor, ')')
  return { kind: 'cast', operand, type: words.join(' ') }
}

function numberOf(text: string): Expression {
  const digits = text.replaceAll('_', '')
  if (/^0x/i.test(digits)) {
    const value = BigInt(digits)
    if (value >= 1n << 64n) throw new SyntaxRefusal('a hexadecimal number in it is too large')
    return { kind: 'integer', value: BigInt.asIntN(64, value) }
  }
  // An integer too large for 64 bits is a real number
  if (/^\d+$/.test(digits) && BigInt(digits) < 1n << 63n) return { kind: 'integer', value: BigInt(digits) }
  return { kind: 'real', value: Number(digits) }
}
