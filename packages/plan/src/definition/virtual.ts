import type { Column, Table } from '@rowferry/introspect'
import type { NotCarried } from './input.ts'

/** What a virtual table did beside holding rows: the rows are carried as an ordinary table, the rest is told with what comes near in PostgreSQL. */
export function describeVirtual(source: Table, target: Table): NotCarried[] {
  if (source.kind !== 'virtual' || source.definition === null) return []
  const module = /\busing\s+["'`[]?(\w+)/i.exec(source.definition)?.[1]?.toLowerCase() ?? 'its module'
  const what = { object: `virtual table ${source.name.name}`, definition: source.definition }
  if (/^fts[345]$/.test(module)) {
    return [
      {
        ...what,
        why: `${module} searches text, and PostgreSQL does so by other means: what it holds is carried as a table, its rowids and its index are not`,
        suggestion: searchIndex(source, target),
      },
    ]
  }
  const boxes = /^rtree(_i32)?$/.test(module) ? boxIndex(target) : null
  return [
    {
      ...what,
      why: `${module} is a module of SQLite: the rows are carried as a table, its index is not`,
      suggestion: boxes,
    },
  ]
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`
const tableName = ({ name }: Table): string => `${quote(name.schema)}.${quote(name.name)}`

/** The tokenizer decides: trigrams for `trigram`, English word stems for `porter`, words as they are for the others. */
function searchIndex(source: Table, target: Table): string | null {
  const definition = source.definition ?? ''
  const searched = target.columns.filter(
    (column, at) =>
      /^(text|character varying)/.test(column.declaredType) && !isUnindexed(definition, source.columns[at]),
  )
  if (searched.length === 0) return null
  if (/\btokenize\s*=\s*["']?\s*trigram\b/i.test(definition)) {
    const columns = searched.map(({ name }) => `${quote(name)} gin_trgm_ops`)
    return `CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE INDEX ON ${tableName(target)} USING gin (${columns.join(', ')})`
  }
  const language = /\btokenize\s*=?\s*["']?\s*porter\b/i.test(definition) ? 'english' : 'simple'
  const text = searched.map(({ name }) => `coalesce(${quote(name)}, '')`).join(` || ' ' || `)
  return `CREATE INDEX ON ${tableName(target)} USING gin (to_tsvector('${language}', ${text}))`
}

function isUnindexed(definition: string, column: Column | undefined): boolean {
  if (column === undefined) return false
  const name = column.name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  return new RegExp(`${name}["'\`\\]]?\\s+unindexed\\b`, 'i').test(definition)
}

/** A plane's boxes: the id, then the least and the greatest of each axis. */
function boxIndex(target: Table): string | null {
  const axes = target.columns.slice(1, 5).map(({ name }) => `${quote(name)}::float8`)
  const [x1, x2, y1, y2] = axes
  if (axes.length < 4) return null
  return `CREATE INDEX ON ${tableName(target)} USING gist (box(point(${x1}, ${y1}), point(${x2}, ${y2})))`
}
