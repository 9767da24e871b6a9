import { formatTableName, type Check, type Column, type PgType, type Table, type TableName } from '@rowferry/introspect'
import { quoteCollation, quoteIdentifier, quoteTable } from '../quote.ts'
import { PostgresError } from '../session.ts'
import { renderTypes } from './types.ts'

/**
 * The statements that make the tables, ready to be joined with `;`: columns, collations, NOT NULL, defaults, identity, generated columns and CHECKs.
 * Keys, indexes, foreign keys and comments are `renderPostData`'s, so that a load meets none of them. Types and expressions are taken as the PostgreSQL text they are.
 *
 * A serial or identity column whose `sequence` is null gets the one PostgreSQL names; a generated column is STORED unless its kind is `virtual`, which needs PostgreSQL 18.
 * Schemas are the caller's, as are names past 63 bytes.
 *
 * @param types enums and domains to make first
 * @throws PostgresError `TABLE_KIND_NOT_RENDERED` for partitioned and foreign tables, `TYPE_NOT_RENDERED`
 */
export function renderPreData(tables: readonly Table[], types: readonly PgType[] = []): string[] {
  const sequences = new Map<string, string>()
  const owners: string[] = []
  for (const table of tables) {
    for (const column of table.columns) {
      if (!column.sequence || column.identity === 'always' || column.identity === 'by default') continue
      const name = quoteTable(column.sequence)
      const own = column.identity === 'serial'
      sequences.set(
        name,
        own ? `CREATE SEQUENCE ${name} AS ${column.declaredType}` : `CREATE SEQUENCE IF NOT EXISTS ${name}`,
      )
      if (own) owners.push(`ALTER SEQUENCE ${name} OWNED BY ${quoteTable(table.name)}.${quoteIdentifier(column.name)}`)
    }
  }
  return [...renderTypes(types), ...sequences.values(), ...tables.map(createTable), ...owners]
}

function createTable(table: Table): string {
  if (table.kind !== 'table') {
    throw new PostgresError('TABLE_KIND_NOT_RENDERED', `${formatTableName(table.name)} is a ${table.kind} table`, {
      remedy: 'Create it in the target before the crossing.',
    })
  }
  const lines = [
    ...table.columns.map(renderColumn),
    ...table.checks.filter((check) => check.validated).map(renderCheck),
  ]
  const persistence = table.postgres?.persistence === 'unlogged' ? 'UNLOGGED ' : ''
  return `CREATE ${persistence}TABLE ${quoteTable(table.name)} (${lines.map((line) => `\n  ${line}`).join(',')}\n)`
}

function renderColumn(column: Column): string {
  const { type, value } = renderValue(column)
  return [
    quoteIdentifier(column.name),
    type,
    ...(column.collation === null ? [] : [`COLLATE ${quoteCollation(column.collation)}`]),
    ...(value === null ? [] : [value]),
    ...(column.nullable ? [] : ['NOT NULL']),
  ].join(' ')
}

const pseudoTypes: ReadonlyMap<string, string> = new Map([
  ['smallint', 'smallserial'],
  ['integer', 'serial'],
  ['bigint', 'bigserial'],
])

function renderValue(column: Column): { type: string; value: string | null } {
  const type = column.declaredType
  if (column.generated) {
    return {
      type,
      value: `GENERATED ALWAYS AS (${column.generated.expression}) ${column.generated.kind.toUpperCase()}`,
    }
  }
  if (column.identity === 'always' || column.identity === 'by default') {
    return { type, value: `GENERATED ${column.identity.toUpperCase()} AS IDENTITY${sequenceName(column.sequence)}` }
  }
  if (column.identity === 'serial' && column.sequence === null)
    return { type: pseudoTypes.get(type) ?? type, value: null }
  return { type, value: column.default === null ? null : `DEFAULT ${column.default}` }
}

function sequenceName(sequence: TableName | null): string {
  return sequence === null ? '' : ` (SEQUENCE NAME ${quoteTable(sequence)})`
}

/** `CONSTRAINT "name" CHECK (…)`, the name only where there is one. */
export function renderCheck({ name, expression, validated }: Check): string {
  return `${name === null ? '' : `CONSTRAINT ${quoteIdentifier(name)} `}CHECK (${expression})${validated ? '' : ' NOT VALID'}`
}
