import type { Index, IndexColumn } from '@rowferry/introspect'
import { indexTerm, isFolded } from './index-terms.ts'
import type { DefinitionInput } from './input.ts'
import { expressionColumns, objectName } from './input.ts'
import { sayerOf } from './say.ts'

/** An index that the author made. What cannot be said is listed whole; what a unique one keeps less strictly than SQLite is listed, too. */
export function defineIndex(input: DefinitionInput, index: Index, rename: ReadonlyMap<string, string>): Index[] {
  if (index.constraint !== null) return []
  const object = `${index.unique ? 'unique index' : 'index'} ${index.name}`
  const definition = index.definition ?? index.name
  if (index.method === 'fulltext' || index.method === 'spatial') {
    input.notCarried.push({
      object: `${index.method} ${object}`,
      definition,
      why: `PostgreSQL searches ${index.method === 'fulltext' ? 'text' : 'shapes'} by other means`,
      suggestion: index.method === 'fulltext' ? searchIndex(input, index, rename) : null,
    })
    return []
  }
  const terms = index.columns.map((column) => indexTerm(input, column, rename))
  const where =
    index.where === null
      ? null
      : sayerOf(input.dialect).expression(index.where, { columns: expressionColumns(input), use: 'where' })
  const lost = terms.filter(({ term }) => term === null)
  if (lost.length > 0 || where?.ok === false) {
    const suggested = [...lost.map((each) => each.suggestion), where?.ok === false ? where.suggestion : null].filter(
      (each) => each !== null,
    )
    input.notCarried.push({
      object,
      definition,
      why: [...lost.map(({ why }) => why), ...(where?.ok === false ? [`WHERE: ${where.reason}`] : [])].join('; '),
      suggestion: suggested.length === 0 ? null : suggested.join(', '),
    })
    return []
  }
  const loose = terms.filter(({ loosens }) => loosens).map(({ why }) => why)
  if (loose.length > 0) {
    input.notCarried.push({
      object: `order of ${object}`,
      definition,
      why: `${loose.join('; ')}; the index is made without it${index.unique ? ', so that it may let values in which the source holds equal' : ''}`,
      suggestion: null,
    })
  }
  const columns = terms.flatMap(({ term }) => (term === null ? [] : [term]))
  const name = objectName(input, 'index', index.name, () => '')
  const predicate = where?.ok ? where.sql || null : null
  if (predicate !== null) input.conditions.push({ object, index: name, source: index.where!, sql: predicate })
  return [made(name, columns, index.unique, predicate)]
}

function searchIndex(input: DefinitionInput, index: Index, rename: ReadonlyMap<string, string>): string {
  const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`
  const { schema, name } = input.match.name
  const texts = index.columns.map(({ column }) => `coalesce(${quote(rename.get(column ?? '') ?? '')}, '')`)
  return `CREATE INDEX ON ${quote(schema)}.${quote(name)} USING gin (to_tsvector('simple', ${texts.join(` || ' ' || `)}))`
}

/** Keys that SQLite compares under NOCASE or RTRIM also get a unique index over the folded text, so that nothing becomes looser. */
export function foldingIndexes(input: DefinitionInput, rename: ReadonlyMap<string, string>): Index[] {
  return input.match.source.indexes
    .filter((index) => index.constraint !== null && index.unique)
    .filter((index) => index.columns.some((column) => isFolded(input, column)))
    .flatMap((index) => {
      const terms = index.columns.map((column) => indexTerm(input, column, rename))
      const loose = terms.filter(({ loosens }) => loosens).map(({ why }) => why)
      if (loose.length > 0) {
        input.notCarried.push({
          object: `order of the ${index.constraint} (${index.columns.map(({ column }) => column).join(', ')}) of ${input.match.source.name.name}`,
          definition: index.columns
            .map(({ column, collation }) => `${column} COLLATE ${collation ?? 'BINARY'}`)
            .join(', '),
          why: `${loose.join('; ')}; it may let values in which the source holds equal`,
          suggestion: null,
        })
      }
      const columns = terms.flatMap(({ term }) =>
        term === null ? [] : [{ ...term, nullsFirst: null, descending: false }],
      )
      if (columns.every(({ column }) => column !== null)) return []
      const collation = index.columns.find((column) => isFolded(input, column))?.collation ?? ''
      const named = index.columns.map((column) => rename.get(column.column ?? '') ?? 'expr').join('_')
      return [
        made(input.allocate(`${input.match.name.name}_${named}_${collation.toLowerCase()}_key`), columns, true, null),
      ]
    })
}

function made(name: string, columns: readonly IndexColumn[], unique: boolean, where: string | null): Index {
  return { name, columns, include: [], unique, where, method: 'btree', definition: null, constraint: null, valid: true }
}
