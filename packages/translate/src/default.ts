import { defaultOfLiteral } from './default-literal.ts'
import { momentOf, sayMoment } from './moment.ts'
import { parseExpression } from './parse.ts'
import { affinityOf, readType, type TargetType } from './pg-type.ts'
import type { Expression, Literal } from './syntax.ts'
import { tableScope } from './scope.ts'
import { termOf } from './term-of.ts'
import { attempt, Refusal, type Translation } from './translation.ts'

export interface DefaultTarget {
  /** The PostgreSQL type, as `format_type` writes it: `boolean`, `character varying(10)`, `timestamp(3) without time zone`. */
  readonly type: string
  /** The type as SQLite declared it: its affinity changes what is stored (`'007'` in a NUMERIC column is 7). Default: the value is stored as written. */
  readonly declaredType?: string
}

/**
 * Says a column's DEFAULT in PostgreSQL: a new row gets the value that the crossing would have made of what SQLite would have stored.
 * `expression` is what `pragma table_xinfo` gives as `dflt_value`. Literals, the present moment in its usual spellings, and arithmetic on them.
 */
export function translateDefault(expression: string, target: DefaultTarget): Translation {
  return attempt(() => {
    const type = readType(target.type)
    const tree = fold(parseExpression(expression))
    const literal = literalOf(tree)
    if (literal) {
      const stored = target.declaredType === undefined ? literal : store(literal, target.declaredType)
      return { sql: defaultOfLiteral(stored, type, target.type) }
    }
    const moment = momentOf(tree)
    if (moment) return sayMoment(moment, type)
    const random = sayRandom(tree, type)
    if (random !== null) throw new Refusal('SQLite’s random values have no exact counterpart', random)
    return { sql: constantOf(tree, type) }
  })
}

/** A bare word is a string, as SQLite reads it in a DEFAULT. */
function literalOf(tree: Expression): Literal | null {
  switch (tree.kind) {
    case 'name':
      if (tree.quote === null && /^(?:true|false)$/i.test(tree.name))
        return { kind: 'integer', value: /^t/i.test(tree.name) ? 1n : 0n }
      return tree.qualifiers.length > 0 ? null : { kind: 'string', value: tree.name }
    case 'null':
    case 'integer':
    case 'real':
    case 'string':
    case 'blob':
      return tree
    default:
      return null
  }
}

function fold(tree: Expression): Expression {
  if (tree.kind !== 'unary' || (tree.operator !== '-' && tree.operator !== '+')) return tree
  const operand = fold(tree.operand)
  if (operand.kind !== 'integer' && operand.kind !== 'real') return tree
  if (tree.operator === '+') return operand
  if (operand.kind === 'integer') return { kind: 'integer', value: -operand.value }
  // 9223372036854775808 is no 64-bit integer, but its negative is
  return operand.value === 2 ** 63 ? { kind: 'integer', value: -(1n << 63n) } : { kind: 'real', value: -operand.value }
}

/** What a column of that declared type would hold. https://www.sqlite.org/datatype3.html#type_affinity */
function store(literal: Literal, declaredType: string): Literal {
  const affinity = affinityOf(declaredType)
  if (affinity === 'blob') return literal
  if (affinity === 'text')
    return literal.kind === 'integer' ? { kind: 'string', value: String(literal.value) } : literal
  if (literal.kind === 'integer' && affinity === 'real') return { kind: 'real', value: Number(literal.value) }
  const text = literal.kind === 'string' ? literal.value.trim() : ''
  if (/^[+-]?\d{1,18}$/.test(text)) return { kind: 'integer', value: BigInt(text.replace('+', '')) }
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text))
    return store({ kind: 'real', value: Number(text) }, declaredType)
  const whole = literal.kind === 'real' && affinity !== 'real' && Number.isSafeInteger(literal.value)
  return whole ? { kind: 'integer', value: BigInt(literal.value) } : literal
}

/** The usual ways to make an identifier, for the suggestion. */
function sayRandom(tree: Expression, type: TargetType): string | null {
  const text = JSON.stringify(tree, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
  if (!/"name":"random(?:blob)?"/.test(text)) return null
  if (type.kind === 'uuid') return 'gen_random_uuid()'
  if (type.kind === 'integer') return 'floor(random() * 9007199254740991)::bigint'
  if (type.kind !== 'text' || !text.includes('randomblob')) return null
  const bare = text.includes('"value":"-"') ? 'gen_random_uuid()::text' : "replace(gen_random_uuid()::text, '-', '')"
  return text.includes('"name":"lower"') ? bare : `upper(${bare})`
}

function constantOf(tree: Expression, type: TargetType): string {
  const term = termOf(tree, tableScope([]))
  const fits =
    (term.kind === 'integer' && type.kind === 'integer' && term.bound <= type.bound) ||
    (term.kind === 'text' && type.kind === 'text' && type.length === null)
  if (!fits) throw new Refusal('a default computed like this has no proven form')
  return term.sql
}
