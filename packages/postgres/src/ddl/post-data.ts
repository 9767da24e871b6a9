import { formatTableName, type ForeignKey, type Index, type Key, type Table } from '@rowferry/introspect'
import { quoteColumns, quoteIdentifier, quoteTable } from '../quote.ts'
import { PostgresError } from '../session.ts'
import { renderCheck } from './pre-data.ts'
import { renderComment } from './render-comment.ts'
import { renderIndex } from './render-index.ts'

/**
 * What comes after the data, one statement each, in an order that works: table by table the primary key, unique and exclusion constraints, indexes and
 * CHECKs that are NOT VALID; then every foreign key; then comments. A name of null (or an empty one, for an index) lets PostgreSQL choose.
 * Indexes behind a constraint come with it, their INCLUDE columns too.
 *
 * @throws PostgresError `MATCH_PARTIAL`, which PostgreSQL has never implemented
 */
export function renderPostData(tables: readonly Table[]): string[] {
  return [...tables.flatMap(renderConstraints), ...tables.flatMap(renderForeignKeys), ...tables.flatMap(renderComments)]
}

function renderConstraints(table: Table): string[] {
  const add = (constraint: string) => `ALTER TABLE ${quoteTable(table.name)} ADD ${constraint}`
  return [
    ...(table.primaryKey ? [add(renderKey('PRIMARY KEY', table.primaryKey, table.indexes))] : []),
    ...table.uniques.map((key) => add(renderKey('UNIQUE', key, table.indexes))),
    ...table.exclusions.map(({ name, definition }) => add(named(name, definition))),
    ...table.indexes.filter((index) => index.constraint === null).map((index) => renderIndex(table.name, index)),
    ...table.checks.filter((check) => !check.validated).map((check) => add(renderCheck(check))),
  ]
}

function named(name: string | null, definition: string): string {
  return name === null ? definition : `CONSTRAINT ${quoteIdentifier(name)} ${definition}`
}

function renderKey(kind: 'PRIMARY KEY' | 'UNIQUE', key: Key, indexes: readonly Index[]): string {
  const include =
    indexes.find((index) => index.constraint === kind.toLowerCase() && index.name === key.name)?.include ?? []
  const nulls = kind === 'UNIQUE' && key.nullsNotDistinct ? ' NULLS NOT DISTINCT' : ''
  const carried = include.length === 0 ? '' : ` INCLUDE (${quoteColumns(include)})`
  return named(key.name, `${kind}${nulls} (${quoteColumns(key.columns)})${carried}${deferrability(key)}`)
}

function renderForeignKeys(table: Table): string[] {
  return table.foreignKeys.map((key) => {
    if (key.match === 'partial') {
      throw new PostgresError(
        'MATCH_PARTIAL',
        `A foreign key of ${formatTableName(table.name)} is MATCH PARTIAL, which PostgreSQL does not have`,
        {
          remedy: 'Make it MATCH SIMPLE or MATCH FULL in the source, or leave it out.',
        },
      )
    }
    const referenced = key.referencedColumns === null ? '' : ` (${quoteColumns(key.referencedColumns)})`
    const definition = [
      `FOREIGN KEY (${quoteColumns(key.columns)}) REFERENCES ${quoteTable(key.references)}${referenced}`,
      ...(key.match === 'full' ? ['MATCH FULL'] : []),
      ...actions(key),
    ].join(' ')
    const valid = key.validated ? '' : ' NOT VALID'
    return `ALTER TABLE ${quoteTable(table.name)} ADD ${named(key.name, definition)}${deferrability(key)}${valid}`
  })
}

function actions({ onDelete, onUpdate }: ForeignKey): string[] {
  return [
    ...(onUpdate === 'no action' ? [] : [`ON UPDATE ${onUpdate.toUpperCase()}`]),
    ...(onDelete === 'no action' ? [] : [`ON DELETE ${onDelete.toUpperCase()}`]),
  ]
}

function deferrability({ deferrability: said }: Pick<Key, 'deferrability'>): string {
  if (said === 'not deferrable') return ''
  return said === 'initially deferred' ? ' DEFERRABLE INITIALLY DEFERRED' : ' DEFERRABLE'
}

function renderComments(table: Table): string[] {
  const name = quoteTable(table.name)
  return [
    ...renderComment(`TABLE ${name}`, table.comment),
    ...table.columns.flatMap((column) =>
      renderComment(`COLUMN ${name}.${quoteIdentifier(column.name)}`, column.comment),
    ),
  ]
}
