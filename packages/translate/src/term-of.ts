import { arithmetic, asText, complement, concatenate, negative } from './arithmetic.ts'
import { call, choose } from './calls.ts'
import { compare, is, isIn, isTruth } from './compare.ts'
import { glob, like } from './pattern.ts'
import { affinityOf } from './pg-type.ts'
import type { Expression } from './syntax.ts'
import { asInteger, columnTerm, type ExpressionColumn, literalTerm, type Term, term, truthOf } from './term.ts'
import { Refusal } from './translation.ts'
import { typeofIn } from './typeof.ts'

export type Columns = readonly ExpressionColumn[]

/** Says a tree in PostgreSQL, from the leaves up. Throws `Refusal` at the first form whose meaning is not proven equal. */
export function termOf(tree: Expression, columns: Columns): Term {
  switch (tree.kind) {
    case 'null':
    case 'boolean':
    case 'integer':
    case 'real':
    case 'string':
    case 'blob':
      return literalTerm(tree)
    case 'name':
      return nameTerm(tree, columns)
    case 'unary':
      return unaryTerm(tree, columns)
    case 'binary':
      return binaryTerm(tree, columns)
    case 'is':
      return isTerm(tree, columns)
    case 'between': {
      const operand = termOf(tree.operand, columns)
      const low = compare('>=', operand, termOf(tree.low, columns))
      const high = compare('<=', operand, termOf(tree.high, columns))
      return not(both([low, high]), tree.negated)
    }
    case 'in':
      if (isTypeof(tree.operand)) return not(typeofIn(typeofColumn(tree.operand, columns), tree.list), tree.negated)
      return isIn(
        termOf(tree.operand, columns),
        tree.list.map((item) => termOf(item, columns)),
        tree.negated,
      )
    case 'match':
      return matchTerm(tree, columns)
    case 'case':
      return caseTerm(tree, columns)
    case 'cast':
      return castTerm(tree, columns)
    case 'collate':
      return { ...termOf(tree.operand, columns), collation: { name: tree.collation.toUpperCase(), explicit: true } }
    case 'call':
      return call(
        tree.name,
        tree.arguments.map((argument) => uncollated(termOf(argument, columns))),
      )
    default:
      throw new Refusal('the present moment may not stand there')
  }
}

export function both(terms: readonly Term[]): Term {
  const [only] = terms
  if (terms.length === 1 && only) return only
  return term('boolean', `(${terms.map(({ sql }) => sql).join(' AND ')})`, {
    neverFalse: terms.every(({ neverFalse }) => neverFalse),
  })
}

function not(of: Term, negated: boolean): Term {
  return negated ? term('boolean', `(NOT ${of.sql})`) : of
}

function nameTerm(tree: Expression & { kind: 'name' }, columns: Columns): Term {
  const lower = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
  const column = columns.find(({ name }) => lower(name) === lower(tree.name))
  if (column) return columnTerm(column)
  if (tree.quote === '"' && !tree.qualified) return literalTerm({ kind: 'string', value: tree.name })
  const truth = isTruthName(tree)
  if (truth !== null) return literalTerm({ kind: 'boolean', value: truth })
  throw new Refusal(`${JSON.stringify(tree.name)} is none of the columns carried`)
}

function isTruthName(tree: Expression): boolean | null {
  if (tree.kind !== 'name' || tree.quote !== null || tree.qualified || !/^(?:true|false)$/i.test(tree.name)) return null
  return /^t/i.test(tree.name)
}

function unaryTerm(tree: Expression & { kind: 'unary' }, columns: Columns): Term {
  const operand = termOf(tree.operand, columns)
  switch (tree.operator) {
    case 'not':
      return not(truthOf(operand), true)
    case '-':
      return negative(operand)
    case '~':
      return complement(operand)
    default:
      // A plus takes the affinity away, and nothing else
      return { ...operand, column: null }
  }
}

function binaryTerm(tree: Expression & { kind: 'binary' }, columns: Columns): Term {
  const { operator } = tree
  if ((operator === '=' || operator === '<>') && (isTypeof(tree.left) || isTypeof(tree.right))) {
    const [question, word] = isTypeof(tree.left) ? [tree.left, tree.right] : [tree.right, tree.left]
    return not(typeofIn(typeofColumn(question, columns), [word]), operator === '<>')
  }
  const left = termOf(tree.left, columns)
  const right = termOf(tree.right, columns)
  switch (operator) {
    case 'and':
      return both([truthOf(left), truthOf(right)])
    case 'or': {
      const [first, second] = [truthOf(left), truthOf(right)]
      return term('boolean', `(${first.sql} OR ${second.sql})`, { neverFalse: first.neverFalse || second.neverFalse })
    }
    case '=':
    case '<>':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compare(operator, left, right)
    case '||':
      return concatenate(uncollated(left), uncollated(right))
    case '->':
    case '->>':
      throw new Refusal(
        'SQLite and PostgreSQL reach into JSON differently',
        `(${left.sql}::jsonb ${operator} ${right.sql})`,
      )
    default:
      return arithmetic(operator, left, right)
  }
}

function isTerm(tree: Expression & { kind: 'is' }, columns: Columns): Term {
  const left = isTypeof(tree.left) ? null : termOf(tree.left, columns)
  if (left === null) return not(typeofIn(typeofColumn(tree.left, columns), [tree.right]), tree.negated)
  const truth = isTruthName(tree.right)
  const right = termOf(tree.right, columns)
  return truth !== null && right.literal ? isTruth(left, truth, tree.negated) : is(left, right, tree.negated)
}

function matchTerm(tree: Expression & { kind: 'match' }, columns: Columns): Term {
  const operand = termOf(tree.operand, columns)
  const pattern = termOf(tree.pattern, columns)
  const escape = tree.escape ? termOf(tree.escape, columns) : null
  if (tree.operator === 'like') return like(operand, pattern, escape, tree.negated)
  if (tree.operator === 'glob' && !escape) return glob(operand, pattern, tree.negated)
  throw new Refusal(`${tree.operator.toUpperCase()} is a function of the program that made the table`)
}

function caseTerm(tree: Expression & { kind: 'case' }, columns: Columns): Term {
  const operand = tree.operand ? termOf(tree.operand, columns) : null
  const branches = tree.branches.map(({ when, result }) => {
    const condition = termOf(when, columns)
    return {
      when: operand ? compare('=', operand, condition) : truthOf(condition),
      result: uncollated(termOf(result, columns)),
    }
  })
  return choose(branches, tree.otherwise ? uncollated(termOf(tree.otherwise, columns)) : null)
}

function castTerm(tree: Expression & { kind: 'cast' }, columns: Columns): Term {
  const { collation, ...inner } = uncollated(termOf(tree.operand, columns))
  const operand = asInteger({ ...inner, collation })
  const affinity = affinityOf(tree.type)
  if (affinity === 'text') return { ...asText(operand), literal: null, collation }
  if (operand.kind === 'integer' && (affinity === 'integer' || affinity === 'numeric')) return operand
  throw new Refusal(
    `SQLite’s CAST to ${tree.type} never fails and PostgreSQL’s does`,
    `CAST(${operand.sql} AS ${tree.type})`,
  )
}

/** Out of an operator or function an explicit collation goes on working in what stands around it. */
function uncollated(of: Term): Term {
  if (of.collation?.explicit) throw new Refusal('its COLLATE stands inside another operation')
  return of
}

function isTypeof(tree: Expression): boolean {
  return tree.kind === 'call' && tree.name === 'typeof'
}

function typeofColumn(tree: Expression, columns: Columns): Term {
  const [argument] = tree.kind === 'call' ? tree.arguments : []
  if (!argument) throw new Refusal('typeof() has no argument')
  return termOf(argument, columns)
}
