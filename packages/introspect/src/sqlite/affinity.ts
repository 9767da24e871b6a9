import { foldName } from './token.ts'

export type Affinity = 'integer' | 'text' | 'blob' | 'real' | 'numeric'

/**
 * The affinity SQLite gives a column of an ordinary table for its declared type: five rules on substrings, in this order, so that
 * `FLOATING POINT` is an integer and `BOOLEAN`, `DATETIME`, `JSON`, `UUID` and `STRING` are numeric.
 * (https://www.sqlite.org/datatype3.html, section 3.1; in STRICT tables `ANY` has no affinity at all.)
 */
export function affinityOf(declaredType: string): Affinity {
  const type = foldName(declaredType)
  if (type.includes('int')) return 'integer'
  if (/char|clob|text/.test(type)) return 'text'
  if (type === '' || type.includes('blob')) return 'blob'
  if (/real|floa|doub/.test(type)) return 'real'
  return 'numeric'
}
