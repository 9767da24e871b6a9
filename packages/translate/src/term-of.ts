import { arithmetic, asText, complement, concatenate, negative } from './arithmetic.ts'
import { call, choose } from './calls.ts'
import { compare, is, isIn, isTruth } from './compare.ts'
import { callInQuery, castInQuery, presentMoment } from './call-in-query.ts'
import { glob, like } from './pattern.ts'
import { affinityOf } from './pg-type.ts'
import type { Expression } from './syntax.ts'
import type { Name, Scope } from './scope.ts'
import { asInteger, literalTerm, type Term, term, truthOf } from './term.ts'
import { Refusal } from './translation.ts'
import { typeofIn } from './typeof.ts'

/** Says a tree in PostgreSQL, from the leaves up. Throws `Refusal` at the first form whose meaning is not proven equal. */
export function termOf(tree: Expression, scope: Scope): Term {
  const said = scope.special(tree) ?? plainTerm(tree, scope)
  if (said.kind !== 'text' || tree.kind === 'collate' || said.collation?.explicit || !holdsCollate(tree)) return said
  // However deep a COLLATE stands, SQLite compares what surrounds it by that collation
  return { ...said, collation: { name: 'of another operation', explicit: true } }
}

function holdsCollate(tree: unknown): boolean {
  if (typeof tree !== 'object' || tree === null) return false
  if ('kind' in tree && tree.kind === 'collate') return true
  return Object.entries(tree).some(([key, value]) => key !== 'select' && holdsCollate(value))
}

function plainTerm(tree: Expression, scope: Scope): Term {
  switch (tree.kind) {
    case 'null':
    case 'boolean':
    case 'integer':
    case 'real':
    case 'string':
    case 'blob':
      return literalTerm(tree)
    case 'name':
      return nameTerm(tree, scope)
    case 'unary':
      return unaryTerm(tree, scope)
    case 'binary':
      return binaryTerm(tree, scope)
    case 'is':
      return isTerm(tree, scope)
    case 'between': {
      const operand = termOf(tree.operand, scope)
      const low = compare('>=', operand, termOf(tree.low, scope), scope.inQuery)
      const high = compare('<=', operand, termOf(tree.high, scope), scope.inQuery)
      return not(both([low, high]), tree.negated)
    }
    case 'in':
      if (isTypeof(tree.operand)) return not(typeofIn(typeofColumn(tree.operand, scope), tree.list), tree.negated)
      return isIn(
        termOf(tree.operand, scope),
        tree.list.map((item) => termOf(item, scope)),
        tree.negated,
        scope.inQuery,
      )
    case 'match':
      return matchTerm(tree, scope)
    case 'case':
      return caseTerm(tree, scope)
    case 'cast':
      return castTerm(tree, scope)
    case 'collate':
      return { ...termOf(tree.operand, scope), collation: { name: tree.collation.toUpperCase(), explicit: true } }
    case 'call': {
      const parameters = tree.arguments.map((argument) => uncollated(termOf(argument, scope)))
      return (
        (scope.inQuery ? callInQuery(tree.name, parameters, scope) : null) ?? call(tree.name, parameters, scope.inQuery)
      )
    }
    case 'current':
      if (scope.inQuery) return presentMoment(tree.what, scope)
      throw new Refusal('the present moment may not stand there')
    default:
      throw new Refusal('a query may not stand there')
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

function nameTerm(tree: Name, scope: Scope): Term {
  const column = scope.column(tree)
  if (column) return column
  if (tree.quote === '"' && tree.qualifiers.length === 0) return literalTerm({ kind: 'string', value: tree.name })
  const truth = isTruthName(tree)
  if (truth !== null) return literalTerm({ kind: 'boolean', value: truth })
  throw new Refusal(`${JSON.stringify([...tree.qualifiers, tree.name].join('.'))} is none of the columns carried`)
}

function isTruthName(tree: Expression): boolean | null {
  if (tree.kind !== 'name' || tree.quote !== null || tree.qualifiers.length > 0 || !/^(?:true|false)$/i.test(tree.name))
    return null
  return /^t/i.test(tree.name)
}

function unaryTerm(tree: Expression & { kind: 'unary' }, scope: Scope): Term {
  const operand = termOf(tree.operand, scope)
  switch (tree.operator) {
    case 'not':
      return not(truthOf(operand), true)
    case '-':
      return negative(operand, scope.inQuery)
    case '~':
      return complement(operand)
    default:
      // A plus takes the affinity away, and nothing else
      return { ...operand, column: null }
  }
}

function binaryTerm(tree: Expression & { kind: 'binary' }, scope: Scope): Term {
  const { operator } = tree
  if ((operator === '=' || operator === '<>') && (isTypeof(tree.left) || isTypeof(tree.right))) {
    const [question, word] = isTypeof(tree.left) ? [tree.left, tree.right] : [tree.right, tree.left]
    return not(typeofIn(typeofColumn(question, scope), [word]), operator === '<>')
  }
  const left = termOf(tree.left, scope)
  const right = termOf(tree.right, scope)
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
      return compare(operator, left, right, scope.inQuery)
    case '||':
      return concatenate(uncollated(left), uncollated(right))
    case '->':
    case '->>':
      throw new Refusal(
        'SQLite and PostgreSQL reach into JSON differently',
        `(${left.sql}::jsonb ${operator} ${right.sql})`,
      )
    default:
      return arithmetic(operator, left, right, scope.inQuery)
  }
}

function isTerm(tree: Expression & { kind: 'is' }, scope: Scope): Term {
  const left = isTypeof(tree.left) ? null : termOf(tree.left, scope)
  if (left === null) return not(typeofIn(typeofColumn(tree.left, scope), [tree.right]), tree.negated)
  const truth = isTruthName(tree.right)
  const right = termOf(tree.right, scope)
  return truth !== null && right.literal
    ? isTruth(left, truth, tree.negated)
    : is(left, right, tree.negated, scope.inQuery)
}

function matchTerm(tree: Expression & { kind: 'match' }, scope: Scope): Term {
  const operand = termOf(tree.operand, scope)
  const pattern = termOf(tree.pattern, scope)
  const escape = tree.escape ? termOf(tree.escape, scope) : null
  if (tree.operator === 'like') return like(operand, pattern, escape, tree.negated)
  if (tree.operator === 'glob' && !escape) return glob(operand, pattern, tree.negated)
  throw new Refusal(`${tree.operator.toUpperCase()} is a function of the program that made the table`)
}

function caseTerm(tree: Expression & { kind: 'case' }, scope: Scope): Term {
  const operand = tree.operand ? termOf(tree.operand, scope) : null
  const branches = tree.branches.map(({ when, result }) => {
    const condition = termOf(when, scope)
    return {
      when: operand ? compare('=', operand, condition, scope.inQuery) : truthOf(condition),
      result: uncollated(termOf(result, scope)),
    }
  })
  return choose(branches, tree.otherwise ? uncollated(termOf(tree.otherwise, scope)) : null, scope.inQuery)
}

function castTerm(tree: Expression & { kind: 'cast' }, scope: Scope): Term {
  const { collation, ...inner } = uncollated(termOf(tree.operand, scope))
  const inQuery = scope.inQuery ? castInQuery({ ...inner, collation }, affinityOf(tree.type)) : null
  if (inQuery) return withAffinity(inQuery, tree.type)
  const operand = asInteger({ ...inner, collation })
  const affinity = affinityOf(tree.type)
  if (affinity === 'text') {
    const text: Term = { ...asText(operand), literal: null, collation }
    return withAffinity(text, tree.type)
  }
  if (operand.kind === 'integer' && (affinity === 'integer' || affinity === 'numeric'))
    return withAffinity(operand, tree.type)
  throw new Refusal(
    `SQLite’s CAST to ${tree.type} never fails and PostgreSQL’s does`,
    `CAST(${operand.sql} AS ${tree.type})`,
  )
}

/** What is cast is compared as a column of that type. https://www.sqlite.org/datatype3.html#affinity_of_expressions */
function withAffinity(of: Term, declaredType: string): Term {
  return { ...of, passed: null, column: { name: '', target: '', type: '', declaredType } }
}

/** Out of an operator or function an explicit collation goes on working in what stands around it. */
function uncollated(of: Term): Term {
  if (of.collation?.explicit) throw new Refusal('its COLLATE stands inside another operation')
  return of
}

function isTypeof(tree: Expression): boolean {
  return tree.kind === 'call' && tree.name === 'typeof'
}

function typeofColumn(tree: Expression, scope: Scope): Term {
  const [argument] = tree.kind === 'call' ? tree.arguments : []
  if (!argument) throw new Refusal('typeof() has no argument')
  return termOf(argument, scope)
}
