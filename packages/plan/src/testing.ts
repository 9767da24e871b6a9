import { builtinType } from '@rowferry/coerce'
import type { Catalog, Column, ForeignKey, Table } from '@rowferry/introspect'

/** Builders for catalogs in tests: everything that is not said is empty. */
export function column(name: string, given: Partial<Column> = {}): Column {
  return {
    name,
    position: 1,
    declaredType: '',
    nullable: true,
    default: null,
    generated: null,
    identity: null,
    sequence: null,
    collation: null,
    type: null,
    comment: null,
    ...given,
  }
}

export function table(name: string, columns: readonly Column[], given: Partial<Table> = {}): Table {
  return {
    name: { schema: 'main', name },
    kind: 'table',
    columns,
    primaryKey: null,
    uniques: [],
    foreignKeys: [],
    checks: [],
    exclusions: [],
    indexes: [],
    enforcesTypes: false,
    rowIdentifier: 'rowid',
    rowEstimate: 1,
    highWaterMark: null,
    withoutRowid: false,
    definition: null,
    comment: null,
    postgres: null,
    ...given,
  }
}

/** A PostgreSQL table in `public` whose columns are `name: type` of `builtinType`. */
export function target(
  name: string,
  columns: Readonly<Record<string, string>>,
  given: Partial<Table> = {},
  owned = true,
): Table {
  return table(
    name,
    Object.entries(columns).map(([each, type]) => column(each, { declaredType: type, type: builtinType(type) })),
    {
      name: { schema: 'public', name },
      enforcesTypes: true,
      postgres: {
        oid: 1,
        owner: 'app',
        owned,
        rowSecurity: false,
        rules: [],
        persistence: 'permanent',
        partitionOf: null,
        inheritsFrom: [],
        replicaIdentity: 'default',
      },
      ...given,
    },
  )
}

export function foreignKey(
  columns: readonly string[],
  references: string,
  referencedColumns: readonly string[] | null,
  given: Partial<ForeignKey> = {},
  schema = 'main',
): ForeignKey {
  return {
    name: null,
    columns,
    references: { schema, name: references },
    referencedColumns,
    onDelete: 'no action',
    onUpdate: 'no action',
    match: 'simple',
    deferrability: 'not deferrable',
    validated: true,
    ...given,
  }
}

export function catalog(tables: readonly Table[], given: Partial<Catalog> = {}): Catalog {
  return {
    dialect: 'sqlite',
    version: '3',
    tables,
    views: [],
    triggers: [],
    sequences: [],
    types: [],
    notes: [],
    ...given,
  }
}
