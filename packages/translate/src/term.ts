import { formatReal, quoteBytes, quoteName, quoteText } from './quote.ts'
import { affinityOf, readType } from './pg-type.ts'
import type { Literal } from './syntax.ts'
import { Refusal } from './translation.ts'

/** A column as both databases know it. */
export interface ExpressionColumn {
  /** Its name in SQLite. */
  readonly name: string
  /** Its PostgreSQL type, as `format_type` writes it. */
  readonly type: string
  /** Its name in PostgreSQL. */
  readonly target: string
  /** The type as SQLite declared it. Default: one whose affinity suits `type`. */
  readonly declaredType?: string
  /** SQLite's collation of the column: BINARY (the default), NOCASE or RTRIM. */
  readonly collation?: string | null
  /** Its values are changed on the way (mapped, read as an epoch …), so that nothing but its being NULL stays the same. Default: false. */
  readonly changed?: boolean
  /** Of moments that were stored as text, all in one spelling: that spelling, as `momentSpelling` tells it. */
  readonly spelling?: string | null
  /** No number was stored among its texts, although its affinity would have allowed one. Default: false. */
  readonly onlyText?: boolean
  /** How PostgreSQL reaches it, if not by its name. */
  readonly sql?: string
}

/** A value that is passed on as a column holds it, whatever an expression makes of it. */
interface Passed {
  /** In PostgreSQL. */
  readonly sql: string
  /** As `format_type` writes it. */
  readonly type: string
  /** The column it comes from, as the caller told of it. */
  readonly from: ExpressionColumn
}

/** A moment that is text in SQLite and a type of its own in PostgreSQL. Those in one spelling sort alike on both sides. */
export interface Moment {
  readonly sql: string
  readonly type: 'date' | 'timestamp' | 'timestamptz'
  readonly spelling: string
}

/**
 * A part of an expression, said in PostgreSQL. `wide`: an exact sum or product of 64-bit integers, where SQLite would turn to floating point;
 * the two agree only in comparison with small integers. `other`: known by nothing but being NULL.
 */
export interface Term {
  readonly kind:
    | 'null'
    | 'boolean'
    | 'integer'
    | 'wide'
    | 'numeric'
    | 'real'
    | 'double'
    | 'text'
    | 'bytea'
    | 'json'
    | 'other'
  readonly sql: string
  /** Of integers: no value's magnitude is larger. */
  readonly bound: bigint
  readonly literal: Literal | null
  /** Set while SQLite applies the column's affinity: not behind an operator or function. */
  readonly column: ExpressionColumn | null
  /** Numbers may be stored among the text. */
  readonly mixed: boolean
  readonly collation: { readonly name: string; readonly explicit: boolean } | null
  /** Of numbers: their storage class in SQLite. `whole`: integers are stored as integers and all else as reals. */
  readonly numberClass: 'integer' | 'real' | 'whole' | 'unknown'
  /** Floating point that depends on the order of addition: the last digits may differ. */
  readonly fuzzy: boolean
  readonly moment: Moment | null
  readonly passed: Passed | null
  /** True or NULL for every row: a CHECK that says this says nothing. */
  readonly neverFalse: boolean
}

export const int64 = 1n << 63n

export function term(kind: Term['kind'], sql: string, facts: Partial<Term> = {}): Term {
  return {
    kind,
    sql,
    bound: int64,
    literal: null,
    column: null,
    mixed: false,
    collation: null,
    neverFalse: false,
    numberClass: kind === 'integer' || kind === 'boolean' ? 'integer' : 'unknown',
    fuzzy: false,
    moment: null,
    passed: null,
    ...facts,
  }
}

/** @param sql how PostgreSQL reaches it, if not by its name alone. */
export function columnTerm(column: ExpressionColumn, sql = column.sql ?? quoteName(column.target)): Term {
  const type = readType(column.type)
  const affinity = column.declaredType === undefined ? null : affinityOf(column.declaredType)
  const collation = { name: (column.collation ?? 'BINARY').toUpperCase(), explicit: false }
  const facts = {
    column,
    collation,
    bound: type.kind === 'boolean' ? 1n : type.bound,
    passed: { sql, type: column.type, from: column },
  }
  if (column.changed) return term('other', sql, facts)
  switch (type.kind) {
    case 'boolean':
    case 'integer':
    case 'numeric':
    case 'real':
    case 'double': {
      // Text that looks like numbers is compared as text in SQLite
      const numberClass =
        affinity === 'real'
          ? 'real'
          : type.kind === 'integer' || type.kind === 'boolean'
            ? 'integer'
            : affinity === 'integer' || affinity === 'numeric'
              ? 'whole'
              : 'unknown'
      return term(affinity === 'text' ? 'other' : type.kind, sql, { ...facts, numberClass })
    }
    case 'text':
    case 'bytea': {
      const mixed = type.kind === 'text' && affinity !== null && affinity !== 'text' && column.onlyText !== true
      return term(type.kind, sql, { ...facts, mixed })
    }
    case 'json':
    case 'jsonb':
      return term('json', sql, facts)
    case 'date':
    case 'timestamp':
    case 'timestamptz':
      return column.spelling
        ? momentText({ sql, type: type.kind, spelling: column.spelling }, facts)
        : term('other', sql, facts)
    default:
      return term('other', sql, facts)
  }
}

/** The text SQLite holds. */
export function momentText(moment: Moment, facts: Partial<Term> = {}): Term {
  const local =
    moment.type === 'timestamptz'
      ? `(${moment.sql} AT TIME ZONE 'UTC')`
      : moment.type === 'date'
        ? `${moment.sql}::timestamp`
        : moment.sql
  const sql = `to_char(${local}, ${quoteText(moment.spelling)})`
  return term('text', sql, { ...facts, kind: 'text', sql, moment })
}

export function literalTerm(literal: Literal): Term {
  switch (literal.kind) {
    case 'null':
      return term('null', 'NULL', { literal })
    case 'boolean':
      return literalTerm({ kind: 'integer', value: literal.value ? 1n : 0n })
    case 'integer': {
      const { value } = literal
      const magnitude = value < 0n ? -value : value
      return term('integer', value < 0n ? `(${value})` : String(value), { literal, bound: magnitude })
    }
    case 'real':
      if (!Number.isFinite(literal.value)) throw new Refusal('a number in it is infinite')
      return term('numeric', literal.value < 0 ? `(${formatReal(literal.value)})` : formatReal(literal.value), {
        literal,
        numberClass: 'real',
      })
    case 'string':
      if (literal.value.includes('\0')) throw new Refusal('PostgreSQL’s text holds no NUL')
      return term('text', quoteText(literal.value), { literal })
    default:
      return term('bytea', quoteBytes(literal.hex), { literal })
  }
}

export function isNumber(of: Term): boolean {
  return (
    of.kind === 'integer' || of.kind === 'wide' || of.kind === 'numeric' || of.kind === 'real' || of.kind === 'double'
  )
}

/** The integer a literal is, or null. */
export function integerOf(of: Term): bigint | null {
  return of.literal?.kind === 'integer' ? of.literal.value : null
}

export function stringOf(of: Term): string | null {
  return of.literal?.kind === 'string' ? of.literal.value : null
}

/** SQLite's true and false are 1 and 0. */
export function asInteger(of: Term): Term {
  return of.kind === 'boolean' ? term('integer', `(${of.sql})::integer`, { bound: 1n, column: of.column }) : of
}

/** As a condition: numbers are true unless they are zero. */
export function truthOf(of: Term): Term {
  const literal = integerOf(of)
  if (literal !== null) return term('boolean', String(literal !== 0n), { neverFalse: literal !== 0n })
  if (of.kind === 'boolean') return of
  if (of.kind === 'null') return term('boolean', 'NULL::boolean', { neverFalse: true })
  if (isNumber(of)) return term('boolean', `(${of.sql} <> 0)`, { fuzzy: of.fuzzy })
  throw new Refusal('it takes text or bytes for a condition')
}
