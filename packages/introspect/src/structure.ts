import type { Catalog, Column, ForeignKey, Index, Key, PgType, Table } from './catalog.ts'
import { formatTableName } from './catalog.ts'

/** Every object of a database by its name, with what it is in one line: `column users.role` → `user_role not null default 'STUDENT'`. Plain JSON. */
export type Structure = Readonly<Record<string, string>>

/** One object that is not what it was; `before` null: it came since, `now` null: it is gone. */
export interface StructureChange {
  readonly object: string
  readonly before: string | null
  readonly now: string | null
}

/**
 * The structure that `catalogFingerprint` digests, object by object, so that a change has a name. What the fingerprint leaves out
 * (counts, oids, comments, last values) is left out here too, and so are SQLite's verbatim statements of tables, whose parts are listed.
 */
export function describeStructure(catalog: Catalog): Structure {
  const facts = new Map<string, string>()
  const add = (object: string, ...words: readonly (string | null | false)[]): void => {
    let name = object
    for (let copy = 2; facts.has(name); copy++) name = `${object} (${copy})`
    facts.set(name, words.filter((word) => typeof word === 'string' && word !== '').join(' '))
  }
  for (const type of typesOf(catalog)) add(`type ${formatTableName(type)}`, typeText(type))
  for (const table of sorted(catalog.tables, (each) => formatTableName(each.name))) {
    const name = formatTableName(table.name)
    add(`table ${name}`, ...tableWords(table))
    for (const column of table.columns) add(`column ${name}.${column.name}`, ...columnWords(column))
    add(`${ORDER}${name}`, list(table.columns.map((column) => column.name)))
    for (const [object, words] of sorted(constraintsOf(table), (each) => each.flat().join(' ')))
      add(`${object} of ${name}`, ...words)
  }
  for (const view of sorted(catalog.views, (each) => formatTableName(each.name)))
    add(`view ${formatTableName(view.name)}`, view.materialized && 'materialized', view.definition)
  for (const trigger of sorted(catalog.triggers, (each) => each.name + formatTableName(each.table)))
    add(
      `trigger ${trigger.name} of ${formatTableName(trigger.table)}`,
      trigger.definition,
      trigger.enabled && `enabled ${trigger.enabled}`,
    )
  for (const { name, ownedBy, dataType, ...rest } of sorted(catalog.sequences, (each) => formatTableName(each.name)))
    add(
      `sequence ${formatTableName(name)}`,
      dataType,
      `start ${rest.start} increment ${rest.increment} from ${rest.minimum} to ${rest.maximum}`,
      rest.cycle && 'cycle',
      ownedBy && `owned by ${formatTableName(ownedBy.table)}.${ownedBy.column}`,
    )
  return Object.fromEntries(facts)
}

const ORDER = 'order of columns of '

/** What differs, in the order in which the objects are listed: those that were there first, then those that came. */
export function compareStructures(before: Structure, now: Structure): StructureChange[] {
  const has = (structure: Structure, object: string): boolean => Object.hasOwn(structure, object)
  const was = Object.keys(before).filter((object) => !has(now, object) || before[object] !== now[object])
  const came = Object.keys(now).filter((object) => !has(before, object))
  const changes = [...was, ...came].map((object) => ({
    object,
    before: has(before, object) ? before[object]! : null,
    now: has(now, object) ? now[object]! : null,
  }))
  const moved = (table: string): boolean =>
    changes.some((each) => each.object.startsWith(`column ${table}.`) && (each.before === null || each.now === null)) ||
    changes.some((each) => each.object === `table ${table}` && (each.before === null || each.now === null))
  // A column that came or went says it
  return changes.filter(({ object }) => !object.startsWith(ORDER) || !moved(object.slice(ORDER.length)))
}

function tableWords(table: Table): (string | false)[] {
  const facts = table.postgres
  return [
    table.kind,
    table.withoutRowid && 'WITHOUT ROWID',
    !table.enforcesTypes && 'of any type',
    table.rowIdentifier !== null && `rows named by ${table.rowIdentifier}`,
    ...(facts === null
      ? []
      : [
          facts.persistence,
          `owner ${facts.owner}`,
          facts.rowSecurity && 'row security',
          facts.rules.length > 0 && `rules ${JSON.stringify(facts.rules)}`,
          facts.partitionOf !== null && `partition of ${formatTableName(facts.partitionOf)}`,
          facts.inheritsFrom.length > 0 && `inherits ${JSON.stringify(facts.inheritsFrom.map(formatTableName))}`,
          `replica identity ${facts.replicaIdentity}`,
        ]),
  ]
}

function columnWords(column: Column): (string | false)[] {
  return [
    column.declaredType === '' ? 'no type' : column.declaredType,
    column.collation !== null && `collate ${column.collation}`,
    !column.nullable && 'not null',
    column.default !== null && `default ${column.default}`,
    column.generated !== null && `generated ${column.generated.kind} as (${column.generated.expression})`,
    column.identity !== null && `identity ${column.identity}`,
    column.sequence !== null && `from sequence ${formatTableName(column.sequence)}`,
  ]
}

function constraintsOf(table: Table): [object: string, words: (string | false)[]][] {
  const named = (kind: string, name: string | null): string => (name === null ? kind : `${kind} ${name}`)
  return [
    ...(table.primaryKey ? [table.primaryKey] : []).map(
      (key) => [named('primary key', key.name), keyWords(key)] as const,
    ),
    ...table.uniques.map((key) => [named('unique', key.name), keyWords(key)] as const),
    ...table.foreignKeys.map((key) => [named('foreign key', key.name), foreignKeyWords(key)] as const),
    ...table.checks.map(
      (check) =>
        [named('check', check.name), [check.definition ?? check.expression, !check.validated && 'not valid']] as const,
    ),
    ...table.exclusions.map((each) => [named('exclusion', each.name), [each.definition]] as const),
    ...table.indexes.map((index) => [named('index', index.name), indexWords(index)] as const),
  ].map(([object, words]) => [object, [...words]])
}

function keyWords(key: Key): (string | false)[] {
  if (key.definition !== undefined) return [key.definition]
  return [
    list(key.columns),
    key.deferrability !== 'not deferrable' && key.deferrability,
    key.nullsNotDistinct && 'nulls not distinct',
  ]
}

function foreignKeyWords(key: ForeignKey): (string | false)[] {
  if (key.definition !== undefined) return [key.definition, !key.validated && 'not valid']
  return [
    `${list(key.columns)} ${target(key)}`,
    key.deferrability !== 'not deferrable' && key.deferrability,
    !key.validated && 'not valid',
  ]
}

function target(key: ForeignKey): string {
  return [
    `→ ${formatTableName(key.references)}`,
    key.referencedColumns === null ? 'its key' : list(key.referencedColumns),
    key.onDelete === 'no action' ? '' : `on delete ${key.onDelete}`,
    key.onUpdate === 'no action' ? '' : `on update ${key.onUpdate}`,
    key.match === 'simple' ? '' : `match ${key.match}`,
  ]
    .filter((word) => word !== '')
    .join(' ')
}

function indexWords(index: Index): (string | false)[] {
  const state = [index.constraint !== null && `behind the ${index.constraint}`, !index.valid && 'not valid']
  if (index.definition !== null) return [index.definition, ...state]
  const columns = index.columns.map(
    ({ column, expression, descending, nullsFirst, collation }) =>
      `${column ?? '?'}${expression === null ? '' : ` (${expression})`}${collation === null ? '' : ` collate ${collation}`}${descending ? ' desc' : ''}${nullsFirst === null ? '' : nullsFirst ? ' nulls first' : ' nulls last'}`,
  )
  return [
    index.unique && 'unique',
    index.method,
    list(columns),
    index.include.length > 0 && `include ${list(index.include)}`,
    index.where !== null && `where ${index.where}`,
    ...state,
  ]
}

/** Those of the catalog and those that its columns are of, wherever they live. */
function typesOf(catalog: Catalog): PgType[] {
  const found = new Map<string, PgType>()
  const visit = (type: PgType | null | undefined): void => {
    if (!type) return
    const name = formatTableName(type)
    if (type.kind !== 'base' && type.kind !== 'array' && !found.has(name)) found.set(name, type)
    for (const part of [type.element, type.base, type.subtype, ...(type.fields ?? [])]) visit(part)
  }
  for (const type of catalog.types) visit(type)
  for (const table of catalog.tables) for (const column of table.columns) visit(column.type)
  return sorted([...found.values()], formatTableName)
}

function typeText(type: PgType): string {
  return [
    type.kind,
    type.labels && list(type.labels.map((label) => JSON.stringify(label))),
    type.base && `over ${formatTableName(type.base)}`,
    type.element && `of ${formatTableName(type.element)}`,
    type.fields && list(type.fields.map(partText)),
    type.subtype && `over ${partText(type.subtype)}`,
    type.typmod !== -1 && `modifier ${type.typmod}`,
    type.notNull && 'not null',
    ...(type.checks ?? []),
  ]
    .filter((word) => typeof word === 'string')
    .join(' ')
}

function partText(type: PgType): string {
  return `${formatTableName(type)}${type.typmod === -1 ? '' : ` ${type.typmod}`}`
}

function list(names: readonly string[]): string {
  return `(${names.join(', ')})`
}

function sorted<T>(items: readonly T[], name: (item: T) => string): T[] {
  return items.toSorted((a, b) => (name(a) < name(b) ? -1 : 1))
}
