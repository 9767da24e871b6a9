import type { Catalog, Column, Table } from '@rowferry/introspect'
import { formatTableName } from '@rowferry/introspect'
import { readPostgresCatalog } from '@rowferry/introspect/postgres'
import { openSession } from '@rowferry/postgres'
import type { SourceRef, TargetAddress } from './options.ts'

export interface Inspection {
  readonly kind: string
  readonly label: string
  readonly version: string
  readonly tables: readonly InspectedTable[]
  readonly views: readonly string[]
  readonly triggers: readonly string[]
  /** What a crossing would meet. */
  readonly trouble: readonly {
    readonly code: string
    readonly object: string
    readonly message: string
    readonly count: number | null
  }[]
}

export interface InspectedTable {
  readonly name: string
  readonly kind: Table['kind']
  /** Exact for a source, an estimate for PostgreSQL; null when unknown. */
  readonly rows: number | null
  readonly columns: readonly {
    readonly name: string
    readonly type: string
    readonly nullable: boolean
    readonly default: string | null
    readonly note: string | null
  }[]
  readonly primaryKey: readonly string[]
  readonly foreignKeys: readonly string[]
  readonly indexes: number
}

/** What is in a database. Rejects with the coded error of the source or the session when it cannot be opened. */
export async function inspect(
  input: { readonly source: SourceRef } | { readonly target: TargetAddress; readonly schema?: string },
  options: { readonly signal?: AbortSignal } = {},
): Promise<Inspection> {
  if ('source' in input) {
    const source = await input.source.adapter.open(input.source.options)
    try {
      const catalog = await source.readCatalog(options.signal ? { signal: options.signal } : {})
      const trouble = [...notes(catalog), ...(await orphans(catalog, source.findOrphans?.bind(source)))]
      await source.sound?.()
      return { ...describe(catalog), kind: source.kind, label: source.label, trouble }
    } finally {
      await source.close()
    }
  }
  const session = await openSession(input.target, options.signal ? { signal: options.signal } : {})
  try {
    const catalog = await readPostgresCatalog(session.kysely, { schemas: [input.schema ?? 'public'] })
    return { ...describe(catalog), kind: 'postgres', label: session.label, trouble: notes(catalog) }
  } finally {
    await session.close()
  }
}

function describe(catalog: Catalog): Omit<Inspection, 'kind' | 'label' | 'trouble'> {
  return {
    version: catalog.version,
    tables: catalog.tables.map((table) => ({
      name: formatTableName(table.name),
      kind: table.kind,
      rows: table.rowEstimate,
      columns: table.columns.map((column) => ({
        name: column.name,
        type: column.declaredType,
        nullable: column.nullable,
        default: column.default,
        note: columnNote(column),
      })),
      primaryKey: table.primaryKey?.columns ?? [],
      foreignKeys: table.foreignKeys.map(
        (key) =>
          `${key.columns.join(', ')} → ${formatTableName(key.references)}${key.referencedColumns ? ` (${key.referencedColumns.join(', ')})` : ''}`,
      ),
      indexes: table.indexes.length,
    })),
    views: catalog.views.map((view) => formatTableName(view.name)),
    triggers: catalog.triggers.map((trigger) => `${trigger.name} on ${formatTableName(trigger.table)}`),
  }
}

function columnNote(column: Column): string | null {
  if (column.generated) return `generated ${column.generated.kind}`
  return column.identity === 'always' || column.identity === 'by default'
    ? `identity ${column.identity}`
    : column.identity
}

function notes(catalog: Catalog): Inspection['trouble'][number][] {
  return catalog.notes.map((note) => ({ code: note.code, object: note.object, message: note.message, count: null }))
}

async function orphans(
  catalog: Catalog,
  find: import('@rowferry/source').Source['findOrphans'],
): Promise<Inspection['trouble'][number][]> {
  if (!find) return []
  const trouble: Inspection['trouble'][number][] = []
  for (const table of catalog.tables) {
    for (const key of table.foreignKeys) {
      const parent = catalog.tables.find((candidate) => candidate.name.name === key.references.name)
      const object = `${formatTableName(table.name)} (${key.columns.join(', ')})`
      if (!parent || !key.referencedColumns) {
        trouble.push({
          code: 'FOREIGN_KEY_BROKEN',
          object,
          message: `references ${key.references.name}, which ${parent ? 'has no such key' : 'does not exist'}`,
          count: null,
        })
        continue
      }
      const found = await find({
        table: table.name,
        columns: key.columns,
        parent: parent.name,
        parentColumns: key.referencedColumns,
        keyColumns: [],
        limit: 0,
      })
      if (found.count > 0)
        trouble.push({
          code: 'ORPHANS',
          object,
          message: `${found.count} rows reference a row of ${formatTableName(parent.name)} that does not exist`,
          count: found.count,
        })
    }
  }
  return trouble
}
