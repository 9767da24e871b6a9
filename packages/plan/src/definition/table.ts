import { formatType } from '@rowferry/coerce'
import type { Check, Column, Table } from '@rowferry/introspect'
import type { Translation } from '@rowferry/translate'
import { nameAllocator } from '../names.ts'
import { defineGenerated } from './generated.ts'
import { defineIndex, foldingIndexes } from './indexes.ts'
import type { DefinitionInput, NotCarried } from './input.ts'
import { castOf, expressionColumns, isCaseBlind, objectName } from './input.ts'
import { defineForeignKey, definePrimaryKey, defineUnique } from './keys.ts'
import { withoutMissingColumns } from './prune.ts'
import { sayerOf } from './say.ts'

/** The table as PostgreSQL shall have it: what can be proven equal is carried, the rest is listed with its text. */
export function tableDefinition(given: DefinitionInput): Table {
  const source = withoutMissingColumns(given.match.source, given.notCarried)
  const match = { ...given.match, source }
  const input = { ...given, match }
  const rename = new Map(match.columns.map((column) => [column.source.name, column.name]))
  const columns = match.columns.map(({ source: column, name }, index) => defineColumn(input, column, name, index + 1))
  const primaryKey = definePrimaryKey(input, rename)
  // A primary key that holds NULL: its other values stay unique, and foreign keys can meet them
  const uniques = primaryKey || !source.primaryKey ? source.uniques : [source.primaryKey, ...source.uniques]
  const keys = uniques.flatMap((key) => defineUnique(input, key, rename))
  // What is no relation has a name in its own table only
  const own = {
    ...input,
    allocate: nameAllocator([...(primaryKey ? [primaryKey] : []), ...keys].map((key) => key.name!)),
  }
  return {
    name: match.name,
    kind: 'table',
    columns: primaryKey
      ? columns.map((column) => (primaryKey.columns.includes(column.name) ? { ...column, nullable: false } : column))
      : columns,
    primaryKey,
    uniques: keys,
    foreignKeys: source.foreignKeys.flatMap((key) => defineForeignKey(own, key, rename)),
    checks: source.checks.flatMap((check) => defineCheck(own, check)),
    exclusions: [],
    indexes: [
      ...foldingIndexes(input, rename),
      ...source.indexes.flatMap((index) => defineIndex(input, index, rename)),
    ],
    enforcesTypes: true,
    rowIdentifier: null,
    rowEstimate: null,
    highWaterMark: source.highWaterMark,
    withoutRowid: false,
    definition: null,
    comment: source.comment,
    postgres: null,
  }
}

function translated(
  input: DefinitionInput,
  object: string,
  definition: string,
  translation: Translation,
): string | null {
  if (translation.ok) return translation.sql
  input.notCarried.push({ object, definition, why: translation.reason, suggestion: translation.suggestion })
  return null
}

/** What an identity may be; narrower than bigint only where the user says so. */
const WHOLE = new Set(['bigint', 'integer', 'smallint'])

function defineColumn(input: DefinitionInput, column: Column, name: string, position: number): Column {
  const cast = castOf(input, column.name)
  const object = `${input.match.source.name.name}.${column.name}`
  const type = formatType(cast.type)
  const identity =
    (column.identity === 'rowid' || column.identity === 'autoincrement') && WHOLE.has(type) ? 'by default' : null
  const generated = column.generated ? defineGenerated(input, column) : null
  if (column.generated && generated?.ok === false)
    input.notCarried.push(asPlainData(object, column.generated.expression, generated.reason, generated.suggestion))
  const fallback =
    column.default === null || column.generated
      ? null
      : translated(
          input,
          `default of ${object}`,
          column.default,
          sayerOf(input.dialect).default(column.default, {
            type: cast.type.name === 'citext' ? 'text' : type,
            declaredType: column.declaredType,
          }),
        )
  return {
    name,
    position,
    declaredType: type,
    nullable: column.nullable,
    default: fallback,
    generated: generated?.ok ? { kind: 'stored', expression: generated.sql } : null,
    identity,
    sequence: null,
    collation:
      input.caseBlind?.by === 'icu' && isCaseBlind(input, column.name)
        ? `"${input.match.name.schema.replaceAll('"', '""')}"."nocase"`
        : null,
    type: cast.type,
    comment: column.comment,
  }
}

export function asPlainData(column: string, definition: string, why: string, suggestion: string | null): NotCarried {
  return {
    object: `generated column ${column}`,
    definition,
    why: `its values are carried as plain data: ${why}`,
    suggestion: suggestion === null ? null : `GENERATED ALWAYS AS (${suggestion}) STORED`,
  }
}

function defineCheck(input: DefinitionInput, check: Check): Check[] {
  const table = input.match.source.name.name
  const object = `check ${check.name ?? ''} on ${table}`.replace('  ', ' ')
  const sql = translated(
    input,
    object,
    `CHECK (${check.expression})`,
    sayerOf(input.dialect).expression(check.expression, { columns: expressionColumns(input), use: 'check' }),
  )
  if (sql) input.conditions.push({ object, index: null, source: check.expression, sql })
  return sql
    ? [
        {
          name: check.name === null ? null : objectName(input, 'constraint', check.name, () => ''),
          expression: sql,
          validated: true,
        },
      ]
    : []
}
