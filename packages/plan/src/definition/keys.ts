import { formatType } from '@rowferry/coerce'
import type { ForeignKey, Key, PgType, Table } from '@rowferry/introspect'
import { sameTable } from '@rowferry/introspect'
import type { TableMatch } from '../match.ts'
import type { DefinitionInput } from './input.ts'
import { castOf, isCaseBlind, objectName } from './input.ts'

/** SQLite allows NULL in most primary keys; a key that holds one becomes a unique constraint, and that is said. */
export function definePrimaryKey(input: DefinitionInput, rename: ReadonlyMap<string, string>): Key | null {
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

export function defineUnique(input: DefinitionInput, key: Key, rename: ReadonlyMap<string, string>): Key[] {
  const columns = key.columns.map((column) => rename.get(column)!)
  return [
    {
      name: objectName(input, 'constraint', key.name, () => `${input.match.name.name}_${columns.join('_')}_key`),
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

export function defineForeignKey(
  input: DefinitionInput,
  key: ForeignKey,
  rename: ReadonlyMap<string, string>,
): ForeignKey[] {
  const source = input.match.source
  const object = `foreign key ${source.name.name}(${key.columns.join(', ')})`
  const definition = `FOREIGN KEY (${key.columns.join(', ')}) REFERENCES ${key.references.name}${key.referencedColumns ? ` (${key.referencedColumns.join(', ')})` : ''}`
  const refuse = (why: string, suggestion: string | null = null): ForeignKey[] => {
    input.notCarried.push({ object, definition, why, suggestion })
    return []
  }
  const parent = parentOf(input, key)
  if (!parent && input.inSource?.(key.references) === false)
    return refuse(`the source itself has no table ${key.references.name}`)
  if (!parent) return refuse(`its parent ${key.references.name} is not among the tables carried`)
  const referenced = key.referencedColumns
  if (!referenced) return refuse(`the columns it means in ${key.references.name} cannot be told`)
  const missing = referenced.filter((column) => !parent.source.columns.some((candidate) => candidate.name === column))
  if (missing.length > 0) return refuse(`${key.references.name} has no column ${missing.join(', ')}`)
  const met = parent.target
    ? isUnique(
        parent.target,
        referenced.map((column) => parent.columns.find((candidate) => candidate.source.name === column)?.name ?? ''),
      )
    : isUnique(parent.source, referenced)
  if (!met)
    return refuse(
      `${key.references.name} (${referenced.join(', ')}) is not unique, so PostgreSQL cannot reference it`,
      `add a unique constraint on ${key.references.name} (${referenced.join(', ')}) first`,
    )
  const parentTypes = parent.target
    ? referenced.map((column) => parent.columns.find((candidate) => candidate.source.name === column)?.target?.type)
    : referenced.map((column) => input.castsOf(parent.source).find((cast) => cast.column === column)?.type)
  const types = key.columns.map((column) => castOf(input, column).type)
  if (types.some((type, index) => !comparable(type, parentTypes[index] ?? undefined))) {
    const say = (list: readonly (PgType | null | undefined)[]) =>
      list.map((type) => (type ? formatType(type) : 'none')).join(', ')
    return refuse(
      `the types of the two sides differ after the crossing: ${say(types)} against ${say(parentTypes)}`,
      `settle one type for both with --cast, such as --cast '${source.name.name}.${key.columns[0]}=…'`,
    )
  }
  if (
    !parent.target &&
    key.columns.some(
      (column, at) => isCaseBlind(input, column) !== (input.caseBlind?.has(parent.source, referenced[at]!) ?? false),
    )
  )
    return refuse(
      `one side compares without case by --nocase ${input.caseBlind?.by}, the other is a key that does not`,
      '--nocase fold keeps both as they are',
    )
  const columns = key.columns.map((column) => rename.get(column)!)
  return [
    {
      ...key,
      name: objectName(input, 'constraint', key.name, () => `${input.match.name.name}_${columns.join('_')}_fkey`),
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

const families = [new Set(['int2', 'int4', 'int8']), new Set(['text', 'varchar']), new Set(['float4', 'float8'])]

/** Within one of these families PostgreSQL compares without converting (its btree operator families), so a foreign key may span them. */
function comparable(child: PgType, parent: PgType | undefined): boolean {
  if (child.oid === parent?.oid) return true
  const both = [child, parent]
  return families.some((family) => both.every((type) => type?.schema === 'pg_catalog' && family.has(type.name)))
}

function isUnique(table: Table, columns: readonly string[]): boolean {
  const same = (key: readonly string[]) =>
    key.length === columns.length && key.every((column) => columns.includes(column))
  return (
    [...(table.primaryKey ? [table.primaryKey] : []), ...table.uniques].some(
      (key) => key.deferrability === 'not deferrable' && same(key.columns),
    ) ||
    table.indexes.some(
      (index) =>
        index.unique &&
        index.constraint === null &&
        index.where === null &&
        index.columns.every((column) => column.column !== null && (column.collation ?? 'BINARY') === 'BINARY') &&
        same(index.columns.map((column) => column.column!)),
    )
  )
}
