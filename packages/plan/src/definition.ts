import { formatType } from '@rowferry/coerce'
import type { Cast } from '@rowferry/coerce'
import type { Check, Column, ForeignKey, Index, Key, Table } from '@rowferry/introspect'
import { sameTable } from '@rowferry/introspect'
import type { Translation } from '@rowferry/translate'
import { translateDefault, translateExpression } from '@rowferry/translate'
import type { TableMatch } from './match.ts'

/** A part of the source's schema that the target will not have, with what might be written instead. */
export interface NotCarried {
  readonly object: string
  readonly definition: string
  readonly why: string
  readonly suggestion: string | null
}

export interface DefinitionInput {
  readonly match: TableMatch
  readonly casts: readonly Cast[]
  /** All matches: parents of foreign keys are looked up here. */
  readonly matches: readonly TableMatch[]
  /** Casts of every created table, by source name. */
  readonly castsOf: (table: Table) => readonly Cast[]
  /** Source columns in which a NULL was stored. */
  readonly holdsNull: ReadonlySet<string>
  /** Names for constraints and indexes, unique in the target schema and at most 63 bytes. */
  readonly allocate: (wanted: string) => string
  readonly notCarried: NotCarried[]
}

/** The table as PostgreSQL shall have it: what can be proven equal is carried, the rest is listed with its text. */
export function tableDefinition(input: DefinitionInput): Table {
  const { match } = input
  const source = match.source
  const rename = new Map(match.columns.map((column) => [column.source.name, column.name]))
  const columns = match.columns.map(({ source: column, name }, index) => defineColumn(input, column, name, index + 1))
  const primaryKey = definePrimaryKey(input, rename)
  return {
    name: match.name,
    kind: 'table',
    columns: primaryKey
      ? columns.map((column) => (primaryKey.columns.includes(column.name) ? { ...column, nullable: false } : column))
      : columns,
    primaryKey,
    uniques: source.uniques.flatMap((key) => defineUnique(input, key, rename)),
    foreignKeys: source.foreignKeys.flatMap((key) => defineForeignKey(input, key, rename)),
    checks: source.checks.flatMap((check) => defineCheck(input, check)),
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

function castOf(input: DefinitionInput, column: string): Cast {
  return input.casts.find((cast) => cast.column === column)!
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

function context(input: DefinitionInput) {
  return input.match.columns.map(({ source, name }) => {
    const { type, rules } = castOf(input, source.name)
    return {
      name: source.name,
      type: formatType(type),
      target: name,
      declaredType: source.declaredType,
      ...(source.collation === null ? {} : { collation: source.collation }),
      changed: rules.map !== undefined || rules.epoch !== undefined,
    }
  })
}

function defineColumn(input: DefinitionInput, column: Column, name: string, position: number): Column {
  const cast = castOf(input, column.name)
  const object = `${input.match.source.name.name}.${column.name}`
  const type = formatType(cast.type)
  const identity =
    (column.identity === 'rowid' || column.identity === 'autoincrement') && type === 'bigint' ? 'by default' : null
  if (column.generated) {
    input.notCarried.push({
      object: `generated column ${object}`,
      definition: column.generated.expression,
      why: 'its values are carried as plain data; the expression is not',
      suggestion: null,
    })
  }
  const fallback =
    column.default === null || column.generated
      ? null
      : translated(
          input,
          `default of ${object}`,
          column.default,
          translateDefault(column.default, { type, declaredType: column.declaredType }),
        )
  return {
    name,
    position,
    declaredType: type,
    nullable: column.nullable,
    default: fallback,
    generated: null,
    identity,
    sequence: null,
    collation: null,
    type: cast.type,
    comment: column.comment,
  }
}

/** SQLite allows NULL in most primary keys; a key that holds one becomes a unique constraint, and that is said. */
function definePrimaryKey(input: DefinitionInput, rename: ReadonlyMap<string, string>): Key | null {
  const key = input.match.source.primaryKey
  if (!key) return null
  const table = input.match.name.name
  const nulls = key.columns.filter((column) => input.holdsNull.has(column))
  if (nulls.length > 0) {
    input.notCarried.push({
      object: `primary key of ${input.match.source.name.name}`,
      definition: `PRIMARY KEY (${key.columns.join(', ')})`,
      why: `${nulls.join(', ')} holds NULL, which SQLite allows in a primary key and PostgreSQL does not`,
      suggestion: `remove the NULLs, then ALTER TABLE … ADD PRIMARY KEY (${key.columns.join(', ')})`,
    })
    return null
  }
  return {
    name: input.allocate(`${table}_pkey`),
    columns: key.columns.map((column) => rename.get(column)!),
    deferrability: 'not deferrable',
    nullsNotDistinct: false,
  }
}

function defineUnique(input: DefinitionInput, key: Key, rename: ReadonlyMap<string, string>): Key[] {
  const columns = key.columns.map((column) => rename.get(column)!)
  return [
    {
      name: input.allocate(key.name ?? `${input.match.name.name}_${columns.join('_')}_key`),
      columns,
      deferrability: 'not deferrable',
      nullsNotDistinct: false,
    },
  ]
}

/** A parent's name may be written in another case: SQLite compares ASCII letters without it. */
function parentOf(input: DefinitionInput, key: ForeignKey): TableMatch | undefined {
  return input.matches.find((candidate) => sameTable(candidate.source.name, key.references))
}

function defineForeignKey(input: DefinitionInput, key: ForeignKey, rename: ReadonlyMap<string, string>): ForeignKey[] {
  const source = input.match.source
  const object = `foreign key ${source.name.name}(${key.columns.join(', ')})`
  const definition = `FOREIGN KEY (${key.columns.join(', ')}) REFERENCES ${key.references.name}${key.referencedColumns ? ` (${key.referencedColumns.join(', ')})` : ''}`
  const refuse = (why: string, suggestion: string | null = null): ForeignKey[] => {
    input.notCarried.push({ object, definition, why, suggestion })
    return []
  }
  const parent = parentOf(input, key)
  if (!parent) return refuse(`its parent ${key.references.name} is not among the tables carried`)
  const referenced = key.referencedColumns
  if (!referenced) return refuse(`the columns it means in ${key.references.name} cannot be told`)
  const missing = referenced.filter((column) => !parent.source.columns.some((candidate) => candidate.name === column))
  if (missing.length > 0) return refuse(`${key.references.name} has no column ${missing.join(', ')}`)
  if (!isUnique(parent.source, referenced))
    return refuse(
      `${key.references.name} (${referenced.join(', ')}) is not unique, so PostgreSQL cannot reference it`,
      `add a unique constraint on ${key.references.name} (${referenced.join(', ')}) first`,
    )
  const parentTypes = parent.target
    ? referenced.map(
        (column) => parent.columns.find((candidate) => candidate.source.name === column)?.target?.type?.oid,
      )
    : referenced.map((column) => input.castsOf(parent.source).find((cast) => cast.column === column)?.type.oid)
  const types = key.columns.map((column) => castOf(input, column).type.oid)
  if (types.some((oid, index) => oid !== parentTypes[index]))
    return refuse('the types of the two sides differ after the crossing')
  const columns = key.columns.map((column) => rename.get(column)!)
  return [
    {
      ...key,
      name: input.allocate(key.name ?? `${input.match.name.name}_${columns.join('_')}_fkey`),
      columns,
      references: parent.name,
      referencedColumns: referenced.map(
        (column) => parent.columns.find((candidate) => candidate.source.name === column)!.name,
      ),
      match: 'simple',
      validated: true,
    },
  ]
}

function isUnique(table: Table, columns: readonly string[]): boolean {
  const same = (key: readonly string[]) =>
    key.length === columns.length && key.every((column) => columns.includes(column))
  return (
    (table.primaryKey !== null && same(table.primaryKey.columns)) ||
    table.uniques.some((key) => same(key.columns)) ||
    table.indexes.some(
      (index) =>
        index.unique &&
        index.where === null &&
        index.columns.every((column) => column.column !== null && (column.collation ?? 'BINARY') === 'BINARY') &&
        same(index.columns.map((column) => column.column!)),
    )
  )
}

function defineCheck(input: DefinitionInput, check: Check): Check[] {
  const table = input.match.source.name.name
  const sql = translated(
    input,
    `check ${check.name ?? ''} on ${table}`.replace('  ', ' '),
    `CHECK (${check.expression})`,
    translateExpression(check.expression, { columns: context(input), use: 'check' }),
  )
  return sql
    ? [{ name: check.name === null ? null : input.allocate(check.name), expression: sql, validated: true }]
    : []
}

function defineIndex(input: DefinitionInput, index: Index, rename: ReadonlyMap<string, string>): Index[] {
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
    const translation = translateExpression(column.expression ?? '', { columns: context(input), use: 'index' })
    return translation.ok ? { ...column, expression: translation.sql, collation: null } : null
  })
  const where =
    index.where === null ? null : translateExpression(index.where, { columns: context(input), use: 'where' })
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
function foldingIndexes(input: DefinitionInput, rename: ReadonlyMap<string, string>): Index[] {
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
