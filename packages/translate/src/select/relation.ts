import { quoteName } from '../quote.ts'
import { columnTerm, type ExpressionColumn, momentText, type Term } from '../term.ts'
import { Refusal } from '../translation.ts'

/** A column of a table, view or query, with all that is known of its values. */
export interface RelationColumn {
  /** In SQLite. */
  readonly name: string
  /** In PostgreSQL. */
  readonly target: string
  readonly term: Term
}

/** What a query can read from. */
export interface Relation {
  /** In SQLite. */
  readonly name: string
  /** How PostgreSQL names it in a FROM clause. */
  readonly sql: string
  readonly columns: readonly RelationColumn[]
  /** The column that is SQLite's rowid; null when there is none. */
  readonly rowid: string | null
  /** Sets of columns (by SQLite's names) of which no two rows have the same values, none being NULL. */
  readonly keys: readonly (readonly string[])[]
}

export interface ReadableTable {
  readonly name: string
  readonly target: { readonly schema: string; readonly name: string }
  readonly columns: readonly ExpressionColumn[]
  readonly rowid: string | null
  readonly keys: readonly (readonly string[])[]
}

export function tableRelation(table: ReadableTable): Relation {
  const { name, target, rowid, keys } = table
  const sql = `${quoteName(target.schema)}.${quoteName(target.name)}`
  const columns = table.columns.map((column) => ({
    name: column.name,
    target: column.target,
    term: columnTerm(column),
  }))
  return { name, sql, columns, rowid, keys }
}

/** The column as reached through a name in the FROM clause. */
export function referTo(column: RelationColumn, alias: string): Term {
  const { term } = column
  const sql = `${quoteName(alias)}.${quoteName(column.target)}`
  const passed = term.passed && { ...term.passed, sql }
  return term.moment ? momentText({ ...term.moment, sql }, { ...term, passed }) : { ...term, sql, passed }
}

/** The affinity that a column or a CAST hands on through a query. https://www.sqlite.org/datatype3.html#column_affinity_for_views_and_subqueries */
export function affinityAlone({ column }: Term): Term['column'] {
  const declaredType = column?.declaredType
  return declaredType === undefined ? null : { name: '', target: '', type: '', declaredType }
}

/** A result column: what stands in the SELECT, its PostgreSQL type, and what is known of it from outside. */
export function resultOf(term: Term): { readonly sql: string; readonly type: string; readonly term: Term } {
  if (term.collation?.explicit && term.collation.name !== 'BINARY')
    throw new Refusal('one of its results has a COLLATE of its own')
  if (term.passed) return { sql: term.passed.sql, type: term.passed.type, term: { ...term, literal: null } }
  const facts: Term = { ...term, literal: null, moment: null, column: affinityAlone(term), collation: null }
  switch (term.kind) {
    case 'null':
      return { sql: 'NULL::text', type: 'text', term: facts }
    case 'boolean':
      return {
        sql: `(${term.sql})::integer::bigint`,
        type: 'bigint',
        term: { ...facts, kind: 'integer', bound: 1n, numberClass: 'integer' },
      }
    case 'integer':
      return { sql: `(${term.sql})::bigint`, type: 'bigint', term: facts }
    case 'numeric':
      // A literal is a real number in SQLite
      return term.literal
        ? { sql: `${term.sql}::double precision`, type: 'double precision', term: { ...facts, kind: 'double' } }
        : { sql: `(${term.sql})::numeric`, type: 'numeric', term: facts }
    case 'real':
    case 'double':
      return { sql: `(${term.sql})::double precision`, type: 'double precision', term: { ...facts, kind: 'double' } }
    case 'text':
      return { sql: `(${term.sql})::text`, type: 'text', term: facts }
    case 'bytea':
      return { sql: term.sql, type: 'bytea', term: facts }
    default:
      throw new Refusal('one of its results has a type that SQLite keeps in another form')
  }
}
