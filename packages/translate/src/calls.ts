import { compare } from './compare.ts'
import { double, doubleSql } from './double.ts'
import { int64, integerOf, isNumber, stringOf, type Term, term, truthOf } from './term.ts'
import { Refusal } from './translation.ts'
import { unify } from './unify.ts'

/** Functions that mean the same on both sides for these arguments. https://www.sqlite.org/lang_corefunc.html */
export function call(name: string, parameters: readonly Term[], inQuery = false): Term {
  const [first, second, third] = parameters
  switch (`${name}/${parameters.length}`) {
    case 'length/1':
      if (first?.kind === 'text' || first?.kind === 'bytea')
        return term('integer', `length(${first.sql})`, { bound: 1n << 31n })
      break
    case 'lower/1':
    case 'upper/1':
      // SQLite folds ASCII letters only, and so does PostgreSQL under "C"
      return term('text', `${name}(${textOf(first)} COLLATE "C")`)
    case 'trim/1':
    case 'ltrim/1':
    case 'rtrim/1':
      return term('text', `${name === 'trim' ? 'btrim' : name}(${textOf(first)})`)
    case 'trim/2':
    case 'ltrim/2':
    case 'rtrim/2':
      return term('text', `${name === 'trim' ? 'btrim' : name}(${textOf(first)}, ${textOf(second)})`)
    case 'substr/2':
    case 'substring/2':
    case 'substr/3':
    case 'substring/3':
      return substring(first, second, third)
    case 'instr/2':
      return term('integer', `strpos(${textOf(first)}, ${wordOf(second)})`, { bound: 1n << 31n })
    case 'replace/3':
      return term('text', `replace(${textOf(first)}, ${wordOf(second)}, ${textOf(third)})`)
    case 'abs/1':
      if (first?.kind === 'integer' && first.bound < int64)
        return term('integer', `abs(${first.sql}::bigint)`, { bound: first.bound })
      if (first?.kind === 'numeric' || first?.kind === 'double') return term(first.kind, `abs(${first.sql})`)
      break
    case 'nullif/2':
      if (first && second) return nullIf(first, second, inQuery)
      break
    case 'iif/3':
    case 'if/3':
      if (first && second && third) return choose([{ when: truthOf(first), result: second }], third, inQuery)
      break
    case 'json_valid/1':
      // Of json and jsonb it is 1, and NULL of NULL
      if (first?.kind === 'json') return term('boolean', `(${first.sql} IS NOT NULL OR NULL)`, { neverFalse: true })
      throw new Refusal(
        'what SQLite and PostgreSQL take for JSON differs',
        first?.kind === 'text' ? `(${first.sql} IS JSON)` : null,
      )
    case 'min/2':
    case 'max/2':
      throw new Refusal(
        `${name}() of two values is NULL in SQLite as soon as one of them is`,
        nearest(name, parameters),
      )
    default:
      if ((name === 'coalesce' && parameters.length > 1) || (name === 'ifnull' && parameters.length === 2))
        return coalesce(parameters, inQuery)
  }
  throw new Refusal(`${name}() has no proven form for these arguments`)
}

function nearest(name: string, parameters: readonly Term[]): string {
  return `${name === 'min' ? 'least' : 'greatest'}(${parameters.map(({ sql }) => sql).join(', ')})`
}

function textOf(parameter: Term | undefined): string {
  if (parameter?.kind !== 'text') throw new Refusal('it treats as text what is none')
  return parameter.sql
}

/** A string that is not empty. */
function wordOf(parameter: Term | undefined): string {
  if (!parameter || !stringOf(parameter)) throw new Refusal('what it searches for is not a string')
  return parameter.sql
}

/** SQLite gives zero and negative positions meanings of its own. */
function substring(text: Term | undefined, start: Term | undefined, length: Term | undefined): Term {
  const from = start ? integerOf(start) : null
  const count = length ? integerOf(length) : 0n
  const limit = 1n << 30n
  if (from === null || count === null || from < 1n || count < 0n || from > limit || count > limit) {
    throw new Refusal('SQLite counts such a position differently')
  }
  return term('text', `substr(${textOf(text)}, ${from}${length ? `, ${count}` : ''})`)
}

function nullIf(first: Term, second: Term, inQuery: boolean): Term {
  if ((first.collation?.name ?? 'BINARY') !== 'BINARY') throw new Refusal('nullif() compares by a collation')
  // Proves that equality means the same; a function gives no affinity to its arguments
  compare('=', { ...first, column: null, collation: null }, { ...second, column: null, collation: null }, inQuery)
  if (inQuery && first.kind !== second.kind && isNumber(first) && isNumber(second))
    return double(`nullif(${doubleSql(first)}, ${doubleSql(second)})`, {
      numberClass: first.numberClass === 'integer' ? 'unknown' : first.numberClass,
      fuzzy: first.fuzzy,
    })
  if (first.kind !== second.kind) throw new Refusal('the two sides of nullif() have different types')
  return term(first.kind, `nullif(${first.sql}, ${second.sql})`, {
    bound: first.bound,
    numberClass: first.numberClass,
    fuzzy: first.fuzzy,
  })
}

function coalesce(parameters: readonly Term[], inQuery: boolean): Term {
  const said = unify(parameters, inQuery)
  return { ...said.as, sql: `coalesce(${said.sql.join(', ')})` }
}

export interface Branch {
  readonly when: Term
  readonly result: Term
}

/** CASE WHEN … */
export function choose(branches: readonly Branch[], otherwise: Term | null, inQuery = false): Term {
  const results = [...branches.map(({ result }) => result), ...(otherwise ? [otherwise] : [])]
  const said = unify(results, inQuery)
  const arms = branches.map(({ when }, index) => `WHEN ${when.sql} THEN ${said.sql[index]}`)
  const rest = otherwise ? ` ELSE ${said.sql[branches.length]}` : ''
  return { ...said.as, sql: `(CASE ${arms.join(' ')}${rest} END)` }
}
