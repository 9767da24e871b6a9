import { alignedSides } from '../compare.ts'
import { doubleSql, double } from '../double.ts'
import type { Call, Expression, Select } from '../syntax.ts'
import { asInteger, integerOf, isNumber, type Moment, momentText, stringOf, type Term, term, truthOf } from '../term.ts'
import { Refusal } from '../translation.ts'
import { asText } from '../arithmetic.ts'
import type { Environment, Level } from './level.ts'
import { groupKey, sortKey } from './order.ts'
import type { Query } from './query.ts'
import { isAggregate, print } from './walk.ts'
import { windowed } from './window.ts'

type Say = (tree: Expression) => Term
type Translate = (select: Select, environment: Environment) => Query

/** Subqueries, aggregates, window functions, and the expressions that a query is grouped by; null for all other forms. */
export function specialForms(tree: Expression, level: Level, say: Say, translate: Translate): Term | null {
  if (level.aggregated && !level.at.inAggregate && level.groups.length > 0) {
    const printed = print(tree)
    const group = level.groups.find((one) => one.print === printed)
    if (group) return group.term
  }
  switch (tree.kind) {
    case 'subquery':
      return scalar(translate(tree.select, within(level)))
    case 'exists':
      return term('boolean', `EXISTS (${translate(tree.select, within(level)).sql})`)
    case 'in query':
      return inQuery(say(tree.operand), translate(tree.select, within(level)), tree.negated)
    case 'call':
      if (tree.over) return windowed(tree, level, say)
      return isAggregate(tree) ? aggregate(tree, level, say) : plain(tree)
    default:
      return null
  }
}

function within(level: Level): Environment {
  return { ...level.environment, parent: level }
}

function plain(tree: Call): null {
  if (tree.star || tree.distinct || tree.order || tree.filter)
    throw new Refusal(`${tree.name}() is no aggregate that is known here`)
  return null
}

/** SQLite takes the first row of several; only what has one at most is the same. */
function scalar(query: Query): Term {
  const [column, ...others] = query.columns
  if (!column || others.length > 0) throw new Refusal('a subquery in it has several columns')
  if (!query.single) throw new Refusal('of several rows of a subquery SQLite takes the first')
  const sql = `(${query.sql})`
  const { term: inner } = column
  if (inner.moment)
    return momentText({ ...inner.moment, sql }, { ...inner, passed: inner.passed && { ...inner.passed, sql } })
  return { ...inner, sql, literal: null, collation: null, passed: inner.passed && { ...inner.passed, sql } }
}

function inQuery(left: Term, query: Query, negated: boolean): Term {
  const [column, ...others] = query.columns
  if (!column || others.length > 0) throw new Refusal('a subquery in it has several columns')
  if (column.term.kind === 'null') throw new Refusal('a subquery in it gives nothing but NULL')
  const inner: Term = { ...column.term, sql: '"q"."v"', collation: null, literal: null, moment: null, passed: null }
  if (column.term.moment) return momentIn(left, column.term.moment, query, negated)
  const sides = alignedSides(left, inner)
  return term(
    'boolean',
    `(${sides.left} ${negated ? 'NOT ' : ''}IN (SELECT ${sides.right} FROM (${query.sql}) AS "q"("v")))`,
  )
}

function momentIn(left: Term, moment: Moment, query: Query, negated: boolean): Term {
  if (left.moment?.spelling !== moment.spelling || left.moment.type !== moment.type)
    throw new Refusal('a subquery in it gives dates in another spelling')
  return term('boolean', `(${left.moment.sql} ${negated ? 'NOT ' : ''}IN (${query.sql}))`)
}

/** https://www.sqlite.org/lang_aggfunc.html */
function aggregate(tree: Call, level: Level, say: Say): Term {
  if (!level.at.aggregates || level.at.inAggregate) throw new Refusal('an aggregate stands where none may')
  const before = level.at
  level.at = { ...before, inAggregate: true }
  try {
    const said = aggregateOf(tree, level, say, '')
    return said
  } finally {
    level.at = before
  }
}

/** @param over the OVER clause, or nothing. */
export function aggregateOf(tree: Call, level: Level, say: Say, over: string): Term {
  const tail = `${tree.filter ? ` FILTER (WHERE ${truthOf(say(tree.filter)).sql})` : ''}${over}`
  const distinct = tree.distinct ? 'DISTINCT ' : ''
  if (tree.star) {
    if (tree.name !== 'count') throw new Refusal(`${tree.name}(*) is not known`)
    return term('integer', `count(*)${tail}`)
  }
  const [tree1, tree2, ...more] = tree.arguments
  if (!tree1 || more.length > 0) throw new Refusal(`${tree.name}() with these arguments is not known`)
  const of = say(tree1)
  if (tree.name === 'group_concat' || tree.name === 'string_agg')
    return concatenated(tree, of, tree2 ? say(tree2) : null, level, tail)
  if (tree2) throw new Refusal(`${tree.name}() of two values is no aggregate`)
  if (tree.order) throw new Refusal('an ORDER BY stands in an aggregate')
  if (tree.distinct) groupKey({ ...of, collation: tree.name === 'count' ? null : of.collation })
  switch (tree.name) {
    case 'count':
      if (tree.distinct && (of.collation?.name ?? 'BINARY') !== 'BINARY')
        throw new Refusal('it counts texts that differ by a collation')
      return term('integer', `count(${distinct}${of.passed?.sql ?? of.sql})${tail}`)
    case 'min':
    case 'max':
      return extreme(tree.name, of, tail)
    default:
      return summed(tree.name, of, distinct, tail, level)
  }
}

function extreme(name: 'min' | 'max', of: Term, tail: string): Term {
  const operand = of.kind === 'boolean' ? asInteger(of) : of
  if (operand.kind === 'null' || operand.kind === 'bytea')
    throw new Refusal(`${name}() of such values is not known in PostgreSQL`)
  const key = sortKey({ ...operand, literal: null })
  const facts = { bound: operand.bound, numberClass: operand.numberClass, fuzzy: operand.fuzzy }
  if (operand.moment) {
    const { moment, passed } = operand
    const sql = `${name}(${moment.sql})${tail}`
    if (!passed) throw new Refusal(`${name}() of a computed date is not known`)
    return momentText({ ...moment, sql }, { passed: { ...passed, sql } })
  }
  if (operand.kind === 'text' && (operand.collation?.name ?? 'BINARY') !== 'BINARY')
    throw new Refusal(`of texts that a collation takes for equal ${name}() takes any`)
  return term(operand.kind, `${name}(${key})${tail}`, facts)
}

function summed(name: string, of: Term, distinct: string, tail: string, level: Level): Term {
  const operand = asInteger(of)
  if (!isNumber(operand) || operand.kind === 'wide') throw new Refusal(`${name}() takes for numbers what is none`)
  const whole = operand.kind === 'integer' && operand.numberClass === 'integer'
  const value = whole ? operand.sql : doubleSql(operand)
  const sum = `sum(${distinct}${value})${tail}`
  const fuzzy = !whole
  if (fuzzy) level.environment.remarks.add('sums')
  if (name === 'sum') return whole ? term('integer', `(${sum})::bigint`) : double(`(${sum})`, { fuzzy })
  const real = { fuzzy, numberClass: 'real' } as const
  if (name === 'total') return double(`coalesce((${sum})::double precision, 0)`, real)
  return double(`((${sum})::double precision / nullif(count(${distinct}${value})${tail}, 0))`, real)
}

function concatenated(tree: Call, of: Term, by: Term | null, level: Level, tail: string): Term {
  const separator = tree.distinct || by === null ? "','" : asText(by).sql
  if (tree.distinct) groupKey(of)
  if (by && stringOf(by) === null && integerOf(by) === null) throw new Refusal('its separators differ from row to row')
  const value = asText({ ...of, passed: null, moment: null }).sql
  const order = tree.order?.length === 1 && tree.order[0] ? tree.order[0] : null
  if (tree.order && !order) throw new Refusal('an ORDER BY of several values stands in an aggregate')
  level.environment.remarks.add('order')
  if (order) throw new Refusal('an ORDER BY stands in an aggregate')
  return term('text', `string_agg(${tree.distinct ? 'DISTINCT ' : ''}${value}, ${separator})${tail}`)
}
