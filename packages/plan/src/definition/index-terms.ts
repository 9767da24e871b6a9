import { formatType } from '@rowferry/coerce'
import type { IndexColumn, PgType } from '@rowferry/introspect'
import type { DefinitionInput } from './input.ts'
import { isPlainText } from '../nocase.ts'
import { castOf, expressionColumns, isCaseBlind } from './input.ts'
import { sayerOf } from './say.ts'

/** One term of an index as PostgreSQL shall have it, or why there is none. */
export interface IndexTerm {
  readonly term: IndexColumn | null
  /** Why there is no term; or what it does not keep of the source's: `loosens` when equal values may become different ones. */
  readonly why: string | null
  readonly loosens: boolean
  readonly suggestion: string | null
}

const kept = (term: IndexColumn): IndexTerm => ({ term, why: null, loosens: false, suggestion: null })
const refused = (why: string, suggestion: string | null = null): IndexTerm => ({
  term: null,
  why,
  loosens: false,
  suggestion,
})

/**
 * SQLite sorts NULL before everything, PostgreSQL behind it: where NULL may be, the order is said, so that an index gives rows in the order in which
 * SQLite gave them (https://www.sqlite.org/datatype3.html#sort_order).
 */
export function indexTerm(input: DefinitionInput, source: IndexColumn, rename: ReadonlyMap<string, string>): IndexTerm {
  const { descending } = source
  const sorted = (nullable: boolean) => ({
    descending,
    nullsFirst: nullable ? !descending : null,
    collation: null,
  })
  if (source.column === null) {
    const translation = sayerOf(input.dialect).expression(source.expression ?? '', {
      columns: expressionColumns(input),
      use: 'index',
    })
    return translation.ok
      ? kept({ column: null, expression: translation.sql, ...sorted(true) })
      : refused(`${source.expression ?? 'an expression'}: ${translation.reason}`, translation.suggestion)
  }
  const name = rename.get(source.column)!
  const { type } = castOf(input, source.column)
  if (type.name === 'json') {
    return refused(`${name} is json, which PostgreSQL does not compare`, `("${name.replaceAll('"', '""')}"::text)`)
  }
  const column = input.match.source.columns.find((each) => each.name === source.column)
  const plain = { column: name, expression: null, ...sorted(column?.nullable ?? true) }
  if (isCaseBlind(input, source.column)) return kept({ ...plain, ...exactly(input, source, name) })
  const folded = foldedBy(source.collation, type, name)
  if (folded === 'as it is') return kept(plain)
  if (folded !== null) return kept({ ...plain, column: null, expression: folded })
  return {
    term: plain,
    why:
      isPlainText(type) && input.dialect === 'sqlite'
        ? `${name} is compared by ${source.collation}, which only the application has`
        : `${name} is compared by ${source.collation}, and as ${formatType(type)} it is compared byte by byte`,
    loosens: true,
    suggestion: null,
  }
}

/** Of a column that compares without case by itself: as it is, or as the index says instead. */
function exactly(input: DefinitionInput, { collation }: IndexColumn, name: string): Partial<IndexColumn> {
  const which = (collation ?? 'NOCASE').toUpperCase()
  if (which === 'NOCASE') return {}
  const quoted = `"${name.replaceAll('"', '""')}"`
  const bytes = input.caseBlind?.by === 'icu' ? `${quoted} COLLATE "C"` : `${quoted}::text`
  if (which === 'RTRIM') return { column: null, expression: `rtrim(${bytes}, ' ')` }
  return input.caseBlind?.by === 'icu' ? { collation: 'C' } : { column: null, expression: bytes }
}

/** Does anything but SQLite's usual equality, byte by byte, part the column's values? */
export function isFolded(input: DefinitionInput, { column, collation }: IndexColumn): boolean {
  if (column === null || isCaseBlind(input, column)) return false
  return foldedBy(collation, castOf(input, column).type, column) !== 'as it is'
}

/**
 * The expression whose equality is that of SQLite's collation: NOCASE folds ASCII letters only, and so does lower() under the "C" collation; RTRIM ignores
 * blanks at the end, and nothing else. Null where there is none. (https://www.sqlite.org/datatype3.html#collating_sequences)
 */
function foldedBy(collation: string | null, type: PgType, name: string): string | null {
  const which = (collation ?? 'BINARY').toUpperCase()
  if (which === 'BINARY' || !(isPlainText(type) || type.name === 'bytea')) return 'as it is'
  if (!isPlainText(type)) return null
  const quoted = `"${name.replaceAll('"', '""')}"`
  if (which === 'NOCASE') return `lower(${quoted} COLLATE "C")`
  return which === 'RTRIM' ? `rtrim(${quoted}, ' ')` : null
}
