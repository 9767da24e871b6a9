import { formatType } from '@rowferry/coerce'
import type { Index } from '@rowferry/introspect'
import { translateExpression } from '@rowferry/translate'
import type { DefinitionInput } from './input.ts'
import { castOf, expressionColumns } from './input.ts'

export function defineIndex(input: DefinitionInput, index: Index, rename: ReadonlyMap<string, string>): Index[] {
  if (index.constraint !== null) return []
  const object = `index ${index.name}`
  const definition = index.definition ?? index.name
  const columns = index.columns.map((column) => {
    const nocase = (column.collation ?? '').toUpperCase() === 'NOCASE'
    if (column.column !== null) {
      const name = rename.get(column.column)!
      const type = formatType(castOf(input, column.column).type)
      if (type === 'json') return null
      return nocase && type === 'text'
        ? { ...column, column: null, expression: fold(name), collation: null }
        : { ...column, column: name, collation: null }
    }
    const translation = translateExpression(column.expression ?? '', {
      columns: expressionColumns(input),
      use: 'index',
    })
    return translation.ok ? { ...column, expression: translation.sql, collation: null } : null
  })
  const where =
    index.where === null ? null : translateExpression(index.where, { columns: expressionColumns(input), use: 'where' })
  if (columns.includes(null) || where?.ok === false) {
    input.notCarried.push({
      object,
      definition,
      why: where?.ok === false ? where.reason : 'one of its columns or expressions has no proven form in PostgreSQL',
      suggestion: where?.ok === false ? where.suggestion : null,
    })
    return []
  }
  return [
    {
      name: input.allocate(index.name),
      columns: columns.flatMap((column) => (column === null ? [] : [column])),
      include: [],
      unique: index.unique,
      where: where?.ok ? where.sql || null : null,
      method: 'btree',
      definition: null,
      constraint: null,
      valid: true,
    },
  ]
}

/** NOCASE folds ASCII letters only, and so does lower() under the "C" collation: the very same equality. */
function fold(name: string): string {
  return `lower("${name.replaceAll('"', '""')}" COLLATE "C")`
}

/** Keys that SQLite compares under NOCASE also get a unique index over the folded text, so that nothing becomes looser. */
export function foldingIndexes(input: DefinitionInput, rename: ReadonlyMap<string, string>): Index[] {
  return input.match.source.indexes
    .filter(
      (index) =>
        index.constraint !== null &&
        index.unique &&
        index.columns.some(
          (column) =>
            (column.collation ?? '').toUpperCase() === 'NOCASE' &&
            column.column !== null &&
            formatType(castOf(input, column.column).type) === 'text',
        ),
    )
    .map((index) => ({
      name: input.allocate(
        `${input.match.name.name}_${index.columns.map((column) => rename.get(column.column ?? '') ?? 'expr').join('_')}_nocase_key`,
      ),
      columns: index.columns.map((column) => {
        const name = rename.get(column.column ?? '')!
        const folded =
          (column.collation ?? '').toUpperCase() === 'NOCASE' &&
          formatType(castOf(input, column.column!).type) === 'text'
        return {
          column: folded ? null : name,
          expression: folded ? fold(name) : null,
          descending: false,
          nullsFirst: null,
          collation: null,
        }
      }),
      include: [],
      unique: true,
      where: null,
      method: 'btree',
      definition: null,
      constraint: null,
      valid: true,
    }))
}
