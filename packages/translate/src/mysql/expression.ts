import { quoteName, quoteText } from '../quote.ts'
import type { ExpressionColumn } from '../term.ts'
import { attempt, Refusal, type Translation } from '../translation.ts'
import { tokensOf, type Token } from './tokens.ts'

/** `implied`: nothing that the target's type does not already hold to. `flag`: a boolean that was 0 and 1. `label`: an enum's. */
interface Term {
  readonly kind: 'truth' | 'number' | 'literal' | 'flag' | 'label' | 'string' | 'implied'
  readonly sql: string
}

/**
 * Says an expression of MySQL or MariaDB in PostgreSQL, as far as both mean the same by it: comparisons, IN, BETWEEN, AND, OR, NOT over whole numbers and
 * decimals with + - *, over booleans that were 0 and 1, and over an enum's labels. Texts are left out, since there collations decide what is equal.
 * `use`: what it stands in; a `check` may come to nothing, since the type implies it, and `left` cuts an index of texts by their first characters.
 */
export function translateMysqlExpression(
  expression: string,
  { columns, use }: { readonly columns: readonly ExpressionColumn[]; readonly use: 'check' | 'index' | 'generated' },
): Translation {
  return attempt(() => {
    if (use === 'index') {
      const prefix = prefixOf(expression, columns)
      if (prefix !== null) return { sql: prefix }
    }
    const reader = readerOf(tokensOf(expression), columns)
    const term = reader.condition()
    reader.expectEnd()
    if (use !== 'check') return { sql: `(${number(term).sql})` }
    if (term.kind === 'implied') return { sql: '', note: 'implied by the type' }
    return { sql: truth(term).sql }
  })
}

/** The first characters of a text, by which MySQL's prefix indexes go. */
function prefixOf(expression: string, columns: readonly ExpressionColumn[]): string | null {
  const [name, open, column, comma, length, close, end] = tokensOf(expression)
  const cut =
    name?.text === 'left' && open?.text === '(' && comma?.text === ',' && close?.text === ')' && end?.kind === 'end'
  const found = columns.find((each) => column?.kind === 'name' && each.name === column.text)
  if (!cut || found === undefined || length?.kind !== 'number') return null
  if (!/^(?:text|character varying)/.test(found.type))
    throw new Refusal(`the first ${length.text} of ${found.name} as ${found.type} have no proven form`)
  return `left(${quoteName(found.target)}, ${length.text})`
}

function truth(term: Term): Term {
  if (term.kind === 'flag') return { kind: 'truth', sql: term.sql }
  if (term.kind === 'truth') return term
  throw new Refusal('a number that stands for true or false has no proven form')
}

function number(term: Term): Term {
  if (term.kind === 'number' || term.kind === 'literal') return term
  throw new Refusal('only whole numbers and decimals are computed alike')
}

interface Reader {
  condition(): Term
  expectEnd(): void
}

function readerOf(tokens: readonly Token[], columns: readonly ExpressionColumn[]): Reader {
  let at = 0
  const peek = (): Token => tokens[at]!
  const take = (text: string): boolean => {
    if (peek().text !== text || !/^(?:word|sign)$/.test(peek().kind)) return false
    at += 1
    return true
  }
  const expect = (text: string): void => {
    if (!take(text)) throw new Refusal(`${JSON.stringify(peek().text)} has no proven form`)
  }

  const join = (word: 'and' | 'or', part: () => Term): Term => {
    const parts = [part()]
    while (take(word)) parts.push(part())
    if (parts.length === 1) return parts[0]!
    const needed = parts.filter(({ kind }) => kind !== 'implied').map(truth)
    if (word === 'or' && needed.length < parts.length) return { kind: 'implied', sql: '' }
    const [only] = needed
    if (only === undefined) return { kind: 'implied', sql: '' }
    return needed.length === 1
      ? only
      : { kind: 'truth', sql: `(${needed.map(({ sql }) => sql).join(` ${word.toUpperCase()} `)})` }
  }
  const condition = (): Term => join('or', conjunction)
  const conjunction = (): Term => join('and', negation)
  const negation = (): Term => (take('not') ? { kind: 'truth', sql: `(NOT ${truth(negation()).sql})` } : comparison())

  const comparison = (): Term => {
    const left = sum()
    const operator = ['=', '<>', '!=', '<=', '>=', '<', '>'].find(take)
    if (operator !== undefined) return compare(left, operator === '!=' ? '<>' : operator, sum())
    if (take('is')) {
      const not = take('not') ? 'NOT ' : ''
      expect('null')
      return { kind: 'truth', sql: `(${left.sql} IS ${not}NULL)` }
    }
    const not = take('not')
    if (take('in')) return membership(left, not)
    if (take('between')) {
      const low = sum()
      expect('and')
      const [low_, high] = [sameKind(left, low), sameKind(left, sum())]
      return { kind: 'truth', sql: `(${number(left).sql} ${not ? 'NOT ' : ''}BETWEEN ${low_} AND ${high})` }
    }
    if (not) throw new Refusal('NOT here has no proven form')
    return left
  }
  const membership = (left: Term, not: boolean): Term => {
    expect('(')
    const members: string[] = []
    do members.push(sameKind(left, sum()))
    while (take(','))
    expect(')')
    return { kind: 'truth', sql: `(${left.sql} ${not ? 'NOT ' : ''}IN (${members.join(', ')}))` }
  }
  const compare = (left: Term, operator: string, right: Term): Term => {
    const ordered = operator !== '=' && operator !== '<>'
    if (ordered && (left.kind === 'label' || left.kind === 'flag'))
      throw new Refusal('the order of these values is another in PostgreSQL')
    return { kind: 'truth', sql: `(${left.sql} ${operator} ${sameKind(left, right)})` }
  }

  const sum = (): Term => chain(['+', '-'], product)
  const product = (): Term => chain(['*'], unary)
  const chain = (operators: readonly string[], part: () => Term): Term => {
    let left = part()
    for (;;) {
      const operator = operators.find(take)
      if (operator === undefined) return left
      left = { kind: 'number', sql: `(${number(left).sql} ${operator} ${number(part()).sql})` }
    }
  }
  const unary = (): Term => {
    if (!take('-')) return atom()
    const term = number(unary())
    return { kind: term.kind, sql: `(-${term.sql})` }
  }
  const atom = (): Term => {
    const token = peek()
    if (take('(')) {
      const inner = condition()
      expect(')')
      return inner
    }
    at += 1
    if (token.kind === 'number' && /^\d+(?:\.\d+)?$/.test(token.text)) return { kind: 'literal', sql: token.text }
    if (token.kind === 'string') return { kind: 'string', sql: quoteText(token.text) }
    if (token.kind === 'name') return columnTerm(token.text, columns)
    if (token.kind === 'word' && token.text === 'json_valid' && take('(')) {
      const column = columns.find(({ name }) => name === peek().text)
      at += 1
      expect(')')
      if (column !== undefined && /^jsonb?$/.test(column.type)) return { kind: 'implied', sql: '' }
      throw new Refusal('json_valid has no counterpart in every PostgreSQL', null)
    }
    throw new Refusal(`${token.text === '' ? 'its end' : token.text} has no proven form`)
  }
  return {
    condition,
    expectEnd() {
      if (peek().kind !== 'end') throw new Refusal(`${peek().text} has no proven form`)
    },
  }
}

/** What a term is compared with, in the words of its kind. */
function sameKind(left: Term, right: Term): string {
  if (left.kind === 'flag' && right.kind === 'literal' && /^[01]$/.test(right.sql))
    return right.sql === '1' ? 'true' : 'false'
  if (left.kind === 'flag' && right.kind === 'flag') return right.sql
  if (left.kind === 'label' && right.kind === 'string') return right.sql
  if ((left.kind === 'number' || left.kind === 'literal') && (right.kind === 'number' || right.kind === 'literal'))
    return right.sql
  throw new Refusal('these values are not compared alike')
}

function columnTerm(name: string, columns: readonly ExpressionColumn[]): Term {
  const column = columns.find((each) => each.name === name)
  if (column === undefined) throw new Refusal(`${name} is no column that is carried`)
  if (column.changed === true) throw new Refusal(`the values of ${name} are changed on the way`)
  const sql = column.sql ?? quoteName(column.target)
  if (column.type === 'boolean') return { kind: 'flag', sql }
  // Computed in 64 bits, as MySQL does
  if (column.type === 'smallint' || column.type === 'integer') return { kind: 'number', sql: `${sql}::bigint` }
  if (column.type === 'bigint' || column.type.startsWith('numeric')) return { kind: 'number', sql }
  if (/^enum\(/i.test(column.declaredType ?? '')) return { kind: 'label', sql }
  throw new Refusal(`${name} is ${column.type}, which is not compared alike`)
}
