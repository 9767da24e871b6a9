import type { Column, ForeignKey, Index, IndexColumn, Key, PgType, Table, TableName } from '@rowferry/introspect'

/** Catalog parts with the plainest value for everything a test does not mention. */
export function table(name: TableName, more: Partial<Table> = {}): Table {
  return {
    name,
    kind: 'table',
    columns: [],
    primaryKey: null,
    uniques: [],
    foreignKeys: [],
    checks: [],
    exclusions: [],
    indexes: [],
    enforcesTypes: true,
    rowIdentifier: null,
    rowEstimate: null,
    highWaterMark: null,
    withoutRowid: false,
    definition: null,
    comment: null,
    postgres: null,
    ...more,
  }
}

export function column(name: string, declaredType: string, more: Partial<Column> = {}): Column {
  return {
    name,
    position: 1,
    declaredType,
    nullable: true,
    default: null,
    generated: null,
    identity: null,
    sequence: null,
    collation: null,
    type: null,
    comment: null,
    ...more,
  }
}

export function key(columns: readonly string[], more: Partial<Key> = {}): Key {
  return { name: null, columns, deferrability: 'not deferrable', nullsNotDistinct: false, ...more }
}

export function foreignKey(
  columns: readonly string[],
  references: TableName,
  more: Partial<ForeignKey> = {},
): ForeignKey {
  return {
    name: null,
    columns,
    references,
    referencedColumns: null,
    onDelete: 'no action',
    onUpdate: 'no action',
    match: 'simple',
    deferrability: 'not deferrable',
    validated: true,
    ...more,
  }
}

export function indexColumn(name: string | null, more: Partial<IndexColumn> = {}): IndexColumn {
  return { column: name, expression: null, descending: false, nullsFirst: null, collation: null, ...more }
}

export function index(name: string, columns: readonly IndexColumn[], more: Partial<Index> = {}): Index {
  return {
    name,
    columns,
    include: [],
    unique: false,
    where: null,
    method: 'btree',
    definition: null,
    constraint: null,
    valid: true,
    ...more,
  }
}

export function type(name: string, more: Partial<PgType> = {}): PgType {
  return { oid: 0, schema: 'pg_catalog', name, kind: 'base', typmod: -1, ...more }
}
